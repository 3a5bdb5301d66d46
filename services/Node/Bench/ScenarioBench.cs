using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Spectre.Console;
using Twin.Node.Commands;
using Twin.Node.Districts;
using Twin.ScenarioEngine.Models;

namespace Twin.Node.Bench;

/// <summary>A time over several runs, in milliseconds.</summary>
internal sealed record Spread(double Median, double Least, double Most, double P95)
{
    public static Spread Of(IEnumerable<double> runs)
    {
        double[] sorted = [.. runs.Order()];
        return new Spread(sorted[sorted.Length / 2], sorted[0], sorted[^1], sorted[(int)Math.Ceiling(sorted.Length * 0.95) - 1]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:0.0} ms ({Least:0.0} to {Most:0.0}, 95 of 100 within {P95:0.0})");
}

/// <summary>All that one <c>twin bench scenarios</c> measured.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Buildings">Of the district.</param>
/// <param name="First">The first result of all: entities are read, the weather is parsed, code is compiled; at the client.</param>
/// <param name="Cold">Results under a weather that the node has not seen: every building is computed; at the client.</param>
/// <param name="OneBuilding">Results after one intervention on one building, each time another one; at the client.</param>
/// <param name="Slider">The same as a slider does it: the interventions are tried, and not kept.</param>
/// <param name="Compiled">The chain in the engine alone, cold, in this process.</param>
/// <param name="PlainPerBuilding">A building-year in the plain form of ISO 13790 in C#, in this process, µs.</param>
/// <param name="EnginePerBuilding">A building-year of the whole chain in the engine, µs.</param>
/// <param name="PeerPerBuilding">A building-year in RC_BuildingSimulator, µs; null when it is not given.</param>
internal sealed record ScenarioResults(
    BenchMachine Machine, int Buildings, double First, Spread Cold, Spread OneBuilding, Spread Slider, Spread Compiled, double PlainPerBuilding, double EnginePerBuilding, double? PeerPerBuilding);

/// <summary>Measures scenarios at a client: a district computed cold, after a change, and while a slider moves.</summary>
internal sealed partial class ScenarioBench(TimeProvider time, CancellationToken cancellationToken)
{
    private const ulong Seed = 20260618;
    private const int Colds = 7;
    private const int Changes = 40;
    private const int Moves = 200;
    private const string District = "urn:ngsi-ld:AdministrativeArea:mulhouse-dmc:district";

    public async Task<ScenarioResults> RunAsync(int buildings, string? peer, string storeKind, string? folder)
    {
        await using var store = await BenchStore.CreateAsync(storeKind, folder, cancellationToken);
        var settings = new Dictionary<string, string>(store.Settings) { ["Twin__Services"] = "gateway,entity-registry,scenario-engine" };
        await using var node = await BenchNode.StartAsync(store.Folder, settings, time, cancellationToken);
        using var client = new BenchHttp();
        client.Client.BaseAddress = node.Address;
        Say($"loading {buildings:#,0} buildings");
        var ids = await LoadAsync(client.Client, buildings);
        Say($"cold");
        var colds = await ColdsAsync(client.Client);
        Say($"one building after the other");
        var changes = await ChangesAsync(client.Client, ids);
        Say($"a slider");
        var moves = await MovesAsync(client.Client, ids[buildings / 2]);
        Say($"the engine alone, and the plain form");
        var engine = new ScenarioEngineBench(time, Entities(buildings).Where(static one => one.Type == "Building"), DistrictPlans.Dmc.Weather(Seed).Epw);
        var compiled = Spread.Of(engine.Chain(Colds));
        return new ScenarioResults(
            BenchMachine.Look(store.Folder, time), buildings, colds[0], Spread.Of(colds.Skip(1)), Spread.Of(changes.Skip(2)), Spread.Of(moves.Skip(5)), compiled,
            engine.Plain(100), compiled.Median * 1000 / buildings, peer is null ? null : await RcBuildingSimulator.MicrosecondsAsync(peer, cancellationToken));
    }

    /// <summary>Prints the figures as people read them.</summary>
    public static void Write(TextWriter to, ScenarioResults results)
    {
        to.WriteLine(Text($"{results.Machine.Processor}, {results.Machine.Cores} cores; {results.Buildings:#,0} buildings, 8,760 hours: heat, cold, hot water, heat pumps, photovoltaics, sharing, primary energy, carbon, cost"));
        to.WriteLine(Text($"first of all, entities read and code compiled: {results.First:0} ms at the client"));
        to.WriteLine(Text($"cold, another weather: {results.Cold} at the client"));
        to.WriteLine(Text($"after one intervention on one building: {results.OneBuilding} at the client"));
        to.WriteLine(Text($"a slider on one building, tried and not kept: {results.Slider} at the client"));
        to.WriteLine(Text($"the engine alone, cold: {results.Compiled}, {results.EnginePerBuilding:0.0} µs a building-year"));
        to.WriteLine(Text($"the plain form of ISO 13790, heat and cold only: {results.PlainPerBuilding:0} µs a building-year, {results.PlainPerBuilding / results.EnginePerBuilding:0.0} x"));
        to.WriteLine(results.PeerPerBuilding is { } peer
            ? Text($"RC_BuildingSimulator: {peer:#,0} µs a building-year, {peer / results.EnginePerBuilding:#,0} x")
            : "RC_BuildingSimulator: not given (--rc-building-simulator DIR)");
        var (passed, checks) = ValidationRows.Total;
        to.WriteLine(Text($"validation: {passed} of {checks} checks within their references; /scenarios/validation and --validation FILE have them by name"));
    }

    /// <summary>The first entities of as many synthetic districts as it takes, all in one district.</summary>
    private static IEnumerable<DistrictEntity> Entities(int buildings)
    {
        var plan = DistrictPlans.Dmc with { Scale = (buildings / 100) + 1 };
        foreach (var entity in DistrictGenerator.Generate(plan, Seed).Where(static one => one.Type is "Building" || one.Id == District))
        {
            if (entity.Type != "Building" || buildings-- > 0)
            {
                yield return entity with { Json = Encoding.UTF8.GetBytes(Tile().Replace(Encoding.UTF8.GetString(entity.Json.Span), District)) };
            }
        }
    }

    private async Task<List<string>> LoadAsync(HttpClient http, int buildings)
    {
        await SendWeatherAsync(http, Seed);
        var ids = new List<string>();
        foreach (var batch in Entities(buildings).Chunk(200))
        {
            var body = $"[{string.Join(',', batch.Select(static one => Encoding.UTF8.GetString(one.Json.Span)))}]";
            using var request = Request(HttpMethod.Post, "/ngsi-ld/v1/entityOperations/create", body);
            request.Headers.TryAddWithoutValidation("Link", $"<{DistrictGenerator.ContextUrl}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
            await SendAsync(http, request);
            ids.AddRange(batch.Where(static one => one.Type == "Building").Select(static one => one.Id));
        }

        return ids;
    }

    private async Task<List<double>> ColdsAsync(HttpClient http)
    {
        var times = new List<double>();
        for (var i = 0; i <= Colds; i++)
        {
            var weather = await SendWeatherAsync(http, Seed + (ulong)i);
            var scenario = await BeginAsync(http, $$"""[{"type":"changeAttribute","entity":"{{District}}","attribute":"climate","value":{"weather":"{{weather}}"} }]""");
            times.Add(await TimeAsync(http, () => Request(HttpMethod.Get, $"{scenario}/results?district={District}", null)));
        }

        return times;
    }

    private async Task<List<double>> ChangesAsync(HttpClient http, List<string> ids)
    {
        // What is there already is the district as it is.
        var times = new List<double>();
        await TimeAsync(http, Results(await BeginAsync(http, "[]")));
        for (var i = 0; i < Changes; i++)
        {
            times.Add(await TimeAsync(http, Results(await BeginAsync(http, $"[{Retrofit(ids[i * 17 % ids.Count], 0.3)}]"))));
        }

        return times;
    }

    private async Task<List<double>> MovesAsync(HttpClient http, string building)
    {
        var scenario = await BeginAsync(http, "[]");
        var times = new List<double>();
        for (var i = 0; i < Moves; i++)
        {
            var body = $"[{Retrofit(building, 0.1 + (i * 0.001))}]";
            times.Add(await TimeAsync(http, () => Request(HttpMethod.Post, $"{scenario}/results?district={District}", body)));
        }

        return times;
    }

    private static Func<HttpRequestMessage> Results(string scenario) => () => Request(HttpMethod.Get, $"{scenario}/results?district={District}", null);

    private static string Retrofit(string building, double uValue) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"type":"retrofit","entity":"{{building}}","wall":{"uValue":{{uValue}} } }""");

    private async Task<string> SendWeatherAsync(HttpClient http, ulong seed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/scenarios/weather?zone=1", UriKind.Relative)) { Content = new StringContent(DistrictPlans.Dmc.Weather(seed).Epw, Encoding.UTF8, "text/plain") };
        using var answer = JsonDocument.Parse(await SendAsync(http, request));
        return answer.RootElement.GetProperty("hash").GetString()!;
    }

    private async Task<string> BeginAsync(HttpClient http, string interventions)
    {
        using var request = Request(HttpMethod.Post, "/scenarios", $$"""{"name":"bench","interventions":{{interventions}}}""");
        using var answer = await http.SendAsync(request, cancellationToken);
        return answer.Headers.Location?.ToString() ?? throw new BenchException($"The scenario was refused: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
    }

    /// <summary>From sending a request to having the whole answer.</summary>
    private async Task<double> TimeAsync(HttpClient http, Func<HttpRequestMessage> make)
    {
        using var request = make();
        var began = time.GetTimestamp();
        await SendAsync(http, request);
        return time.GetElapsedTime(began).TotalMilliseconds;
    }

    private async Task<byte[]> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        using var answer = await http.SendAsync(request, cancellationToken);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        return answer.IsSuccessStatusCode && answer.StatusCode != System.Net.HttpStatusCode.MultiStatus ? body : throw new BenchException($"{request.Method} {request.RequestUri}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(body)}");
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? json) => new(method, new Uri(path, UriKind.Relative))
    {
        Content = json is null ? null : new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
    };

    private static void Say(FormattableString what) => TwinCommand.ErrorConsole.MarkupLine(Markup.Escape(FormattableString.Invariant(what)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("urn:ngsi-ld:AdministrativeArea:mulhouse-dmc(-[0-9]+)?:district")]
    private static partial Regex Tile();
}

/// <summary>Writes the figures as JSON.</summary>
[JsonSerializable(typeof(ScenarioResults))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class ScenarioJson : JsonSerializerContext;
