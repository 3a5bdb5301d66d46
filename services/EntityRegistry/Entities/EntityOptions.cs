using Microsoft.AspNetCore.Http;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Entities;

/// <summary>The <c>options</c> parameter of write operations: a list of words.</summary>
internal static class EntityOptions
{
    private static readonly string[] Known = ["noOverwrite", "replace", "update", "simplified", "keyValues", "normalized", "concise", "sysAttrs"];

    /// <summary>Whether a word is among the options.</summary>
    /// <exception cref="NgsiLdException">InvalidRequest when one of them is unknown.</exception>
    public static bool Has(HttpContext http, string word)
    {
        if (!http.Request.QueryString.HasValue)
        {
            return false;
        }

        bool found = false;
        foreach (string? list in http.Request.Query["options"])
        {
            foreach (string option in (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!Known.Contains(option))
                {
                    throw NgsiLdException.Invalid($"There is no option '{option}'.", "options");
                }

                found |= option == word;
            }
        }

        return found;
    }
}
