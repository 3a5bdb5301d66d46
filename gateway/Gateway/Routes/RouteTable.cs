using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Twin.Gateway.Routes;

/// <summary>A part of the public surface and the service that answers it.</summary>
/// <param name="Path">A route pattern; what lies below the prefix goes along.</param>
/// <param name="Service">The name of the service.</param>
/// <param name="IsOptional">A node may do without the service: then the path is not there.</param>
internal sealed record PublicRoute(string Path, string Service, bool IsOptional = false);

/// <summary>A service in another process, with its HTTP address.</summary>
internal sealed record RemoteService(string Name, Uri Address);

/// <summary>
/// The public route table. A route ends in this process when the service is in it: its own endpoints answer. When it is
/// not, the route ends at the address that <c>Twin:Services:Addresses:NAME</c> gives.
/// </summary>
internal static class RouteTable
{
    public static IReadOnlyList<PublicRoute> Routes { get; } =
    [
        new("/ngsi-ld/{**rest}", "entity-registry"),
        new("/ngsi-ld/v1/temporal/{**rest}", "telemetry", IsOptional: true),
        new("/ingest/{**rest}", "telemetry", IsOptional: true),
        new("/history/{**rest}", "telemetry", IsOptional: true),
        new("/forecasts/{**rest}", "telemetry", IsOptional: true),
        new("/scenarios/{**rest}", "scenario-engine", IsOptional: true),
    ];

    /// <summary>The services of the table that other processes hold.</summary>
    /// <exception cref="OptionsValidationException">The address of one is missing or no HTTP address.</exception>
    public static IReadOnlyList<RemoteService> Remote(IConfiguration configuration)
    {
        var here = (configuration["Twin:Services"] ?? "all").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (here.Contains("all", StringComparer.Ordinal))
        {
            return [];
        }

        var remote = new List<RemoteService>();
        var failures = new List<string>();
        foreach (var (name, optional) in Routes.Select(static route => (route.Service, route.IsOptional)).Distinct().Where(route => !here.Contains(route.Service, StringComparer.Ordinal)))
        {
            var key = $"Twin:Services:Addresses:{name}";
            if (optional && configuration[key] is null)
            {
                continue;
            }

            if (Uri.TryCreate(configuration[key], UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", AbsolutePath: "/", Query: "" })
            {
                remote.Add(new RemoteService(name, address));
            }
            else
            {
                failures.Add($"{key}: {name} is not in this process; set its HTTP address, such as http://{name}:8080, or add it to Twin:Services.");
            }
        }

        return failures.Count == 0 ? remote : throw new OptionsValidationException("Twin:Services:Addresses", typeof(RouteTable), failures);
    }
}
