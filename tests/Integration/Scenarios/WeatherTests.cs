using System.Net;
using Twin.Hosting.Storage;
using Twin.Node.Districts;
using Twin.ScenarioEngine.Weather;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>Weather years over HTTP, in both stores.</summary>
public abstract class WeatherTests(StoreKind kind)
{
    private static readonly string Epw = SyntheticWeather.Of(DistrictPlans.Dmc, 1, 240, 0);

    [Fact]
    public Task A_weather_year_is_named_by_its_content_and_given_back_as_it_was() => WithNodeAsync(async node =>
    {
        var kept = (await node.KeepWeatherAsync(Epw, "?zone=1")).Is(HttpStatusCode.Created);
        var hash = WeatherStore.HashOf(System.Text.Encoding.UTF8.GetBytes(Epw));
        Assert.Equal($"/scenarios/weather/{hash}", kept["Location"]);
        (await node.KeepWeatherAsync(Epw, "?zone=1")).Is(HttpStatusCode.OK);

        var one = (await node.GetAsync($"/scenarios/weather/{hash}")).Is(HttpStatusCode.OK).Json;
        Assert.Equal("Mulhouse (synthetic)", one["name"]!.ToString());
        Assert.Single((await node.GetAsync("/scenarios/weather")).Is(HttpStatusCode.OK).Json.AsArray());
        Assert.Equal(Epw, (await node.GetAsync($"/scenarios/weather/{hash}", "text/plain")).Is(HttpStatusCode.OK).Text);

        (await node.SendAsync(HttpMethod.Delete, $"/scenarios/weather/{hash}")).Is(HttpStatusCode.NoContent);
        (await node.GetAsync($"/scenarios/weather/{hash}")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
    });

    [Fact]
    public Task A_year_of_8759_hours_or_of_another_zone_is_refused_and_not_kept() => WithNodeAsync(async node =>
    {
        var lines = Epw.Split('\n');
        var shorter = string.Join('\n', lines[..^2]);
        var told = (await node.KeepWeatherAsync(shorter, "?zone=1")).Is(HttpStatusCode.UnprocessableEntity).Json;
        Assert.Contains("8,759 hours", told["detail"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("zone", (await node.KeepWeatherAsync(Epw, "?zone=0")).Is(HttpStatusCode.UnprocessableEntity).Json["detail"]!.ToString(), StringComparison.Ordinal);
        // As if in UTC: the sun stands in the wrong hours.
        string[] moved = [.. lines[..8], .. lines[9..8768].Append(lines[8]).Select((line, i) => string.Join(',', [.. lines[8 + i].Split(',')[..5], .. line.Split(',')[5..]]))];
        Assert.Contains("solar noon", (await node.KeepWeatherAsync(string.Join('\n', moved), "?zone=1")).Is(HttpStatusCode.UnprocessableEntity).Json["detail"]!.ToString(), StringComparison.Ordinal);
        Assert.Empty((await node.GetAsync("/scenarios/weather")).Is(HttpStatusCode.OK).Json.AsArray());
    });

    private async Task WithNodeAsync(Func<ScenarioNode, Task> test)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store);
        await test(node);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteWeatherTests() : WeatherTests(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresWeatherTests() : WeatherTests(StoreKind.PostgreSql);
