using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Twin.Hosting.Composition;

/// <summary>A service that a process can hold, with its static members as values.</summary>
internal sealed record ServiceEntry(
    string Name,
    Action<IHostApplicationBuilder> Add,
    Action<WebApplication> UseFirst,
    Action<WebApplication> Use,
    Action<IEndpointRouteBuilder> Map)
{
    public static ServiceEntry Of<T>()
        where T : ITwinService => new(T.Name, T.Add, T.UseFirst, T.Use, T.Map);

    /// <summary>Those that <c>Twin:Services</c> names, in the order in which the node lists them.</summary>
    public static IReadOnlyList<ServiceEntry> Pick(IReadOnlyList<ServiceEntry> known, string setting)
    {
        var names = setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = names.Where(name => name != "all" && known.All(entry => entry.Name != name)).ToList();
        if (unknown.Count > 0 || names.Length == 0)
        {
            var what = names.Length == 0 ? "no service is named" : $"no service is called {string.Join(", ", unknown.Select(name => $"'{name}'"))}";
            throw SettingException.Of("Twin:Services", $"{what}; set all, or some of {string.Join(", ", known.Select(entry => entry.Name))}, separated by commas.");
        }

        return names.Contains("all") ? known : [.. known.Where(entry => names.Contains(entry.Name))];
    }
}
