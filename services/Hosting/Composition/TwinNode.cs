using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Twin.Hosting.Authentication;
using Twin.Hosting.Events;
using Twin.Hosting.Grpc;
using Twin.Hosting.Operations;
using Twin.Hosting.Problems;

namespace Twin.Hosting.Composition;

/// <summary>
/// One process of a node: <c>TwinNode.Create(settings).With&lt;EntityRegistryService&gt;().With&lt;GatewayService&gt;()</c>
/// knows the services, <c>Twin:Services</c> picks those that run.
/// </summary>
public sealed class TwinNode
{
    private readonly IReadOnlyDictionary<string, string?> settings;
    private readonly List<ServiceEntry> known = [];
    private readonly List<Action<IHostApplicationBuilder>> adjustments = [];

    private TwinNode(IReadOnlyDictionary<string, string?> settings) => this.settings = settings;

    /// <summary>A node with these settings (<c>Twin:Port</c>, ...), which win over the environment and <c>twin.json</c>.</summary>
    public static TwinNode Create(IReadOnlyDictionary<string, string?> settings) => new(settings);

    /// <summary>Adds a service that the process can hold.</summary>
    public TwinNode With<T>()
        where T : ITwinService
    {
        known.Add(ServiceEntry.Of<T>());
        return this;
    }

    /// <summary>Changes the registrations after all services have added theirs: another clock, a listener for a test.</summary>
    public TwinNode Adjust(Action<IHostApplicationBuilder> adjustment)
    {
        adjustments.Add(adjustment);
        return this;
    }

    /// <summary>Starts the process; it answers when the task ends.</summary>
    /// <exception cref="SettingException">Settings with which it cannot run; nothing is left behind.</exception>
    public async Task<RunningNode> StartAsync(CancellationToken cancellationToken)
    {
        // An empty builder: what is here is what runs. The usual one watches files, reads the working directory and
        // adds four log sinks.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "twin", ContentRootPath = AppContext.BaseDirectory });
        NodeSettings.Add(builder.Configuration, settings);
        var options = NodeSettings.Read(builder.Configuration);
        var services = ServiceEntry.Pick(known, options.Services);
        var directory = DataDirectory.Take(options.DataDirectory, [.. services.Select(service => service.Name)], services.Count == known.Count);
        WebApplication? app = null;
        try
        {
            var process = new TwinProcess(options, [.. services.Select(service => service.Name)], [.. known.Select(service => service.Name)], directory.Path);
            Register(builder, process, options, services);
            app = builder.Build();
            Pipe(app, services);
            await app.StartAsync(cancellationToken);
            var node = new RunningNode(app, directory, process);
            directory.Describe(process.Name, node.Http, node.Grpc, process.Services);
            return node;
        }
        catch (Exception fault)
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
            directory.Dispose();
            throw StartFault.Explain(fault, options) ?? fault;
        }
    }

    private void Register(WebApplicationBuilder builder, TwinProcess process, NodeOptions options, IReadOnlyList<ServiceEntry> services)
    {
        // Parts that read the setting themselves find one directory, whatever the working directory becomes.
        builder.Configuration[NodeOptions.DataDirectoryKey] = process.DataDirectory;
        builder.Services.AddSingleton(process);
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IValidateOptions<NodeOptions>, NodeOptionsValidator>();
        builder.Services.AddOptions<NodeOptions>().BindConfiguration(NodeOptions.Section).ValidateOnStart();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        builder.AddTwinLogging(process);
        builder.AddTwinTelemetry(process);
        builder.AddTwinListeners(options);
        builder.Services.AddHostedService<Drain>();
        builder.Services.AddRouting();
        // A parameter that cannot be read is a problem that says so, not a bare 400.
        builder.Services.Configure<RouteHandlerOptions>(static handlers => handlers.ThrowOnBadRequest = true);
        builder.AddTwinProblems();
        builder.AddTwinHealth();
        builder.AddTwinAuthorization();
        builder.AddTwinGrpc();
        builder.AddDeadLetterOperations(process);
        foreach (var service in services)
        {
            service.Add(builder);
        }

        foreach (var adjustment in adjustments)
        {
            adjustment(builder);
        }
    }

    private static void Pipe(WebApplication app, IReadOnlyList<ServiceEntry> services)
    {
        app.UseTwinProblems();
        foreach (var service in services)
        {
            service.UseFirst(app);
        }

        app.UseRouting();
        app.UseTwinAuthorization();
        foreach (var service in services)
        {
            service.Use(app);
        }

        app.MapTwinHealth();
        app.MapTwinGrpc();
        app.MapDeadLetterOperations();
        app.MapTwinEvents();
        foreach (var service in services)
        {
            service.Map(app);
        }
    }
}
