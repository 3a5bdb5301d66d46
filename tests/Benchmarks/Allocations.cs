using System.Text.Json;
using System.Text.Json.Serialization;

namespace Twin.Tests.Benchmarks;

/// <summary>
/// Bytes allocated by one of each: the figure of a benchmark that is the same on a busy machine and on a quiet one.
/// </summary>
/// <param name="Retrieve">One entity retrieved.</param>
/// <param name="QueryOf20">One query by type with its page of 20 entities.</param>
/// <param name="BatchedEntity">One entity of a batch upsert of 100, to its durable commit.</param>
public sealed record Allocations(long Retrieve, long QueryOf20, long BatchedEntity)
{
    private const int Warm = 2000;
    private const int Iterations = 1000;

    /// <summary>Measures on a registry with 10,000 entities. Nothing else may run in the process.</summary>
    public static async Task<Allocations> MeasureAsync()
    {
        await using var workload = await RegistryWorkload.StartAsync();
        return new Allocations(
            await PerCallAsync(workload.Retrieve, Warm, Iterations),
            await PerCallAsync(_ => workload.Query(), Warm, Iterations),
            await PerCallAsync(workload.Upsert, Warm / RegistryWorkload.BatchSize * 5, Iterations / 10) / RegistryWorkload.BatchSize);
    }

    /// <summary>Reads the figures that are committed.</summary>
    public static Allocations Read(string path) => JsonSerializer.Deserialize(File.ReadAllText(path), AllocationsJson.Default.Allocations)!;

    /// <summary>Writes the figures that will be committed.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, AllocationsJson.Default.Allocations) + "\n");

    /// <summary>
    /// All threads count: a write goes on in the committer. The requests are made beforehand, and the least of five
    /// rounds is taken, since what else the runtime does now and then only adds.
    /// </summary>
    private static async Task<long> PerCallAsync(Func<int, RegistryWorkload.Call> call, int warm, int iterations)
    {
        for (var i = 0; i < warm; i++)
        {
            await call(i).RunAsync();
        }

        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var calls = Enumerable.Range(0, iterations).Select(call).ToArray();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            foreach (var one in calls)
            {
                await one.RunAsync();
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / iterations);
        }

        return least;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Allocations))]
internal sealed partial class AllocationsJson : JsonSerializerContext;
