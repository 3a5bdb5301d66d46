using Microsoft.Extensions.Primitives;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;

namespace Twin.EntityRegistry.Contexts;

/// <summary>Finds the @context in Link headers (RFC 8288; JSON-LD 1.1, 6.1; GS CIM 009 V1.9.1, 6.3.5).</summary>
internal static class ContextLink
{
    /// <summary>The URL whose relation is the @context, null when there is none.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: several @contexts are named.</exception>
    public static string? Find(StringValues headers)
    {
        string? found = null;
        foreach (string? header in headers)
        {
            ReadOnlySpan<char> rest = header;
            while (Next(ref rest, out ReadOnlySpan<char> url, out ReadOnlySpan<char> parameters))
            {
                if (!HasRelation(parameters))
                {
                    continue;
                }

                if (found is not null && !url.SequenceEqual(found))
                {
                    throw NgsiLdException.BadRequest("The Link header names more than one @context; host an array of them instead (5.13.2).", "Link");
                }

                found = url.ToString();
            }
        }

        return found;
    }

    /// <summary>Takes one link value off the front: <c>&lt;URL&gt;; name="value"; name=value,</c>.</summary>
    private static bool Next(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> url, out ReadOnlySpan<char> parameters)
    {
        url = parameters = default;
        int start = rest.IndexOf('<');
        int end = start < 0 ? -1 : rest[start..].IndexOf('>');
        if (end < 0)
        {
            return false;
        }

        url = rest.Slice(start + 1, end - 1).Trim();
        rest = rest[(start + end + 1)..];
        bool quoted = false;
        int at = 0;
        for (; at < rest.Length && (quoted || rest[at] != ','); at++)
        {
            if (quoted && rest[at] == '\\')
            {
                at++;
            }
            else if (rest[at] == '"')
            {
                quoted = !quoted;
            }
        }

        at = Math.Min(at, rest.Length);
        parameters = rest[..at];
        rest = rest[Math.Min(at + 1, rest.Length)..];
        return true;
    }

    private static bool HasRelation(ReadOnlySpan<char> parameters)
    {
        foreach (Range part in parameters.Split(';'))
        {
            ReadOnlySpan<char> parameter = parameters[part].Trim();
            int equals = parameter.IndexOf('=');
            if (equals < 0 || !parameter[..equals].TrimEnd().Equals("rel", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            ReadOnlySpan<char> relations = parameter[(equals + 1)..].Trim().Trim('"');
            foreach (Range relation in relations.Split(' '))
            {
                if (relations[relation].SequenceEqual(JsonLdContext.LinkRelation))
                {
                    return true;
                }
            }

            // Only the first rel counts (RFC 8288, 3.3).
            return false;
        }

        return false;
    }
}
