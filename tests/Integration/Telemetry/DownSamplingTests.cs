using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Storage;
using Twin.Telemetry.Keeping;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Down-sampling by rule, over real HTTP on a real store.</summary>
public abstract class DownSamplingTests(StoreKind kind)
{
    private const int Days = 130;
    private const int PerDay = 288;

    private static readonly (string, string)[] Rules =
    [
        ("Twin:Telemetry:DownSampling:0:After", "P30D"), ("Twin:Telemetry:DownSampling:0:Step", "PT1H"), ("Twin:Telemetry:DownSampling:0:Attribute", "t"),
        ("Twin:Telemetry:DownSampling:1:After", "P100D"), ("Twin:Telemetry:DownSampling:1:Step", "P1D"), ("Twin:Telemetry:DownSampling:1:Attribute", "t"),
        ("Twin:Telemetry:DownSampling:2:After", "P30D"), ("Twin:Telemetry:DownSampling:2:Step", "PT1H"), ("Twin:Telemetry:DownSampling:2:Attribute", "door"),
    ];

    private readonly DateTime first = DateTime.UtcNow.Date.AddDays(-Days);

    [Fact]
    public async Task Aggregates_over_whole_steps_are_the_same_before_and_after_whatever_comes_late_and_however_often_it_is_done()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        string days, months;
        int count;
        await using (var node = await HistoryNode.StartAsync(store, Rules))
        {
            var random = new Random(11);
            await SendAsync(node, Enumerable.Range(0, Days * PerDay).Select(i => Row("t", first.AddMinutes(5 * i), Value(random))));
            await node.SealAsync();
            (days, months) = (await AskAsync(node, "P1D"), await AskAsync(node, "P30D"));
            var hours = await AskAsync(node, "PT1H", from: 101, until: 120);
            var keeping = node.Services.GetRequiredService<KeepingService>();
            var pass = await keeping.RunAsync(TestContext.Current.CancellationToken);
            Assert.Equal(KeepingState.Completed, pass.State);
            Same(days, await AskAsync(node, "P1D"));
            Same(months, await AskAsync(node, "P30D"));
            Same(hours, await AskAsync(node, "PT1H", from: 101, until: 120));
            Assert.Equal((1, 1), (pass.Rules[0].Series, pass.Rules[0].SeriesDone));
            // 30 whole days have become one point each, 70 days and the hours of today 24 a day.
            count = (await node.PointsAsync(null, "urn:d:1", "t")).Count;
            Assert.InRange(count, (29 * PerDay) + (71 * 24) + 30, (30 * PerDay) + (70 * 24) + 30);
            Assert.InRange(pass.Rules[1].PointsAfter, 29, 31);
            Assert.InRange(pass.Rules[1].PointsBefore, 29 * PerDay, 31 * PerDay);

            // Late points, of which one has the very time of a step.
            await SendAsync(node, [Row("t", first.AddDays(3), "77.7"), Row("t", first.AddDays(3).AddMinutes(7), "-50"), Row("t", first.AddDays(50).AddHours(5).AddMinutes(1), "1000")]);
            days = await AskAsync(node, "P1D");
            Assert.Contains("1000", days, StringComparison.Ordinal);
            Assert.Equal(Days * PerDay + 3, Counts(days));
            await node.SealAsync();
            Same(days, await AskAsync(node, "P1D"));
            await keeping.RunAsync(TestContext.Current.CancellationToken);
            Same(days, await AskAsync(node, "P1D"));
            Assert.InRange((await node.PointsAsync(null, "urn:d:1", "t")).Count, count - 12, count);
            count = (await node.PointsAsync(null, "urn:d:1", "t")).Count;
        }

        await using (var node = await HistoryNode.StartAsync(store, Rules))
        {
            await node.Services.GetRequiredService<KeepingService>().RunAsync(TestContext.Current.CancellationToken);
            Same(days, await AskAsync(node, "P1D"));
            Assert.InRange((await node.PointsAsync(null, "urn:d:1", "t")).Count, count - 12, count);
            Assert.Equal(Days * PerDay + 3, Counts(await AskAsync(node, "P30D")));
        }
    }

    [Fact]
    public async Task The_point_of_a_step_is_the_mean_at_its_start_or_the_last_value_that_is_no_number_at_its_own_time()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, Rules);
        var day = DateTime.UtcNow.Date.AddDays(-40);
        await SendAsync(node, [
            Row("t", day.AddMinutes(1), "20.5"), Row("t", day.AddMinutes(2), "21"), Row("t", day.AddMinutes(3), "21"), Row("t", day.AddHours(1).AddMinutes(5), "3"),
            Row("door", day.AddMinutes(1), "open"), Row("door", day.AddMinutes(9), "shut"), Row("door", day.AddMinutes(70), "true"), Row("door", day.AddMinutes(80), "false")]);
        await node.SealAsync();
        await node.Services.GetRequiredService<KeepingService>().RunAsync(TestContext.Current.CancellationToken);
        var entity = (await node.Of(null).GetAsync("/temporal/entities/urn:d:1?options=temporalValues")).Is(HttpStatusCode.OK).Json;
        Assert.Equal($"[[20.8333,\"{day:yyyy-MM-ddTHH:mm:ssZ}\"],[3,\"{day.AddMinutes(65):yyyy-MM-ddTHH:mm:ssZ}\"]]", entity["t"]!["values"]!.ToJsonString());
        Assert.Equal($"[[\"shut\",\"{day.AddMinutes(9):yyyy-MM-ddTHH:mm:ssZ}\"],[false,\"{day.AddMinutes(80):yyyy-MM-ddTHH:mm:ssZ}\"]]", entity["door"]!["values"]!.ToJsonString());
        var instance = (string)(await node.Of(null).GetAsync("/temporal/entities/urn:d:1?attrs=t")).Json["t"]![0]!["instanceId"]!;
        (await node.Of(null).SendAsync(HttpMethod.Patch, $"/temporal/entities/urn:d:1/attrs/t/{instance}", """{"type":"Property","value":1}""", "application/json")).Refuses(HttpStatusCode.UnprocessableEntity, "OperationNotSupported");
        (await node.Of(null).SendAsync(HttpMethod.Delete, $"/temporal/entities/urn:d:1/attrs/t/{instance}", null, null)).Is(HttpStatusCode.NoContent);
        Assert.Single(await node.PointsAsync(null, "urn:d:1", "t"));
        await node.SealAsync();
        Assert.Single(await node.PointsAsync(null, "urn:d:1", "t"));
    }

    [Fact]
    public async Task An_operator_sees_how_far_it_is_and_begins_it()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, Rules);
        await SendAsync(node, Enumerable.Range(0, 600).Select(i => Row("t", first.AddMinutes(5 * i), "1")));
        await node.SealAsync();
        var before = (await node.GetAsync("/history/keeping")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(("idle", "downSampling", "P30D", "PT1H", "t"), ((string)before["state"]!, (string)before["rules"]![0]!["kind"]!, (string)before["rules"]![0]!["after"]!, (string)before["rules"]![0]!["step"]!, (string)before["rules"]![0]!["attribute"]!));
        Assert.NotNull(before["nextPassAt"]);
        using (var ended = await node.Http.DeleteAsync("/history/keeping", TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.NotFound, ended.StatusCode);
        }

        using (var begun = await node.Http.PostAsync("/history/keeping", null, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        }

        JsonNode after = before;
        Assert.True(await Eventually.HoldsAsync(
            async () =>
            {
                after = (await node.GetAsync("/history/keeping")).Is(HttpStatusCode.OK).Json;
                return (string?)after["pass"]?["state"] == "completed";
            },
            30,
            TestContext.Current.CancellationToken));
        Assert.Equal((1, 1, 600), ((int)after["rules"]![1]!["series"]!, (int)after["rules"]![1]!["seriesDone"]!, (int)after["rules"]![1]!["pointsBefore"]!));
        Assert.Equal(3, (await node.PointsAsync(null, "urn:d:1", "t")).Count);
    }

    private async Task<string> AskAsync(HistoryNode node, string period, int from = 0, int until = Days + 1) => (await node.Of(null).GetAsync(
        $"/temporal/entities/urn:d:1?attrs=t&timerel=between&timeAt={first.AddDays(from):yyyy-MM-ddTHH:mm:ssZ}&endTimeAt={first.AddDays(until):yyyy-MM-ddTHH:mm:ssZ}&format=aggregatedValues&aggrMethods=totalCount,sum,avg,min,max,stddev,sumsq&aggrPeriodDuration={period}"))
        .Is(HttpStatusCode.OK).Json["t"]!.ToJsonString();

    private static long Counts(string answer) => JsonNode.Parse(answer)!["totalCount"]!.AsArray().Sum(static one => (long)one![0]!);

    /// <summary>The same to the last digit: decimals are summed as integers.</summary>
    private static void Same(string expected, string found) => Assert.Equal(expected, found);

    private static string Value(Random random) => (random.Next(-500, 500) / 10m).ToString(CultureInfo.InvariantCulture);

    private static string Row(string attribute, DateTime time, string value) => string.Create(CultureInfo.InvariantCulture, $"urn:d:1,{attribute},{time:yyyy-MM-ddTHH:mm:ssZ},{value}\n");

    private static async Task SendAsync(HistoryNode node, IEnumerable<string> rows) =>
        (await node.IngestAsync("entity,attribute,observedAt,value\n" + string.Concat(rows))).Is(HttpStatusCode.OK);
}

public sealed class DownSamplingOnSqliteTests() : DownSamplingTests(StoreKind.Sqlite);

public sealed class DownSamplingOnPostgresTests() : DownSamplingTests(StoreKind.PostgreSql);
