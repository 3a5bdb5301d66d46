using System.Text;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Hosting.Composition;
using Twin.ScenarioEngine;
using Twin.Telemetry;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>A node with scenarios on port 0 over a real store.</summary>
internal sealed class ScenarioNode : IAsyncDisposable
{
    private readonly RunningNode _node;
    private readonly HttpClient _http;

    private ScenarioNode(RunningNode node)
    {
        _node = node;
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = node.Http };
    }

    /// <summary>The entities of the default tenant.</summary>
    public NgsiClient Twin => new(_http, null);

    public static Task<ScenarioNode> StartAsync(TestStore store, params (string Key, string Value)[] settings) => StartAsync(store, history: false, settings);

    public static async Task<ScenarioNode> StartAsync(TestStore store, bool history, params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> all = store.Settings;
        (all["Twin:Port"], all["Twin:Open"], all["Twin:Services"]) = ("0", "true", "all");
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        var node = TwinNode.Create(all).With<EntityRegistryService>().With<ScenarioEngineService>().With<GatewayService>();
        return new ScenarioNode(await (history ? node.With<TelemetryService>() : node).StartAsync(TestContext.Current.CancellationToken));
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await SendAsync(request);
    }

    private async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers, response.Content.Headers);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Gets a representation of this media type.</summary>
    public async Task<Answer> GetAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await SendAsync(request);
    }

    /// <summary>Creates entities whose names are those of a context.</summary>
    public async Task<Answer> LoadAsync(string entities, string contextUrl)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ngsi-ld/v1/entityOperations/create") { Content = new StringContent(entities, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Link", $"<{contextUrl}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        return await SendAsync(request);
    }

    /// <summary>Asks for entities of a scenario by the header.</summary>
    public async Task<Answer> AsScenarioAsync(HttpMethod method, string path, string scenario, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("NGSILD-Scenario", scenario);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await SendAsync(request);
    }

    /// <summary>Sends rows of the history.</summary>
    public async Task<Answer> IngestAsync(string csv)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ingest") { Content = new StringContent(csv, Encoding.UTF8, "text/csv") };
        return await SendAsync(request);
    }

    /// <summary>Sends a weather year.</summary>
    public async Task<Answer> KeepWeatherAsync(string epw, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/scenarios/weather" + query) { Content = new StringContent(epw, Encoding.UTF8, "text/plain") };
        return await SendAsync(request);
    }

    /// <summary>Begins a scenario and returns its path.</summary>
    public async Task<string> BeginAsync(string name, string interventions = "[]", string? contextUrl = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/scenarios") { Content = new StringContent($$"""{"name":"{{name}}","interventions":{{interventions}}}""", Encoding.UTF8, "application/json") };
        if (contextUrl is not null)
        {
            request.Headers.TryAddWithoutValidation("Link", $"<{contextUrl}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        }

        return (await SendAsync(request)).Is(System.Net.HttpStatusCode.Created)["Location"]!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _node.StopAsync(CancellationToken.None);
        await _node.DisposeAsync();
    }
}
