using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Composition;

/// <summary>A process of a node that answers.</summary>
public sealed class RunningNode : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DataDirectory directory;

    internal RunningNode(WebApplication app, DataDirectory directory, TwinProcess process)
    {
        this.app = app;
        this.directory = directory;
        Process = process;
        // Kestrel lists its addresses in the order of Listeners: the public one, then that of gRPC.
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        process.Http = FromThisMachine(addresses[0]);
        process.Grpc = FromThisMachine(addresses[1]);
    }

    /// <summary>The services, name and addresses of the process.</summary>
    public TwinProcess Process { get; }

    /// <summary>Where the public listener answers.</summary>
    public Uri Http => Process.Http!;

    /// <summary>Where the gRPC listener answers, HTTP/2 without TLS.</summary>
    public Uri Grpc => Process.Grpc!;

    /// <summary>Sign-in is off.</summary>
    public bool Open => app.Services.GetRequiredService<IOptions<NodeOptions>>().Value.Open;

    /// <summary>The services of the process, for tests that look behind its endpoints.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>Ends when the token is cancelled and the requests under way have been answered.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Stops as SIGTERM does.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => app.StopAsync(cancellationToken);

    /// <summary>Stops what still runs, and gives the data directory back.</summary>
    public async ValueTask DisposeAsync()
    {
        // Disposal alone would tear background work off in the middle, and that would be logged as its failure.
        if (!app.Lifetime.ApplicationStopped.IsCancellationRequested)
        {
            await app.StopAsync(CancellationToken.None);
        }

        await app.DisposeAsync();
        directory.Dispose();
    }

    private static Uri FromThisMachine(string address)
    {
        var uri = new UriBuilder(address);
        uri.Host = uri.Host is "[::]" or "0.0.0.0" or "+" or "*" ? "127.0.0.1" : uri.Host;
        return uri.Uri;
    }
}
