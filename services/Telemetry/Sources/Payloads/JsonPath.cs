using System.Globalization;
using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>A path of members, and of places in arrays: <c>data.readings.0.value</c>, also written <c>$.data…</c>.</summary>
internal sealed class JsonPath
{
    private readonly string[] steps;

    private JsonPath(string text, string[] steps) => (Text, this.steps) = (text, steps);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The last step; empty for the root.</summary>
    public string Name => steps.Length == 0 ? "" : steps[^1];

    /// <summary>Whether it is the member of the root with this name.</summary>
    public bool IsMember(string name) => steps.Length == 1 && steps[0] == name;

    /// <summary>Reads a path; null when it has an empty step.</summary>
    public static JsonPath? Parse(string text)
    {
        var rest = text is "$" ? "" : text.StartsWith("$.", StringComparison.Ordinal) ? text[2..] : text;
        var read = rest.Length == 0 ? [] : rest.Split('.');
        return Array.IndexOf(read, "") < 0 ? new JsonPath(text, read) : null;
    }

    /// <summary>What stands there.</summary>
    /// <returns>False when nothing does.</returns>
    public bool TryFind(JsonElement root, out JsonElement found)
    {
        found = root;
        foreach (var step in steps)
        {
            var there = found.ValueKind switch
            {
                JsonValueKind.Object => found.TryGetProperty(step, out found),
                JsonValueKind.Array => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < found.GetArrayLength()
                    && (found = found[at]).ValueKind != JsonValueKind.Undefined,
                _ => false,
            };
            if (!there)
            {
                return false;
            }
        }

        return true;
    }
}
