using Twin.Tests.Benchmarks;
using Xunit;

namespace Twin.Tests.Contract.Allocated;

/// <summary>
/// Bytes allocated by the hot paths against <c>tests/Benchmarks/allocations.json</c>. When less is enough, or more is
/// worth it, write the file anew: <c>dotnet run --project tests/Benchmarks -c Release -- allocations tests/Benchmarks/allocations.json</c>.
/// </summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const double Tolerance = 1.10;

    [Fact]
    public async Task A_retrieve_a_page_and_a_batched_entity_allocate_no_more_than_is_committed()
    {
        Assert.SkipWhen(Debugging, "A debug build allocates more; run the tests in Release.");
        var committed = Allocations.Read(Path.Combine(AppContext.BaseDirectory, "allocations.json"));

        var measured = await Allocations.MeasureAsync();

        output.WriteLine($"committed {committed}, measured {measured}");
        Assert.True(measured.Retrieve <= committed.Retrieve * Tolerance, $"A retrieve allocates {measured.Retrieve} bytes; {committed.Retrieve} are committed.");
        Assert.True(measured.QueryOf20 <= committed.QueryOf20 * Tolerance, $"A page of 20 allocates {measured.QueryOf20} bytes; {committed.QueryOf20} are committed.");
        Assert.True(measured.BatchedEntity <= committed.BatchedEntity * Tolerance, $"A batched entity allocates {measured.BatchedEntity} bytes; {committed.BatchedEntity} are committed.");
    }

#if DEBUG
    private static bool Debugging => true;
#else
    private static bool Debugging => false;
#endif
}

/// <summary>Tests that count what the whole process does run when nothing else does.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
