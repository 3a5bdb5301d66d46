using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Twin.ScenarioEngine;
using Twin.Telemetry;
using Xunit;

namespace Twin.Tests.Contract.OpenApi;

/// <summary>A whole node, which asks for sign-in, with a data directory of its own.</summary>
internal sealed class DescribedNode(RunningNode node, string data, string token) : IAsyncDisposable
{
    public HttpClient Client { get; } = new() { BaseAddress = node.Http };

    public IServiceProvider Services => node.Services;

    /// <summary>A bearer token of an administrator.</summary>
    public string Token => token;

    public static async Task<DescribedNode> StartAsync()
    {
        var data = Directory.CreateTempSubdirectory("twin-openapi").FullName;
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Twin:DataDirectory"] = data,
            ["Twin:Port"] = "0",
            ["Twin:Address"] = "127.0.0.1",
            ["Twin:Services"] = "all",
        };
        var node = await TwinNode.Create(settings).With<EntityRegistryService>().With<TelemetryService>().With<ScenarioEngineService>().With<GatewayService>().StartAsync(TestContext.Current.CancellationToken);
        var key = node.Services.GetRequiredService<SigningKeys>().Active();
        return new DescribedNode(node, data, NodeTokens.Issue(key, "test", [TwinRoles.Administrator], TimeSpan.FromMinutes(10), TimeProvider.System.GetUtcNow()));
    }

    public async Task<string> TextAsync() => await Client.GetStringAsync("/api/openapi.json", TestContext.Current.CancellationToken);

    public async Task<JsonNode> DocumentAsync() => JsonNode.Parse(await TextAsync())!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await node.StopAsync(CancellationToken.None);
        await node.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }
}
