using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Node.Commands;
using Twin.Node.Districts;
using Twin.Node.Import;
using Twin.ScenarioEngine;
using Twin.Tests.Support;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>
/// A city with a Dapr sidecar beside each of its two processes: its events go through the registry's, the gateway's gRPC
/// calls through both.
/// </summary>
internal sealed class DaprCity : IAsyncDisposable
{
    private const string Token = "only-the-sidecars-know";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("twin-dapr-split-");
    private readonly DistrictPlan plan;
    private readonly string component;
    private readonly DaprSidecar beside;
    private readonly DaprSidecar gatewaySidecar;
    private NodeProcess? registry;
    private NodeProcess? gateway;

    private DaprCity(DistrictPlan plan, string bootstrapServers, string names)
    {
        this.plan = plan;
        beside = new DaprSidecar($"{plan.Key}-registry", names);
        gatewaySidecar = new DaprSidecar($"{plan.Key}-gateway", names);
        component = $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: pubsub}
            spec:
              type: pubsub.kafka
              version: v1
              metadata:
              - {name: brokers, value: "{{bootstrapServers}}"}
              - {name: authType, value: none}
              - {name: consumerGroup, value: "{appID}"}
              - {name: initialOffset, value: oldest}
            """;
    }

    /// <summary>The front door.</summary>
    public Uri Gateway => gateway!.Http;

    /// <summary>The registry's own HTTP listener.</summary>
    public Uri Registry => registry!.Http;

    /// <summary>An administrator's token.</summary>
    public string AdministratorToken => LocalToken.Of(null, directory.FullName)!;

    /// <summary>The topic of its entities at the broker.</summary>
    public string Topic => $"dapr.{plan.Key}.entities";

    /// <summary>Starts processes and sidecars, and loads the district.</summary>
    public static async Task<DaprCity> StartAsync(DistrictPlan plan, string bootstrapServers, string names, CancellationToken cancellationToken)
    {
        var city = new DaprCity(plan, bootstrapServers, names);
        try
        {
            await city.StartAsync(cancellationToken);
            return city;
        }
        catch
        {
            await city.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the other city known, as the demo does.</summary>
    public async Task IntroduceAsync(DaprCity peer, CancellationToken cancellationToken)
    {
        using var node = Client();
        await DemoDistrict.IntroduceAsync(node, peer.plan, peer.Gateway, cancellationToken);
    }

    /// <summary>SIGKILL to the sidecar of the registry.</summary>
    public Task KillSidecarAsync() => beside.KillAsync();

    /// <summary>Starts it again.</summary>
    public Task StartSidecarAsync(CancellationToken cancellationToken) =>
        beside.StartAsync(registry!.Grpc.Port, Token, component, cancellationToken, "h2c");

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { gateway, registry, gatewaySidecar, beside })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        directory.Delete(recursive: true);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = await DemoCity.SettingsAsync(cancellationToken);
        settings["APP_API_TOKEN"] = Token;
        settings["Twin__Events__DegradedLag"] = "00:00:01";
        settings["Twin__Events__MaxRetryDelay"] = "00:00:01";
        settings["Twin__Events__TopicPrefix"] = $"dapr.{plan.Key}";
        registry = await StartAsync(EntityRegistryService.Name, beside, settings, cancellationToken);
        await StartSidecarAsync(cancellationToken);
        settings[$"Twin__Services__Addresses__{EntityRegistryService.Name}"] = registry.Http.GetLeftPart(UriPartial.Authority);
        settings[$"Twin__Dapr__AppIds__{EntityRegistryService.Name}"] = beside.AppId;
        await gatewaySidecar.StartAsync(null, Token, component, cancellationToken);
        gateway = await StartAsync($"{GatewayService.Name},{ScenarioEngineService.Name}", gatewaySidecar, settings, cancellationToken);
        using var node = Client();
        await DemoDistrict.LoadAsync(plan, directory.FullName, node, 1, static _ => { }, cancellationToken);
    }

    private Task<NodeProcess> StartAsync(string service, DaprSidecar sidecar, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        settings["Twin__Services"] = service;
        settings["DAPR_HTTP_PORT"] = $"{sidecar.HttpPort}";
        settings["DAPR_GRPC_PORT"] = $"{sidecar.GrpcPort}";
        return NodeProcess.StartAsync(["--port", "0", "--data", directory.FullName, "--name", plan.City], settings, cancellationToken);
    }

    private NodeClient Client() => new(Gateway, AdministratorToken, DistrictGenerator.ContextUrl, TimeProvider.System);
}
