using System.Text.Json;
using Twin.NgsiLd;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>The bodies of requests; members that an operation does not know are refused.</summary>
internal static class ScenarioBody
{
    private const int MostName = 200;
    private const int MostDescription = 10_000;

    /// <summary>Reads JSON.</summary>
    /// <exception cref="NgsiLdException">InvalidRequest: it is none.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var json = JsonDocument.Parse(body);
            // What has no canonical form (members twice, halves of surrogates, numbers beyond doubles) has no hash either.
            CanonicalJson.Of(json.RootElement);
            return json;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw NgsiLdException.Invalid($"The body is no JSON (RFC 8259, RFC 7493): {fault.Message}");
        }
    }

    /// <summary>The name and the description of a scenario.</summary>
    /// <param name="json">The body.</param>
    /// <param name="others">Further members that the operation knows.</param>
    /// <exception cref="NgsiLdException">BadRequestData with the member at fault.</exception>
    public static (string Name, string Description) Head(JsonElement json, params ReadOnlySpan<string> others)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw NgsiLdException.BadRequest("The body is a JSON object.");
        }

        foreach (var member in json.EnumerateObject())
        {
            if (member.Name is not ("name" or "description") && !others.Contains(member.Name))
            {
                throw NgsiLdException.BadRequest($"There is no member '{member.Name}' here.", "/" + member.Name);
            }
        }

        var name = Text(json, "name", 1, MostName) ?? throw NgsiLdException.BadRequest("A scenario has a name.", "/name");
        return (name, Text(json, "description", 0, MostDescription) ?? "");
    }

    private static string? Text(JsonElement json, string member, int least, int most)
    {
        if (!json.TryGetProperty(member, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length >= least && text.Length <= most && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : throw NgsiLdException.BadRequest($"'{member}' is a text of {least} to {most} characters, none of them a null character.", "/" + member);
    }
}
