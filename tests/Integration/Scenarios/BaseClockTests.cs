using System.Globalization;
using System.Net;
using System.Text;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>Scenarios on the past, the present and a forecast, on both stores.</summary>
public abstract class BaseClockTests(StoreKind kind)
{
    [Fact]
    public Task A_scenario_on_the_past_has_the_twin_as_it_was() => WithNodeAsync(async node =>
    {
        await node.Twin.CreateAsync("""{"id":"urn:b:1","type":"Building","height":{"type":"Property","value":10,"observedAt":"2026-01-01T00:00:00Z"}}""");
        (await node.Twin.PatchAsync("/entities/urn:b:1/attrs/height", """{"type":"Property","value":12,"observedAt":"2026-02-01T00:00:00Z"}""")).Is(HttpStatusCode.NoContent);
        await node.Twin.CreateAsync("""{"id":"urn:b:2","type":"Building","height":{"type":"Property","value":11,"observedAt":"2026-02-01T00:00:00Z"}}""");
        var path = (await node.SendAsync(HttpMethod.Post, "/scenarios", """{"name":"Then","base":{"at":"2026-01-15T00:00:00Z"},"interventions":[{"type":"population","entity":"urn:b:1","jobs":5}]}""")).Is(HttpStatusCode.Created)["Location"]!;

        var then = (await node.GetAsync(path + "/entities/urn:b:1")).Is(HttpStatusCode.OK).Json;
        Assert.Equal((10, 5), ((int)then["height"]!["value"]!, (int)then["jobs"]!["value"]!));
        Assert.Equal(["urn:b:1"], (await node.GetAsync(path + "/entities?type=Building")).Is(HttpStatusCode.OK).Ids);
        Assert.Equal("""{"at":"2026-01-15T00:00:00Z"}""", (await node.GetAsync(path)).Json["base"]!.ToJsonString());

        // What was not there then is not changed then; the present has another hash, and does not merge with the past.
        Assert.Equal("/interventions/0/entity", (await node.SendAsync(HttpMethod.Post, "/scenarios", """{"name":"x","base":{"at":"2026-01-15T00:00:00Z"},"interventions":[{"type":"population","entity":"urn:b:2","jobs":5}]}""")).Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);
        var now = await node.BeginAsync("Now", """[{"type":"population","entity":"urn:b:1","jobs":5}]""");
        Assert.NotEqual((string)(await node.GetAsync(path)).Json["hash"]!, (string)(await node.GetAsync(now)).Json["hash"]!);
        Assert.Equal("/from", (await node.SendAsync(HttpMethod.Post, now + "/merge", $$"""{"from":"{{path[(path.LastIndexOf('/') + 1)..]}}"}""", "*")).Refuses(HttpStatusCode.Conflict, "Conflict").Member);
    });

    [Fact]
    public Task A_scenario_on_a_forecast_has_the_median_where_a_model_says_it_and_names_the_model() => WithNodeAsync(async node =>
    {
        await node.Twin.CreateAsync("""{"id":"urn:d:1","type":"Device","temperature":{"type":"Property","value":1,"unitCode":"CEL"},"height":{"type":"Property","value":3}}""");
        var today = TimeProvider.System.GetUtcNow();
        var hour = new DateTimeOffset(today.Year, today.Month, today.Day, today.Hour, 0, 0, TimeSpan.Zero);
        var rows = new StringBuilder("entity,attribute,observedAt,value\n");
        for (var i = -24 * 30; i < 0; i++)
        {
            rows.Append(CultureInfo.InvariantCulture, $"urn:d:1,temperature,{hour.AddHours(i):yyyy-MM-ddTHH:mm:ss}Z,{Value(hour.AddHours(i)):F3}\n");
        }

        (await node.IngestAsync(rows.ToString())).Is(HttpStatusCode.OK);
        var model = (string)(await node.SendAsync(HttpMethod.Post, "/forecasts/models", """{"entity":"urn:d:1","attribute":"temperature","model":"seasonalNaive","horizon":24,"validFor":"P1Y","name":"day"}""")).Is(HttpStatusCode.Created).Json["id"]!;
        var time = hour.AddHours(7.5).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var path = (await node.SendAsync(HttpMethod.Post, "/scenarios", $$"""
            {"name":"Soon","base":{"forecast":"{{time}}"},"interventions":[
              {"type":"population","entity":"urn:d:1","jobs":5},
              {"type":"population","entity":"urn:d:1","residents":7,"validFrom":"2200-01-01T00:00:00Z"}]}
            """)).Is(HttpStatusCode.Created)["Location"]!;

        var soon = (await node.GetAsync(path + "/entities/urn:d:1")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(Value(hour.AddHours(7)), (double)soon["temperature"]!["value"]!, 0.01);
        Assert.Equal((time, model, "CEL"), ((string)soon["temperature"]!["observedAt"]!, (string)soon["temperature"]!["forecastBy"]!["object"]!, (string)soon["temperature"]!["unitCode"]!));
        Assert.Equal("""{"type":"Property","value":3}""", soon["height"]!.ToJsonString());
        Assert.Equal((5, true), ((int)soon["jobs"]!["value"]!, soon["residents"] is null));
        Assert.Equal(["urn:d:1"], (await node.GetAsync(path + "/entities?type=Device&q=temperature%3E5")).Is(HttpStatusCode.OK).Ids);

        static double Value(DateTimeOffset at) => 20 + (6 * Math.Sin(2 * Math.PI * at.Hour / 24));
    });

    [Theory]
    [InlineData("""{"at":"2200-01-01T00:00:00Z"}""", "/base/at")]
    [InlineData("""{"forecast":"2020-01-01T00:00:00Z"}""", "/base/forecast")]
    [InlineData("""{"at":"yesterday"}""", "/base/at")]
    [InlineData("""{"at":"2020-01-01T00:00:00Z","forecast":"2200-01-01T00:00:00Z"}""", "/base")]
    [InlineData("""{"then":"2020-01-01T00:00:00Z"}""", "/base/then")]
    public async Task What_is_no_time_of_the_twin_is_refused(string twin, string member)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store);

        Assert.Equal(member, (await node.SendAsync(HttpMethod.Post, "/scenarios", $$"""{"name":"x","base":{{twin}}}""")).Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);
        var path = (await node.SendAsync(HttpMethod.Post, "/scenarios", """{"name":"x","base":{"at":"2020-01-01T00:00:00Z"}}""")).Is(HttpStatusCode.Created)["Location"]!;
        // This node keeps no history, and does not answer with the present instead.
        (await node.GetAsync(path + "/entities")).Is(HttpStatusCode.ServiceUnavailable);
    }

    private async Task WithNodeAsync(Func<ScenarioNode, Task> test)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store, history: true);
        await test(node);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteBaseClockTests() : BaseClockTests(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresBaseClockTests() : BaseClockTests(StoreKind.PostgreSql);
