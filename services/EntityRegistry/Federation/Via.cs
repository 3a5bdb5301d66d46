using Microsoft.AspNetCore.Http;

namespace Twin.EntityRegistry.Federation;

/// <summary>
/// The Via header (RFC 9110 7.6.3) as NGSI-LD uses it (GS CIM 009 6.3.17): the aliases of the context sources that a
/// request has come through, by which a loop is seen.
/// </summary>
internal static class Via
{
    /// <summary>Whether the request has come through this source before.</summary>
    public static bool Contains(HttpRequest request, string alias)
    {
        foreach (string? line in request.Headers.Via)
        {
            foreach (string hop in (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = hop.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
                if (parts.Length >= 2 && parts[1] == alias)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The header for a request that goes on from here.</summary>
    public static string Append(HttpRequest request, string alias)
    {
        string before = string.Join(", ", request.Headers.Via.Where(v => !string.IsNullOrWhiteSpace(v)));
        return before.Length == 0 ? $"1.1 {alias}" : $"{before}, 1.1 {alias}";
    }
}
