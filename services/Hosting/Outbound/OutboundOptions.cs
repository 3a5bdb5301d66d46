using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Twin.Hosting.Authentication;

namespace Twin.Hosting.Outbound;

/// <summary>Where a node may call when somebody else says where. Section <c>Twin:Outbound</c>.</summary>
public sealed class OutboundOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Twin:Outbound";

    /// <summary>
    /// Allows 127.0.0.0/8 and ::1, over http as well. Off, but on in an open node (<c>Twin:Open</c>), since conformance
    /// suites serve their @contexts and context sources there.
    /// </summary>
    public bool AllowLoopback { get; set; }

    /// <summary>Allows the private ranges (RFC 1918, RFC 4193). Off: name the networks that are meant instead.</summary>
    public bool AllowPrivateNetworks { get; set; }

    /// <summary>Networks that are allowed whatever they are, such as <c>10.20.0.0/16</c>.</summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>Allows http to any allowed address. Off: https only.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>How many redirects are followed. Each is checked like the first call.</summary>
    public int MaximumRedirects { get; set; } = 3;

    /// <summary>How long a connection may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);
}

/// <summary>An open node may call loopback without being told so.</summary>
internal sealed class OutboundDefaults(IConfiguration configuration) : IConfigureOptions<OutboundOptions>
{
    public void Configure(OutboundOptions options) => options.AllowLoopback = TwinAuthorization.IsOpen(configuration);
}

internal sealed class OutboundOptionsValidator : IValidateOptions<OutboundOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboundOptions options)
    {
        foreach (string network in options.AllowedNetworks)
        {
            if (!IPNetwork.TryParse(network, out _))
            {
                return ValidateOptionsResult.Fail($"{OutboundOptions.Section}:AllowedNetworks holds '{network}', which is no network. Write an address and a prefix length, such as 10.20.0.0/16.");
            }
        }

        return options.MaximumRedirects is < 0 or > 10 ? ValidateOptionsResult.Fail($"{OutboundOptions.Section}:MaximumRedirects is between 0 and 10.")
            : options.ConnectTimeout <= TimeSpan.Zero ? ValidateOptionsResult.Fail($"{OutboundOptions.Section}:ConnectTimeout is a positive duration, such as 00:00:03.")
            : ValidateOptionsResult.Success;
    }
}
