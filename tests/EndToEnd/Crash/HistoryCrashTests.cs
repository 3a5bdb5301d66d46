using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary>
/// <c>kill -9</c> while points come in and all the time are sealed into chunks, become steps, go by retention and are erased,
/// again and again on the same store.
/// </summary>
public sealed class HistoryCrashTests(ITestOutputHelper output)
{
    private const int Writers = 3;

    /// <summary>Sealing is never done: a few bodies fill the tail. Nor is the keeping: a second after a pass comes the next.</summary>
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["Twin__Telemetry__SealPoints"] = "500",
        ["Twin__Telemetry__SealBlocks"] = "4",
        ["Twin__Telemetry__PageInstances"] = "50000",
        ["Twin__Telemetry__KeepingSeconds"] = "1",
        ["Twin__Telemetry__DownSampling__0__Attribute"] = "sampled",
        ["Twin__Telemetry__DownSampling__0__After"] = "P5D",
        ["Twin__Telemetry__DownSampling__0__Step"] = "PT1H",
        ["Twin__Telemetry__DownSampling__1__Attribute"] = "sampled",
        ["Twin__Telemetry__DownSampling__1__After"] = "P20D",
        ["Twin__Telemetry__DownSampling__1__Step"] = "P1D",
        ["Twin__Telemetry__Retention__0__Attribute"] = "kept",
        ["Twin__Telemetry__Retention__0__Keep"] = "P30D",
    };

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task A_kill_while_points_are_sealed_sampled_forgotten_and_erased_loses_none_that_was_acknowledged_and_doubles_none(StoreKind kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var store = await TestStore.CreateAsync(kind, cancel);
        var random = CrashRounds.Random(6);
        HistoryWriter[] writers = [.. Enumerable.Range(1, Writers).Select(number => new HistoryWriter(number, new Random(random.Next())))];
        var (keeping, erasing) = (0, 0);
        for (var round = 0; round < CrashRounds.Count; round++)
        {
            await using var node = await NodeProcess.StartAsync(store.Options, Settings, cancel);
            using var http = new HttpClient { BaseAddress = node.Http };
            await CheckAsync(http, writers, cancel);
            await CrashRounds.WriteAndKillAsync(
                node,
                writers.Select(writer => (Func<Action, CancellationToken, Task>)((acknowledged, stop) => writer.WriteAsync(http, acknowledged, stop)))
                    .Append((_, stop) => KeepAsync(http, stop)),
                (15, 150),
                random,
                async () =>
                {
                    var now = await http.GetFromJsonAsync<JsonElement>("/history/keeping", cancel);
                    keeping += now.GetProperty("state").GetString() == "running" ? 1 : 0;
                    var erasures = await http.GetFromJsonAsync<JsonElement>("/history/erasures", cancel);
                    erasing += erasures.EnumerateArray().Any(static one => one.GetProperty("state").GetString() != "completed") ? 1 : 0;
                },
                cancel);
        }

        await using var last = await NodeProcess.StartAsync(store.Options, Settings, cancel);
        using var again = new HttpClient { BaseAddress = last.Http };
        await CheckAsync(again, writers, cancel);
        var acknowledged = writers.Sum(static writer => writer.Acknowledged);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}: {CrashRounds.Count} kills, {keeping} of them in a pass of the keeping and {erasing} in an erasure; {acknowledged} acknowledged bodies, {writers.Sum(static writer => writer.Points)} points and {writers.Sum(static writer => writer.Sampled)} in steps at the end, {writers.Sum(static writer => writer.Erased)} histories erased; none lost, none doubled, sums exact."));
        Assert.True(acknowledged > CrashRounds.Count * 10L, "The rounds were too short to say anything.");
    }

    /// <summary>Asks for pass after pass until the node is gone.</summary>
    private static async Task KeepAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var answer = await http.PostAsync("/history/keeping", null, cancellationToken);
                await Task.Delay(5, cancellationToken);
            }
        }
        catch (HttpRequestException)
        {
            // The node was killed.
        }
    }

    private static async Task CheckAsync(HttpClient http, HistoryWriter[] writers, CancellationToken cancellationToken)
    {
        foreach (var writer in writers)
        {
            await writer.CheckAsync(http, cancellationToken);
        }
    }
}
