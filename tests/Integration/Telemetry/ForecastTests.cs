using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Twin.Tests.Unit.Telemetry.Forecasts;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Forecasts, anomalies, back-tests and models of a series in a real store, over HTTP.</summary>
public abstract class ForecastTests(StoreKind kind)
{
    private const string Series = "entity=urn:ngsi-ld:Device:1&attribute=temperature";

    [Fact]
    public async Task A_series_with_a_day_is_forecast_tested_and_searched_and_its_model_lives_and_dies_as_an_entity()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        IngestTests.Counts(await node.IngestAsync(Hours(24 * 60, spikeAt: 700), tenant: tenant), taken: 24 * 60);
        await node.SealAsync();

        var answer = (await node.GetAsync($"/forecasts?{Series}&model=holtWinters&horizon=48&levels=95", tenant)).Is(HttpStatusCode.OK).Json!;
        Assert.Equal(("PT1H", "ETS(A,Ad,A)", 1440), ((string)answer["step"]!, (string)answer["model"]!["method"]!, (int)answer["points"]!));
        Assert.Equal(24, (int)answer["model"]!["seasons"]![0]!);
        var steps = answer["forecast"]!.AsArray();
        Assert.Equal(48, steps.Count);
        Assert.Equal("2026-03-02T00:00:00Z", (string)steps[0]!["from"]!);
        var within = 0;
        for (var h = 0; h < 48; h++)
        {
            var truth = Day(h);
            Assert.Equal(truth, (double)steps[h]!["value"]!, 1.5);
            within += (double)steps[h]!["intervals"]![0]!["lower"]! <= truth && truth <= (double)steps[h]!["intervals"]![0]!["upper"]! ? 1 : 0;
        }

        Assert.True(within >= 46, $"{within}");
        var csv = (await node.GetAsync($"/forecasts?{Series}&model=seasonalNaive&horizon=3", tenant, ("Accept", "text/csv"))).Is(HttpStatusCode.OK).Text.Split('\n');
        Assert.Equal("from,until,value,lower80,upper80,lower95,upper95", csv[0]);
        Assert.StartsWith("2026-03-02T00:00:00Z,2026-03-02T01:00:00Z,", csv[1], StringComparison.Ordinal);

        var best = (await node.GetAsync($"/forecasts?{Series}&horizon=24", tenant)).Is(HttpStatusCode.OK).Json!["model"]!;
        Assert.Contains((string)best["name"]!, new[] { "holtWinters", "holtWintersMultiplicative", "stl" });
        Assert.True(best["tried"]!.AsArray().Count > 5);

        var test = (await node.GetAsync($"/forecasts/back-test?{Series}&model=holtWinters&horizon=24&origins=10", tenant)).Is(HttpStatusCode.OK).Json!;
        Assert.True((double)test["errors"]!["rmse"]! < (double)test["baseline"]!["rmse"]!, test.ToJsonString());
        Assert.True((double)test["errors"]!["mase"]! < 1);
        Assert.InRange((double)test["errors"]!["intervals"]![1]!["coverage"]!, 85, 100);
        Assert.Equal((10, 24, 240), ((int)test["origins"]!, test["steps"]!.AsArray().Count, (int)test["errors"]!["count"]!));

        var anomalies = (await node.GetAsync($"/forecasts/anomalies?{Series}&threshold=8", tenant)).Is(HttpStatusCode.OK).Json!;
        var one = Assert.Single(anomalies["anomalies"]!.AsArray())!;
        Assert.Equal(("2026-01-30T04:00:00Z", 1), ((string)one["from"]!, (int)anomalies["total"]!));
        Assert.Contains("above what its trend and season say", (string)one["reason"]!, StringComparison.Ordinal);

        await ModelLivesAndDiesAsync(node, tenant);
    }

    private static async Task ModelLivesAndDiesAsync(HistoryNode node, string tenant)
    {
        var client = node.Of(tenant);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/forecasts/models")
        {
            Content = new StringContent("""{"entity":"urn:ngsi-ld:Device:1","attribute":"temperature","model":"holtWinters","horizon":24,"validFor":"P10Y","name":"cellar"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("NGSILD-Tenant", tenant);
        using var response = await node.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var card = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        var id = (string)card["id"]!;
        Assert.Equal($"/forecasts/models/{id}", response.Headers.Location!.ToString());
        Assert.Equal(("cellar", 1440, "2026-01-01T00:00:00Z", "2026-03-02T00:00:00Z", "2036-03-02T00:00:00Z"),
            ((string)card["name"]!, (int)card["points"]!, (string)card["trainedFrom"]!, (string)card["trainedUntil"]!, (string)card["validUntil"]!));
        Assert.True((double)card["holdOut"]!["errors"]!["mae"]! > 0);

        // It is an entity like any other.
        var entity = (await client.GetAsync($"/entities/{id}")).Is(HttpStatusCode.OK).Json!;
        Assert.Equal("https://smartdatamodels.org/dataModel.MachineLearning/MLModel", (string)entity["type"]!);
        Assert.Equal("urn:ngsi-ld:Device:1", (string)entity["trainedOn"]!["object"]!);
        Assert.Equal(card.ToJsonString(), (await node.GetAsync($"/forecasts/models/{id}", tenant)).Is(HttpStatusCode.OK).Json!.ToJsonString());
        Assert.Equal(id, (string)Assert.Single((await node.GetAsync("/forecasts/models", tenant)).Is(HttpStatusCode.OK).Json!.AsArray())!["id"]!);

        var used = (await node.GetAsync($"/forecasts/models/{id}/forecast?horizon=6", tenant)).Is(HttpStatusCode.OK).Json!;
        var fresh = (await node.GetAsync($"/forecasts?{Series}&model=holtWinters&horizon=6", tenant)).Is(HttpStatusCode.OK).Json!;
        Assert.Equal((double)fresh["forecast"]![5]!["value"]!, (double)used["forecast"]![5]!["value"]!, 1e-6);
        Assert.Equal(card["parameters"]!.ToJsonString(), used["model"]!["parameters"]!.ToJsonString());

        using var shortLived = new HttpRequestMessage(HttpMethod.Post, "/forecasts/models")
        {
            Content = new StringContent("""{"entity":"urn:ngsi-ld:Device:1","attribute":"temperature","model":"stl","validFor":"P1D"}""", Encoding.UTF8, "application/json"),
        };
        shortLived.Headers.Add("NGSILD-Tenant", tenant);
        using var second = await node.Http.SendAsync(shortLived, TestContext.Current.CancellationToken);
        var old = (string)JsonNode.Parse(await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"]!;
        (await node.GetAsync($"/forecasts/models/{old}/forecast", tenant)).Refuses(HttpStatusCode.Conflict, "Conflict");
        (await node.GetAsync($"/forecasts/models/{old}/forecast?allowExpired=true", tenant)).Is(HttpStatusCode.OK);

        // Who deletes the entity deletes the model, and the other way round.
        (await client.DeleteAsync($"/entities/{id}")).Is(HttpStatusCode.NoContent);
        (await node.GetAsync($"/forecasts/models/{id}/forecast", tenant)).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        using var delete = new HttpRequestMessage(HttpMethod.Delete, $"/forecasts/models/{old}");
        delete.Headers.Add("NGSILD-Tenant", tenant);
        using var deleted = await node.Http.SendAsync(delete, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        (await client.GetAsync($"/entities/{old}")).Is(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&model=prophet", "model")]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&horizon=200", "horizon")]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&model=holtWinters&season=P7D", "season")]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&season=PT90M", "season")]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&step=PT7M", "step")]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&levels=120", "levels")]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&timeZone=Mars", "timeZone")]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&from=2026-01-03T00:00:00Z&until=2026-01-02T00:00:00Z", "until")]
    [InlineData("entity=urn:ngsi-ld:Device:1&attribute=temperature&maxGap=1", "maxGap")]
    [InlineData("entity=urn:ngsi-ld:Device:2&attribute=temperature&model=holtWinters", "attribute")]
    [InlineData("attribute=temperature", "entity")]
    public async Task What_cannot_be_forecast_is_refused_with_the_parameter_at_fault(string query, string member)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var rows = Hours(120).Split('\n').Where(static row => !row.Contains("-02T01:", StringComparison.Ordinal) && !row.Contains("-02T02:", StringComparison.Ordinal));
        var constant = Hours(120).Replace("Device:1", "Device:2", StringComparison.Ordinal).Split('\n').Skip(1)
            .Select(static row => row.Contains(',', StringComparison.Ordinal) ? row[..row.LastIndexOf(',')] + ",5" : row);
        (await node.IngestAsync(string.Join('\n', rows.Concat(constant)))).Is(HttpStatusCode.OK);

        var answer = await node.GetAsync("/forecasts?" + query);

        answer.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        Assert.Equal(member, (string)answer.Json!["member"]!);
        (await node.GetAsync("/forecasts?entity=urn:ngsi-ld:Device:9&attribute=temperature")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        // The gap is filled when it is allowed.
        (await node.GetAsync("/forecasts?entity=urn:ngsi-ld:Device:1&attribute=temperature&maxGap=2&model=holtWinters")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_day_of_a_time_zone_keeps_its_place_when_clocks_are_put_forward()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");
        var rows = new StringBuilder("entity,attribute,observedAt,value\n");
        // People come at 8 by their clocks, also after 29 March 2026, when those are put forward.
        for (var at = new DateTime(2026, 3, 9, 23, 0, 0, DateTimeKind.Utc); at < new DateTime(2026, 3, 27, 23, 0, 0, DateTimeKind.Utc); at = at.AddHours(1))
        {
            var hour = TimeZoneInfo.ConvertTimeFromUtc(at, paris).Hour;
            rows.Append(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Room:1,people,{at:yyyy-MM-ddTHH:mm:ss}Z,{(hour is >= 8 and < 18 ? 40 + (at.Day % 3) : 1 + (at.Day % 2))}\n");
        }

        (await node.IngestAsync(rows.ToString())).Is(HttpStatusCode.OK);

        var forecast = (await node.GetAsync("/forecasts?entity=urn:ngsi-ld:Room:1&attribute=people&model=seasonalNaive&season=P1D&timeZone=Europe/Paris&horizon=72")).Is(HttpStatusCode.OK).Json!["forecast"]!.AsArray();

        // Three days of 24 hours by the clocks are 71 hours.
        Assert.Equal(71, forecast.Count);
        foreach (var step in forecast)
        {
            var hour = TimeZoneInfo.ConvertTimeFromUtc(DateTime.Parse((string)step!["from"]!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal), paris).Hour;
            Assert.Equal(hour is >= 8 and < 18, (double)step["value"]! > 20);
        }
    }

    /// <summary>
    /// Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.8: beer of 1992 to 2007, forecast from 2008
    /// on; the errors of its table, over the API.
    /// </summary>
    [Fact]
    public async Task A_back_test_of_the_beer_of_the_textbook_tells_the_errors_of_the_textbook()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var rows = new StringBuilder("entity,attribute,observedAt,value\n");
        for (var quarter = 0; quarter < PublishedSeries.Beer.Length; quarter++)
        {
            rows.Append(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Brewery:all,beer,{new DateTime(1992, 1, 1).AddMonths(3 * quarter):yyyy-MM-dd}T00:00:00Z,{PublishedSeries.Beer[quarter]}\n");
        }

        (await node.IngestAsync(rows.ToString())).Is(HttpStatusCode.OK);

        (string Model, double Rmse, double Mae, double Mape, double Mase)[] published = [("drift", 64.9, 58.9, 14.6, 4.12), ("naive", 62.7, 57.4, 14.2, 4.01), ("seasonalNaive", 14.3, 13.4, 3.17, 0.937)];
        foreach (var (model, rmse, mae, mape, mase) in published)
        {
            var errors = await ErrorsAsync(model);
            Assert.Equal((rmse, mae), (Math.Round((double)errors["rmse"]!, 1), Math.Round((double)errors["mae"]!, 1)));
            Assert.Equal(mape, (double)errors["mape"]!, mape < 10 ? 0.005 : 0.05);
            Assert.Equal(mase, (double)errors["mase"]!, mase < 1 ? 0.0005 : 0.005);
        }

        // What has a trend and a season does better than the best of them.
        Assert.InRange((double)(await ErrorsAsync("holtWinters"))["rmse"]!, 5, 14.2);

        async Task<JsonNode> ErrorsAsync(string model)
        {
            var test = (await node.GetAsync($"/forecasts/back-test?entity=urn:ngsi-ld:Brewery:all&attribute=beer&step=P3M&model={model}&horizon=10&origins=1")).Is(HttpStatusCode.OK).Json!;
            Assert.Equal(10, (int)test["errors"]!["count"]!);
            TestContext.Current.SendDiagnosticMessage($"{model}: {test["errors"]!.ToJsonString()}");
            return test["errors"]!;
        }
    }

    private static string Hours(int count, int spikeAt = -1)
    {
        var random = new Random(11);
        var rows = new StringBuilder("entity,attribute,observedAt,value\n");
        for (var i = 0; i < count; i++)
        {
            var noise = (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 0.6;
            var value = Day(i) + noise + (i == spikeAt ? 12 : 0);
            rows.Append(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Device:1,temperature,{new DateTime(2026, 1, 1).AddHours(i):yyyy-MM-ddTHH:mm:ss}Z,{value:F2}\n");
        }

        return rows.ToString();
    }

    private static double Day(int hour) => 20 + (6 * Math.Sin(2 * Math.PI * hour / 24));
}

public sealed class ForecastOnSqliteTests() : ForecastTests(StoreKind.Sqlite);

public sealed class ForecastOnPostgresTests() : ForecastTests(StoreKind.PostgreSql);
