using Microsoft.Extensions.Options;

namespace Twin.Gateway.Limits;

/// <summary>What the front door takes from outside (<c>Twin:Gateway</c>), beside the sizes of <c>Twin:Limits</c>.</summary>
public sealed class EdgeOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:Gateway";

    /// <summary>The most parameters in a query; 400 above.</summary>
    public int MaxQueryParameters { get; set; } = 64;

    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>) of proxies in front of the node, whose X-Forwarded-* headers are believed. None by default.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>How long a service in another process may keep a forwarded call waiting without a byte, in seconds.</summary>
    public int ForwardTimeoutSeconds { get; set; } = 100;
}

internal sealed class EdgeOptionsValidator : IValidateOptions<EdgeOptions>
{
    public ValidateOptionsResult Validate(string? name, EdgeOptions options)
    {
        var failures = new List<string>();
        Require(options.MaxQueryParameters is > 0 and <= 1024, "Twin:Gateway:MaxQueryParameters: set 1 to 1024.");
        Require(options.ForwardTimeoutSeconds is > 0 and <= 3600, "Twin:Gateway:ForwardTimeoutSeconds: set 1 to 3600 seconds.");
        for (var i = 0; i < options.TrustedProxies.Length; i++)
        {
            Require(
                System.Net.IPNetwork.TryParse(options.TrustedProxies[i], out _) || System.Net.IPAddress.TryParse(options.TrustedProxies[i], out _),
                $"Twin:Gateway:TrustedProxies:{i}: set an address or a network such as 10.0.0.0/8.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool holds, string message)
        {
            if (!holds)
            {
                failures.Add(message);
            }
        }
    }
}
