using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Two cities, and a node that has what both have.</summary>
internal sealed class Cities : IAsyncDisposable
{
    private readonly List<TestStore> stores = [];
    private readonly List<HistoryNode> nodes = [];

    public HistoryNode Mulhouse => nodes[0];

    public HistoryNode Loerrach => nodes[1];

    public HistoryNode Whole => nodes[2];

    public static async Task<Cities> StartAsync(params (string Key, string Value)[] settings)
    {
        var cities = new Cities();
        foreach (var name in new[] { "mulhouse", "loerrach", "whole" })
        {
            cities.stores.Add(await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken));
            cities.nodes.Add(await HistoryNode.StartAsync(
                cities.stores[^1],
                [("Twin:Federation:Alias", name), ("Twin:Federation:BudgetMilliseconds", "30000"), ("Twin:Telemetry:PageInstances", "1000"), ("Twin:Telemetry:TellMilliseconds", "0"), .. settings]));
        }

        return cities;
    }

    /// <summary>Mulhouse asks Loerrach; of one device both have a part, of others one has all.</summary>
    public static async Task<Cities> FilledAsync(params (string Key, string Value)[] settings)
    {
        var cities = await StartAsync(settings);
        await cities.RegisterAsync(cities.Mulhouse, cities.Loerrach);
        await cities.FillAsync(cities.Mulhouse, cities.Whole, Shared(0), OfMulhouse);
        await cities.FillAsync(cities.Loerrach, cities.Whole, Shared(1), OfLoerrach);
        return cities;
    }

    public async Task IngestAsync(HistoryNode city, string row) => (await city.IngestAsync($"entity,attribute,observedAt,value\n{row}\n")).Is(HttpStatusCode.OK);

    /// <summary>Lets a node know of another one as a source of Devices.</summary>
    public Task RegisterAsync(HistoryNode at, HistoryNode source, string mode = "inclusive", string more = "") => RegisterAsync(at, source.Http.BaseAddress!, mode, more);

    public async Task RegisterAsync(HistoryNode at, Uri source, string mode = "inclusive", string more = "", string information = """[{"entities":[{"type":"Device"}]}]""")
    {
        var registration = $$"""
            {"id":"urn:r:{{Guid.NewGuid():N}}","type":"ContextSourceRegistration","mode":"{{mode}}","information":{{information}},
             "operations":["retrieveTemporal","queryTemporal"],"endpoint":"{{source.GetLeftPart(UriPartial.Authority)}}"{{more}}}
            """;
        (await at.Of(null).PostAsync("/csourceRegistrations", registration)).Is(HttpStatusCode.Created);
    }

    /// <summary>Gives a node some evolutions.</summary>
    public static async Task FillAsync(HistoryNode node, params string[] evolutions)
    {
        foreach (var evolution in evolutions)
        {
            var answer = await node.Of(null).PostAsync("/temporal/entities", evolution);
            Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.NoContent, answer.Text);
        }
    }

    /// <summary>Gives a city some evolutions, and the node of both as well.</summary>
    public async Task FillAsync(HistoryNode city, HistoryNode whole, params string[] evolutions)
    {
        await FillAsync(city, evolutions);
        await FillAsync(whole, evolutions);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        stores.ForEach(static store => store.Dispose());
    }

    public static void AssertSame(Answer expected, Answer answer) =>
        Assert.True(JsonNode.DeepEquals(Plain(expected.Json), Plain(answer.Json)), $"one node:\n{expected.Text}\ntwo cities:\n{answer.Text}");

    /// <summary>Every second of the entity's minutes; each third is told to both.</summary>
    public static string Shared(int odd) => Entity("urn:d:1", ("heat", null, Enumerable.Range(0, 60).Where(minute => minute % 2 == odd || minute % 3 == 0)), ("heat", "urn:ds:1", Enumerable.Range(60 * (1 + odd), 5)));

    public static string OfMulhouse => Entity("urn:d:2", ("wind", null, Enumerable.Range(0, 4)));

    public static string OfLoerrach => Entity("urn:d:3", ("wind", null, Enumerable.Range(3, 6)), ("heat", null, Enumerable.Range(0, 3)));

    public static string Entity(string id, params (string Name, string? Dataset, IEnumerable<int> Minutes)[] series)
    {
        var attributes = series.GroupBy(static one => one.Name).Select(static attribute => $"\"{attribute.Key}\":[{string.Join(',', attribute.SelectMany(static one => one.Minutes.Select(minute => Instance(minute, one.Dataset))))}]");
        return $$"""{"id":"{{id}}","type":"Device",{{string.Join(',', attributes)}}}""";
    }

    public static string Instance(int minute, string? dataset) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"type":"Property","value":{{minute + 0.5}},"observedAt":"{{new DateTime(2026, 1, 1).AddMinutes(minute):yyyy-MM-dd'T'HH:mm:ss'Z'}}"{{(dataset is null ? "" : $",\"datasetId\":\"{dataset}\"")}}}""");

    /// <summary>Without the ids that each node gives its own instances.</summary>
    public static JsonNode Plain(JsonNode json)
    {
        switch (json)
        {
            case JsonObject one:
                one.Remove("instanceId");
                foreach (var (_, value) in one)
                {
                    _ = value is null ? null : Plain(value);
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    _ = item is null ? null : Plain(item);
                }

                break;
            default:
                break;
        }

        return json;
    }
}
