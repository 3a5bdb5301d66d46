using System.Text.Json.Nodes;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Sources;

/// <summary>Looks at a source as an operator does.</summary>
internal static class SourceProbe
{
    private const int Patience = 30;

    /// <summary>Settings of the first MQTT source, <c>city</c>, on a broker.</summary>
    public static (string, string)[] Mqtt(MosquittoBroker broker, params (string Key, string Value)[] more) =>
    [
        .. new[] { ("Name", "city"), ("Host", "127.0.0.1"), ("Port", broker.PortText), ("RetryMilliseconds", "50"), ("MostRetryMilliseconds", "400") }
            .Concat(more.Select(static one => (one.Key, one.Value)))
            .GroupBy(static one => one.Item1).Select(static one => ($"Twin:Telemetry:Mqtt:0:{one.Key}", one.Last().Item2)),
    ];

    /// <summary>Settings of a source in one of the lists, such as <c>Webhooks</c>.</summary>
    public static (string, string)[] Settings(string list, int at, string name, params (string Key, string Value)[] more) =>
        [.. more.Prepend(("Name", name)).Select(one => ($"Twin:Telemetry:{list}:{at}:{one.Item1}", one.Item2))];

    /// <summary>A message of a network server.</summary>
    public static string Sample(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Telemetry", "Sources", "Samples", name + ".json"));

    /// <summary>Posts a message.</summary>
    public static async Task<(int Status, JsonNode? Answer)> PostAsync(this HistoryNode node, string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await node.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    /// <summary>What the node says of the source now.</summary>
    public static async Task<JsonNode> SourceAsync(this HistoryNode node, string name = "city") => JsonNode.Parse((await node.GetAsync("/ingest/sources/" + name)).Text)!;

    /// <summary>What it says once that fulfils a condition; fails with what it said last.</summary>
    public static async Task<JsonNode> SourceAsync(this HistoryNode node, Func<JsonNode, bool> condition, string name = "city")
    {
        JsonNode? last = null;
        Assert.True(
            await Eventually.HoldsAsync(async () => condition(last = await node.SourceAsync(name)), Patience, TestContext.Current.CancellationToken),
            last?.ToJsonString());
        return last!;
    }

    /// <summary>Waits until it is connected.</summary>
    public static Task<JsonNode> ConnectedAsync(this HistoryNode node, string name = "city") => node.SourceAsync(static one => (string?)one["state"] == "connected", name);

    /// <summary>Points that came and are new, doubled or replaced.</summary>
    public static long Points(this JsonNode source) => (long)source["taken"]! + (long)source["doubled"]! + (long)source["replaced"]!;
}
