using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Telemetry;

/// <summary>A node of two processes, gateway and registry, that tells a real OpenTelemetry collector what it does.</summary>
public sealed class CollectorTests : IAsyncDisposable
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string FailingTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string Caller = "00f067aa0ba902b7";
    private const int Server = 2;
    private const int Client = 3;

    // What must not be found with the collector: what the callers say of themselves and of others.
    private const string Person = "Lovelace";
    private const string Software = "Lovelaces-Browser";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("twin-telemetry-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_one_trace_over_both_processes_with_metrics_and_logs_and_nothing_personal()
    {
        await using var collector = await OtelCollector.StartAsync(Token);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Twin__Telemetry__OtlpEndpoint"] = collector.Endpoint,
            ["Twin__Identity__Key"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        };
        await using var registry = await StartAsync("entity-registry", new(settings));
        await using var gateway = await StartAsync("gateway", new(settings)
        {
            ["Twin__Services__Addresses__entity-registry"] = registry.Http.GetLeftPart(UriPartial.Authority),
            ["Twin__Grpc__Addresses__entity-registry"] = registry.Grpc.GetLeftPart(UriPartial.Authority),
        });

        var secrets = await TalkAsync(gateway.Http);
        Assert.Equal(0, await gateway.StopAsync(Token));
        Assert.Equal(0, await registry.StopAsync(Token));
        var received = await collector.StopAsync(Token);

        IsOneTrace(received);
        Assert.Contains(received.Metrics, metric => metric is { Service: "gateway" } && Name(metric.Metric) == "http.server.request.duration");
        Assert.Contains(received.Metrics, metric => metric is { Service: "entity-registry" } && Name(metric.Metric) == "http.server.request.duration");
        Assert.Contains(received.Metrics, metric => metric is { Service: "entity-registry" } && Name(metric.Metric) == "twin.events.lag"
            && metric.Metric.GetProperty("gauge").GetProperty("dataPoints").EnumerateArray().Any(point => Received.Attribute(point, "service") == "entity-registry"));
        Assert.Contains(received.Logs, log => log is { Service: "entity-registry" } && log.Log.TryGetProperty("traceId", out var trace) && trace.GetString() == FailingTrace);
        Assert.All(secrets.Append(Person).Append(Software), secret => Assert.DoesNotContain(secret, received.Text, StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync()
    {
        directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The caller's span, then the gateway's, its call to the registry, and the registry's: each the parent of the next.</summary>
    private static void IsOneTrace(Received received)
    {
        var spans = received.Spans.Where(span => span.Span.GetProperty("traceId").GetString() == Trace).ToList();
        var front = Assert.Single(spans, span => span is { Service: "gateway" } && Kind(span.Span) == Server).Span;
        var call = Assert.Single(spans, span => span is { Service: "gateway" } && Kind(span.Span) == Client).Span;
        var behind = Assert.Single(spans, span => span is { Service: "entity-registry" } && Kind(span.Span) == Server).Span;

        Assert.Equal([Caller, Id(front), Id(call)], [Parent(front), Parent(call), Parent(behind)]);
        Assert.All((JsonElement[])[front, call, behind], span => Assert.Equal("201", Received.Attribute(span, "http.response.status_code")));
        Assert.Equal("/ngsi-ld/v1/entities", Received.Attribute(behind, "http.route")?.TrimEnd('/'));

        static string? Id(JsonElement span) => span.GetProperty("spanId").GetString();
        static string? Parent(JsonElement span) => span.GetProperty("parentSpanId").GetString();
        static int Kind(JsonElement span) => span.GetProperty("kind").GetInt32();
    }

    /// <summary>Signs in as a machine, writes under the trace, asks for a person, fails to sign in; returns every secret on the way.</summary>
    private async Task<List<string>> TalkAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.UserAgent.ParseAdd(Software + "/1.0");
        var administrator = (await TwinCli.RunAsync(Token, "token", "--data", Data("gateway"), "--role", "administrator")).Output.Trim();
        using var made = await SendAsync("/operations/clients", administrator, """{"id":"etl","authentication":"secret","roles":["operator"]}""", HttpStatusCode.Created);
        var secret = (await JsonAsync(made)).GetProperty("secret").GetString()!;
        using var account = await SendAsync("/operations/accounts", administrator, $$"""{"name":"{{Person}}","roles":["planner"]}""", HttpStatusCode.Created);
        var password = (await JsonAsync(account)).GetProperty("password").GetString()!;
        using var exchanged = await FormAsync(secret);
        var token = (await JsonAsync(exchanged)).GetProperty("access_token").GetString()!;
        using var refused = await FormAsync("guess-" + secret);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        Under(Trace);
        using var written = await SendAsync(
            "/ngsi-ld/v1/entities",
            token,
            $$$"""{"@context":"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld","id":"urn:ngsi-ld:Building:1","type":"Building","owner":{"type":"Property","value":"{{{Person}}}"}}""",
            HttpStatusCode.Created);
        Under(FailingTrace);
        using var failed = await SendAsync(
            "/ngsi-ld/v1/entities", token, """{"@context":"http://127.0.0.1:9/context.jsonld","id":"urn:ngsi-ld:Building:2","type":"Building"}""", HttpStatusCode.GatewayTimeout);
        http.DefaultRequestHeaders.Remove("traceparent");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var found = await http.GetStringAsync($"/ngsi-ld/v1/entities?type=Building&q=owner==%22{Person}%22", Token);
        Assert.Contains("urn:ngsi-ld:Building:1", found, StringComparison.Ordinal);
        return [administrator, secret, password, token];

        void Under(string trace)
        {
            http.DefaultRequestHeaders.Remove("traceparent");
            http.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{Caller}-01");
        }

        async Task<HttpResponseMessage> SendAsync(string path, string bearer, string json, HttpStatusCode status)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, json.Contains("@context", StringComparison.Ordinal) ? "application/ld+json" : "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            var answer = await http.SendAsync(request, Token);
            Assert.True(answer.StatusCode == status, await answer.Content.ReadAsStringAsync(Token));
            return answer;
        }

        async Task<HttpResponseMessage> FormAsync(string word)
        {
            using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", "etl"), new("client_secret", word)]);
            return await http.PostAsync("/connect/token", form, Token);
        }
    }

    private static string? Name(JsonElement metric) => metric.GetProperty("name").GetString();

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement;

    private string Data(string service) => Path.Combine(directory.FullName, service);

    private Task<NodeProcess> StartAsync(string service, Dictionary<string, string> settings)
    {
        settings["Twin__Services"] = service;
        return NodeProcess.StartAsync(["--port", "0", "--data", Data(service), "--name", "Mulhouse"], settings, Token);
    }
}
