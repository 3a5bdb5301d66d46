using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;

namespace Twin.Hosting.Grpc;

/// <summary>The internal identity of this process, signed anew when half of its life is over; none in an open node.</summary>
internal sealed class CallIdentity
{
    private readonly InternalIdentity? identity;
    private readonly TimeProvider time;
    private readonly string name;
    private readonly TimeSpan halfLife;
    private volatile Signed? current;

    public CallIdentity(TwinProcess process, IServiceProvider services, IConfiguration configuration, IOptions<InternalIdentityOptions> options, TimeProvider time)
    {
        identity = services.GetService<InternalIdentity>();
        this.time = time;
        name = string.Join('+', process.Services);
        halfLife = TimeSpan.FromSeconds(options.Value.LifetimeSeconds / 2.0);
        SidecarToken = configuration["DAPR_API_TOKEN"];
    }

    /// <summary>What the Dapr sidecar asks of those that call through it.</summary>
    public string? SidecarToken { get; }

    public string? Current()
    {
        if (identity is null)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (current is { } signed && now < signed.Until)
        {
            return signed.Identity;
        }

        // Two calls at once may both sign: either result serves.
        var fresh = new Signed(identity.IssueForService(name), now + halfLife);
        current = fresh;
        return fresh.Identity;
    }

    private sealed record Signed(string Identity, DateTimeOffset Until);
}
