using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Contexts;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>
/// Temporal queries that ask other nodes (GS CIM 009 4.3.6, 5.7.3, 5.7.4): what several cities hold together is answered as one
/// node would that has the same points.
/// </summary>
public sealed class FederatedHistoryTests
{
    private const string Times = "timerel=between&timeAt=2026-01-01T00:00:00Z&endTimeAt=2026-01-02T00:00:00Z";

    [Theory]
    [InlineData("/temporal/entities/urn:d:1")]
    [InlineData("/temporal/entities/urn:d:1?options=temporalValues")]
    [InlineData("/temporal/entities/urn:d:1?lastN=5")]
    [InlineData("/temporal/entities/urn:d:1?timerel=between&timeAt=2026-01-01T00:10:00Z&endTimeAt=2026-01-01T00:20:00Z")]
    [InlineData("/temporal/entities/urn:d:1?timerel=before&timeAt=2026-01-01T00:20:00Z&lastN=3&attrs=heat")]
    [InlineData("/temporal/entities/urn:d:1?datasetId=urn:ds:1")]
    [InlineData("/temporal/entities/urn:d:1?pick=heat")]
    [InlineData("/temporal/entities/urn:d:1?omit=id,heat")]
    [InlineData("/temporal/entities/urn:d:3")]
    [InlineData("/temporal/entities?type=Device")]
    [InlineData("/temporal/entities?type=Device&orderBy=id;desc&limit=2")]
    [InlineData("/temporal/entities?type=Device&limit=2&offset=1&count=true")]
    [InlineData("/temporal/entities?type=Device&limit=0&count=true")]
    [InlineData("/temporal/entities?attrs=wind")]
    [InlineData("/temporal/entities?id=urn:d:1,urn:d:4&type=Device&lastN=2")]
    [InlineData("/temporal/entities?type=Device&q=wind>6")]
    [InlineData("/temporal/entities?idPattern=d:[34]&type=Device&" + Times)]
    public async Task Two_cities_answer_as_one_node_would_5_7_3_5_7_4(string question)
    {
        await using var cities = await Cities.StartAsync();
        await cities.RegisterAsync(cities.Mulhouse, cities.Loerrach);
        await cities.FillAsync(cities.Mulhouse, cities.Whole, Shared(0), OfMulhouse);
        await cities.FillAsync(cities.Loerrach, cities.Whole, Shared(1), OfLoerrach);

        var expected = await cities.Whole.Of(null).GetAsync(question + (question.Contains('?', StringComparison.Ordinal) ? question.Contains("orderBy", StringComparison.Ordinal) ? "" : "&orderBy=id" : ""));
        expected = question.StartsWith("/temporal/entities/", StringComparison.Ordinal) ? await cities.Whole.Of(null).GetAsync(question) : expected;
        var answer = await cities.Mulhouse.Of(null).GetAsync(question);

        answer.Is(expected.Status);
        Assert.True(JsonNode.DeepEquals(Plain(expected.Json), Plain(answer.Json)), $"one node:\n{Plain(expected.Json)}\ntwo cities:\n{Plain(answer.Json)}");
        Assert.Equal(expected["NGSILD-Results-Count"], answer["NGSILD-Results-Count"]);
        Assert.Equal(expected["Link"]?.Contains("rel=\"next\"", StringComparison.Ordinal), answer["Link"]?.Contains("rel=\"next\"", StringComparison.Ordinal));
        Assert.Null(answer["NGSILD-Warning"]);
    }

    /// <summary>Every second of the entity's minutes; each third is told to both.</summary>
    private static string Shared(int odd) => Entity("urn:d:1", ("heat", null, Enumerable.Range(0, 60).Where(minute => minute % 2 == odd || minute % 3 == 0)), ("heat", "urn:ds:1", Enumerable.Range(60 * (1 + odd), 5)));

    private static string OfMulhouse => Entity("urn:d:2", ("wind", null, Enumerable.Range(0, 4)));

    private static string OfLoerrach => Entity("urn:d:3", ("wind", null, Enumerable.Range(3, 6)), ("heat", null, Enumerable.Range(0, 3)));

    private static string Entity(string id, params (string Name, string? Dataset, IEnumerable<int> Minutes)[] series)
    {
        var attributes = series.GroupBy(static one => one.Name).Select(static attribute => $"\"{attribute.Key}\":[{string.Join(',', attribute.SelectMany(static one => one.Minutes.Select(minute => Instance(minute, one.Dataset))))}]");
        return $$"""{"id":"{{id}}","type":"Device",{{string.Join(',', attributes)}}}""";
    }

    private static string Instance(int minute, string? dataset) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"type":"Property","value":{{minute + 0.5}},"observedAt":"{{new DateTime(2026, 1, 1).AddMinutes(minute):yyyy-MM-dd'T'HH:mm:ss'Z'}}"{{(dataset is null ? "" : $",\"datasetId\":\"{dataset}\"")}}}""");

    /// <summary>Without the ids that each node gives its own instances.</summary>
    private static JsonNode Plain(JsonNode json)
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

    /// <summary>Two cities, and a node that has what both have.</summary>
    private sealed class Cities : IAsyncDisposable
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

        /// <summary>Lets a node know of another one as a source of Devices.</summary>
        public async Task RegisterAsync(HistoryNode at, HistoryNode source, string mode = "inclusive", string more = "")
        {
            var registration = $$"""
                {"id":"urn:r:{{Guid.NewGuid():N}}","type":"ContextSourceRegistration","mode":"{{mode}}","information":[{"entities":[{"type":"Device"}]}],
                 "operations":["retrieveTemporal","queryTemporal"],"endpoint":"{{source.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}}"{{more}}}
                """;
            (await at.Of(null).PostAsync("/csourceRegistrations", registration)).Is(HttpStatusCode.Created);
        }

        /// <summary>Gives a city some evolutions, and the node of both as well.</summary>
        public async Task FillAsync(HistoryNode city, HistoryNode whole, params string[] evolutions)
        {
            foreach (var evolution in evolutions)
            {
                foreach (var node in new[] { city, whole })
                {
                    var answer = await node.Of(null).PostAsync("/temporal/entities", evolution);
                    Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.NoContent, answer.Text);
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }

            stores.ForEach(static store => store.Dispose());
        }
    }
}
