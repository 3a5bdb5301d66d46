using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Hosting.Composition;
using Twin.Hosting.Storage;
using Twin.Telemetry;
using Twin.Telemetry.Tail;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Sources;

/// <summary>Points through an input binding of a Dapr sidecar.</summary>
public sealed class DaprBindingTests
{
    private const string Token = "only-the-sidecar-knows";
    private const string Path = "/dapr/bindings/sensors";
    private const string Device = "urn:ngsi-ld:Device:b1";
    private static readonly (string, string) Shown = ("dapr-api-token", Token);
    private static readonly (string, string)[] Settings =
    [
        ("APP_API_TOKEN", Token),
        .. SourceProbe.Settings(
            "Bindings", 0, "sensors", ("Topic", "city/{device}/readings"), ("Entity", "urn:ngsi-ld:Device:{device}"), ("Time", "ts")),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_sidecar_brings_what_a_broker_has_and_acknowledges_what_is_durable()
    {
        Assert.SkipWhen(MosquittoBroker.Missing is not null, MosquittoBroker.Missing ?? "");
        Assert.SkipWhen(DaprSidecar.Missing is not null, DaprSidecar.Missing ?? "");
        await using var broker = new MosquittoBroker();
        await broker.StartAsync(Cancel);
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var port = ServerProcess.FreePort();
        (string, string)[] settings = [("Twin:Port", port.ToString(CultureInfo.InvariantCulture)), .. Settings];
        var component = $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: sensors}
            spec:
              type: bindings.mqtt3
              version: v1
              metadata:
              - {name: url, value: "tcp://127.0.0.1:{{broker.PortText}}"}
              - {name: topic, value: "city/#"}
              - {name: consumerID, value: "{appID}"}
              - {name: cleanSession, value: "false"}
              - {name: direction, value: input}
              - {name: route, value: {{Path}}}
            """;
        // Kept for whoever subscribes: from then on the broker keeps what comes for the sidecar.
        await PublishAsync(0, "-r");
        await using (var node = await HistoryNode.StartAsync(store, settings))
        {
            await using var sidecar = new DaprSidecar();
            await sidecar.StartAsync(port, Token, component, Cancel);
            await node.SourceAsync(static one => (long)one["taken"]! == 1, "sensors");
            await broker.PublishAsync(["-t", "city/b1/readings", "-m", "{\"ts\":", "-q", "1"], Cancel);
            await broker.PublishAsync(["-t", "city/b1/other", "-m", "{}", "-q", "1"], Cancel);
            await PublishAsync(1);
            var source = await node.SourceAsync(static one => (long)one["taken"]! == 2, "sensors");
            Assert.Equal((4, 2), ((int)source["messages"]!, (int)source["setAside"]!));
            Assert.Equal(["city/b1/readings", "city/b1/other"], source["refusals"]!.AsArray().Select(static one => (string?)one!["topic"]));

            // From here on nothing can be committed, as with a store that has gone.
            await node.Services.GetRequiredService<TailWriter>().StopAsync(Cancel);
            await PublishAsync(2);
            await node.SourceAsync(static one => one["lastError"] is not null, "sensors");
        }

        await using var again = await HistoryNode.StartAsync(store, settings);
        await using var next = new DaprSidecar();
        await next.StartAsync(port, Token, component, Cancel);
        await again.SourceAsync(static one => (long)one["taken"]! >= 1, "sensors");
        Assert.Equal(["0", "1", "2"], (await again.PointsAsync(null, Device, "n")).Select(static one => one.Value));

        Task PublishAsync(int n, params string[] more) =>
            broker.PublishAsync(["-t", "city/b1/readings", "-q", "1", "-m", $$"""{"ts":{{1_767_225_600 + n}},"n":{{n}}}""", .. more], Cancel);
    }

    [Fact]
    public async Task Nobody_but_the_sidecar_posts_and_a_bad_body_is_settled_since_it_would_come_again()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, Settings);
        var topic = ("Topic", "city/b1/readings");
        const string Reading = """{"ts":"2026-01-01T00:00:00Z","n":1}""";

        Assert.Equal(401, (await node.PostAsync(Path, Reading, topic)).Status);
        Assert.Equal(401, (await node.PostAsync(Path, Reading, topic, ("dapr-api-token", "guessed-and-guessed"))).Status);
        Assert.Equal((200, 1), Taken(await node.PostAsync(Path, Reading, topic, Shown)));
        foreach (var (body, headers, reason) in new (string, (string, string)[], string)[]
        {
            ("{\"ts\":", [topic], "not JSON"),
            ($$"""{"ts":"{{new string('x', 1_100_000)}}"}""", [topic], "at most 1048576 bytes"),
            (Reading, [("Topic", "village/b1/readings")], "none that the settings name"),
            (Reading, [], "does not say its topic"),
        })
        {
            var (status, answer) = await node.PostAsync(Path, body, [.. headers, Shown]);
            Assert.Equal((200, 1), (status, (int)answer!["setAside"]!));
            Assert.Contains(reason, (string?)answer["refusals"]![0]!["reason"], StringComparison.Ordinal);
        }

        Assert.Equal("1", Assert.Single(await node.PointsAsync(null, Device, "n")).Value);

        static (int, int) Taken((int Status, System.Text.Json.Nodes.JsonNode? Answer) answered) => (answered.Status, (int)answered.Answer!["taken"]!);
    }

    [Fact]
    public async Task A_process_without_the_gateway_takes_what_its_sidecar_brings_and_webhooks_only_from_the_gateway()
    {
        const string Hook = "/ingest/webhooks/meters";
        (string, string) secret = ("X-Webhook-Secret", "a secret of many letters");
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var all = store.Settings;
        all["Twin:Port"] = "0";
        all["Twin:Identity:Key"] = Convert.ToBase64String(new byte[32]);
        foreach (var (key, value) in Settings.Concat(SourceProbe.Settings("Webhooks", 0, "meters", ("Secret", secret.Item2), ("Entity", "urn:m:{$.id}"), ("Time", "at"))))
        {
            all[key] = value;
        }

        await using var services = await TwinNode.Create(new Dictionary<string, string?>(all) { ["Twin:Services"] = "entity-registry,telemetry" })
            .With<EntityRegistryService>().With<TelemetryService>().With<GatewayService>().StartAsync(Cancel);
        using var other = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var front = other.Settings;
        front["Twin:Port"] = "0";
        front["Twin:Identity:Key"] = all["Twin:Identity:Key"];
        front["Twin:Services"] = "gateway";
        front["Twin:Services:Addresses:entity-registry"] = front["Twin:Services:Addresses:telemetry"] = services.Http.GetLeftPart(UriPartial.Authority);
        await using var gateway = await TwinNode.Create(front).With<EntityRegistryService>().With<TelemetryService>().With<GatewayService>().StartAsync(Cancel);

        const string Reading = """{"id":"1","at":"2026-01-01T00:00:00Z","n":1}""";
        Assert.Equal(200, await PostAsync(services.Http, Path, """{"ts":"2026-01-01T00:00:00Z","n":1}""", Shown, ("Topic", "city/b1/readings")));
        Assert.Equal(404, await PostAsync(gateway.Http, Path, "{}", Shown));
        Assert.Equal(200, await PostAsync(gateway.Http, Hook, Reading, secret));
        Assert.Equal(401, await PostAsync(gateway.Http, Hook, Reading));
        Assert.Equal(401, await PostAsync(services.Http, Hook, Reading, secret));

        static async Task<int> PostAsync(Uri node, string path, string body, params (string Name, string Value)[] headers)
        {
            using var http = new HttpClient { BaseAddress = node };
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            foreach (var (name, value) in headers)
            {
                request.Headers.Add(name, value);
            }

            using var answer = await http.SendAsync(request, Cancel);
            return (int)answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("APP_API_TOKEN", "", "Token", "a secret has at least 16")]
    [InlineData("Twin:Telemetry:Bindings:0:Token", "short", "Token", "at least 16 characters")]
    [InlineData("Twin:Telemetry:Bindings:0:Topic", "a/{b}{c}", "Topic", "is a whole level")]
    [InlineData("Twin:Telemetry:Bindings:0:Unit", "{unit}", "Unit", "it knows {topic}, {key}, {device}")]
    public async Task A_setting_that_could_not_work_is_told_at_the_start_by_its_name(string key, string value, string atFault, string fault)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var told = await Assert.ThrowsAnyAsync<Exception>(() => HistoryNode.StartAsync(store, [.. Settings, (key, value)]));
        Assert.Contains(fault, told.Message, StringComparison.Ordinal);
        Assert.Contains($"Twin:Telemetry:Bindings:0:{atFault} ", told.Message, StringComparison.Ordinal);
    }
}
