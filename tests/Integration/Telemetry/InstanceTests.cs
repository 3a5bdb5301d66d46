using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Storage;
using Twin.Telemetry.Keeping;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Single instances are changed and deleted within large chunks and among steps, and every aggregate knows it (5.6.14, 5.6.15).</summary>
public abstract class InstanceTests(StoreKind kind)
{
    /// <summary>Two full chunks and a half.</summary>
    private const int Points = 40_000;

    private static readonly (string, string)[] Rules = [("Twin:Telemetry:DownSampling:0:After", "P30D"), ("Twin:Telemetry:DownSampling:0:Step", "PT1H"), ("Twin:Telemetry:TellMilliseconds", "0")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_chunks_an_instance_can_be_changed_and_deleted_wherever_it_lies()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        var first = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var expected = Readings();
        await using (var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0")))
        {
            await SendAsync(node, first, expected);
            await node.SealAsync();
            await SameAsync(node, first, expected);
            // The first and the last of all, those at the borders of chunks (16,384 points each), and some within.
            int[] changed = [0, 7, 16_383, 16_384, 20_000, Points - 1];
            int[] deleted = [1, 100, 16_382, 16_385, 32_767, 32_768, Points - 2];
            foreach (var at in changed)
            {
                expected[first.AddMinutes(at)] = 1000 + at + 0.5m;
                await ChangeAsync(node, first.AddMinutes(at), 1000 + at + 0.5m);
            }

            foreach (var at in deleted)
            {
                expected.Remove(first.AddMinutes(at));
                await DeleteAsync(node, first.AddMinutes(at));
            }

            // As the newer points lie over the chunks, in the chunks, and once more at those very places.
            await SameAsync(node, first, expected);
            await node.SealAsync();
            await SameAsync(node, first, expected);
            expected[first.AddMinutes(16_384)] = -3.1m;
            await ChangeAsync(node, first.AddMinutes(16_384), -3.1m);
            expected[first.AddMinutes(16_385)] = 4.2m;
            IngestTests.Counts(await node.IngestAsync($"entity,attribute,observedAt,value\nurn:d:1,t,{Time(first.AddMinutes(16_385))},4.2\n"), taken: 1);
            expected.Remove(first);
            await DeleteAsync(node, first);
            await SameAsync(node, first, expected);
        }

        await using (var node = await HistoryNode.StartAsync(store))
        {
            await SameAsync(node, first, expected);
            Assert.Equal(expected.Select(static one => one.Key.Ticks), (await node.PointsAsync(null, "urn:d:1", "t")).Select(static point => point.Time));
        }
    }

    [Fact]
    public async Task Among_steps_one_can_be_deleted_whole_and_what_is_no_step_yet_changed_and_the_sums_stay_exact()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        // Ten days and more are steps, the rest is as it was measured.
        var first = DateTime.UtcNow.Date.AddDays(-41);
        var expected = Readings(first);
        await using (var node = await HistoryNode.StartAsync(store, Rules))
        {
            var keeping = node.Services.GetRequiredService<KeepingService>();
            await SendAsync(node, first, expected);
            await node.SealAsync();
            await keeping.RunAsync(Token);
            await SameAsync(node, first, expected, days: true);

            // A step within, and the first of all.
            foreach (var hour in new[] { 0, 77 })
            {
                var instance = await InstanceAsync(node, first.AddHours(hour));
                using (var content = new StringContent("""{"type":"Property","value":1}""", System.Text.Encoding.UTF8, "application/json"))
                {
                    using var refused = await node.Http.PatchAsync($"/ngsi-ld/v1/temporal/entities/urn:d:1/attrs/t/{instance}", content, Token);
                    Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
                }

                await DeleteAsync(node, first.AddHours(hour));
                for (var minute = 0; minute < 60; minute++)
                {
                    expected.Remove(first.AddHours(hour).AddMinutes(minute));
                }
            }

            expected[first.AddMinutes(Points - 10)] = 99.9m;
            await ChangeAsync(node, first.AddMinutes(Points - 10), 99.9m);
            expected.Remove(first.AddMinutes(Points - 500));
            await DeleteAsync(node, first.AddMinutes(Points - 500));
            // A late one for the step that is gone, and one for a step that is there.
            foreach (var late in new[] { first.AddHours(77).AddMinutes(5), first.AddHours(80).AddSeconds(90) })
            {
                expected[late] = 12.3m;
                IngestTests.Counts(await node.IngestAsync($"entity,attribute,observedAt,value\nurn:d:1,t,{Time(late)},12.3\n"), taken: 1);
            }

            await SameAsync(node, first, expected, days: true);
            await node.SealAsync();
            await SameAsync(node, first, expected, days: true);
            await keeping.RunAsync(Token);
            await SameAsync(node, first, expected, days: true);
        }

        await using (var node = await HistoryNode.StartAsync(store, Rules))
        {
            await node.Services.GetRequiredService<KeepingService>().RunAsync(Token);
            await SameAsync(node, first, expected, days: true);
        }
    }

    private static SortedDictionary<DateTime, decimal> Readings(DateTime? first = null)
    {
        var random = new Random(3);
        var start = first ?? new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        return new(Enumerable.Range(0, Points).ToDictionary(i => start.AddMinutes(i), _ => random.Next(-400, 400) / 10m));
    }

    private static async Task SendAsync(HistoryNode node, DateTime first, SortedDictionary<DateTime, decimal> readings)
    {
        var rows = readings.Select(one => string.Create(CultureInfo.InvariantCulture, $"urn:d:1,t,{Time(one.Key)},{one.Value}\n"));
        IngestTests.Counts(await node.IngestAsync("entity,attribute,observedAt,value\n" + string.Concat(rows)), taken: readings.Count);
        Assert.Equal(first, readings.Keys.First());
    }

    /// <summary>What periods say is what the readings themselves sum up to.</summary>
    private static async Task SameAsync(HistoryNode node, DateTime first, SortedDictionary<DateTime, decimal> expected, bool days = false)
    {
        var answer = (await node.Of(null).GetAsync(
            $"/temporal/entities/urn:d:1?attrs=t&timerel=between&timeAt={Time(first)}&endTimeAt={Time(first.AddDays(40))}&format=aggregatedValues&aggrMethods=totalCount,sum,min,max&aggrPeriodDuration={(days ? "P1D" : "PT1H")}"))
            .Is(HttpStatusCode.OK).Json["t"]!;
        var periods = expected.GroupBy(one => days ? one.Key.Date : one.Key.Date.AddHours(one.Key.Hour)).ToList();
        foreach (var (method, of) in new (string, Func<IEnumerable<decimal>, decimal>)[] { ("totalCount", static one => one.Count()), ("sum", static one => one.Sum()), ("min", static one => one.Min()), ("max", static one => one.Max()) })
        {
            Assert.Equal(
                periods.Select(period => (Time(period.Key), of(period.Select(static one => one.Value)))),
                answer[method]!.AsArray().Where(one => one![0] is not null && (method != "totalCount" || (int)one[0]! > 0))
                    .Select(static one => ((string)one![1]!, (decimal)one[0]!)));
        }
    }

    private static async Task<string> InstanceAsync(HistoryNode node, DateTime time)
    {
        var entity = (await node.Of(null).GetAsync($"/temporal/entities/urn:d:1?attrs=t&timerel=between&timeAt={Time(time)}&endTimeAt={Time(time.AddSeconds(1))}")).Is(HttpStatusCode.OK).Json;
        var instance = entity["t"]!;
        return (string)(instance is System.Text.Json.Nodes.JsonArray array ? Assert.Single(array)! : instance)["instanceId"]!;
    }

    private static async Task ChangeAsync(HistoryNode node, DateTime time, decimal value) =>
        (await node.Of(null).SendAsync(
            HttpMethod.Patch,
            $"/temporal/entities/urn:d:1/attrs/t/{await InstanceAsync(node, time)}",
            string.Create(CultureInfo.InvariantCulture, $$"""{"type":"Property","value":{{value}},"observedAt":"{{Time(time)}}"}"""),
            "application/json")).Is(HttpStatusCode.NoContent);

    private static async Task DeleteAsync(HistoryNode node, DateTime time) =>
        (await node.Of(null).SendAsync(HttpMethod.Delete, $"/temporal/entities/urn:d:1/attrs/t/{await InstanceAsync(node, time)}", null, null)).Is(HttpStatusCode.NoContent);

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

public sealed class InstancesOnSqliteTests() : InstanceTests(StoreKind.Sqlite);

public sealed class InstancesOnPostgresTests() : InstanceTests(StoreKind.PostgreSql);
