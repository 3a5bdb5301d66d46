using System.Globalization;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary>
/// <c>kill -9</c> while points come in and are sealed into chunks all the time, again and again on the same store.
/// <c>TWIN_CRASH_ROUNDS</c> sets how often (5).
/// </summary>
public sealed class HistoryCrashTests(ITestOutputHelper output)
{
    private const int Writers = 3;

    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("TWIN_CRASH_ROUNDS") ?? "5", CultureInfo.InvariantCulture);
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("TWIN_CRASH_SEED") ?? "6", CultureInfo.InvariantCulture);

    /// <summary>Sealing is never done: a few bodies fill the tail.</summary>
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["Twin__Telemetry__SealPoints"] = "500",
        ["Twin__Telemetry__SealBlocks"] = "4",
        ["Twin__Telemetry__PageInstances"] = "50000",
    };

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task A_kill_while_points_are_sealed_loses_none_that_was_acknowledged_and_doubles_none(StoreKind kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var store = await TestStore.CreateAsync(kind, cancel);
        var random = new Random(Seed);
        HistoryWriter[] writers = [.. Enumerable.Range(1, Writers).Select(number => new HistoryWriter(number, new Random(random.Next())))];
        for (var round = 0; round < Rounds; round++)
        {
            await using var node = await NodeProcess.StartAsync(store.Options, Settings, cancel);
            await CheckAsync(node, writers, cancel);
            await WriteAndKillAsync(node, writers, random, cancel);
        }

        await using var last = await NodeProcess.StartAsync(store.Options, Settings, cancel);
        await CheckAsync(last, writers, cancel);
        var acknowledged = writers.Sum(static writer => writer.Acknowledged);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{kind}: {Rounds} kills, {acknowledged} acknowledged bodies, {writers.Sum(static writer => writer.Points)} points at the end; none lost, none doubled."));
        Assert.True(acknowledged > Rounds * 10L, "The rounds were too short to say anything.");
    }

    private static async Task WriteAndKillAsync(NodeProcess node, HistoryWriter[] writers, Random random, CancellationToken cancellationToken)
    {
        var left = random.Next(15, 150);
        var pause = TimeSpan.FromMicroseconds(random.Next(0, 20_000));
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var http = new HttpClient { BaseAddress = node.Http };
        var writing = writers.Select(writer => writer.WriteAsync(
            http,
            () =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    enough.SetResult();
                }
            },
            cancellationToken)).ToArray();
        await Task.WhenAny([enough.Task, .. writing]);
        await Task.Delay(pause, cancellationToken);
        await node.KillAsync();
        await Task.WhenAll(writing);
    }

    private static async Task CheckAsync(NodeProcess node, HistoryWriter[] writers, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        foreach (var writer in writers)
        {
            await writer.CheckAsync(http, cancellationToken);
        }
    }
}
