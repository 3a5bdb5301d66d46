using System.Text;
using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>Text with placeholders: <c>{name}</c> for what the source knows of a message, <c>{$.a.b}</c> for a member of its JSON payload.</summary>
internal sealed class Template
{
    private readonly string text;
    private readonly List<(string Text, bool IsName, JsonPath? Path)> parts = [];

    private Template(string text) => this.text = text;

    /// <summary>Whether it takes something from the payload, which must be JSON.</summary>
    public bool TakesMembers => parts.Exists(static part => part.Path is not null);

    /// <summary>The members of the payload that it takes.</summary>
    public IEnumerable<JsonPath> Members => parts.Where(static part => part.Path is not null).Select(static part => part.Path!);

    /// <summary>Whether it takes anything of a message.</summary>
    public bool IsFixed => parts.TrueForAll(static part => !part.IsName && part.Path is null);

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="names">The names that the source knows.</param>
    /// <param name="template">The template read.</param>
    /// <returns>Null, or why it is none.</returns>
    public static string? Parse(string text, IReadOnlyCollection<string> names, out Template template)
    {
        template = new Template(text);
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf('{', at);
            if (open != at)
            {
                template.parts.Add((text[at..(open < 0 ? text.Length : open)], false, null));
                at = open < 0 ? text.Length : open;
                continue;
            }

            var close = text.IndexOf('}', at);
            var inner = close < 0 ? "" : text[(at + 1)..close];
            if (inner.Length == 0)
            {
                return $"'{text}' has a '{{' without a name and '}}' behind it.";
            }

            if (inner[0] == '$')
            {
                if (JsonPath.Parse(inner) is not { Name.Length: > 0 } path)
                {
                    return $"'{{{inner}}}' is no path such as {{$.data.id}}.";
                }

                template.parts.Add((inner, false, path));
            }
            else if (names.Contains(inner))
            {
                template.parts.Add((inner, true, null));
            }
            else
            {
                return $"'{{{inner}}}' is nothing that this source knows: {(names.Count == 0 ? "it has no names; {$.path} takes a member of a JSON payload" : $"it knows {string.Join(", ", names.Select(static name => $"{{{name}}}"))}, and of a JSON payload {{$.path}}")}.";
            }

            at = close + 1;
        }

        return null;
    }

    /// <summary>The text for a message.</summary>
    /// <param name="names">What the source knows of it.</param>
    /// <param name="root">The payload, when it is JSON.</param>
    /// <param name="asUri">Whether what comes in is percent-encoded, so that it cannot become another part of the URI.</param>
    /// <exception cref="PayloadException">Something that it takes is not there.</exception>
    public string Render(IReadOnlyDictionary<string, string> names, JsonElement root, bool asUri = false)
    {
        if (parts is [(_, true, _) or (_, _, not null)])
        {
            var whole = Part(parts[0], names, root);
            return asUri ? WholeUri(whole) : whole;
        }

        var made = new StringBuilder();
        foreach (var part in parts)
        {
            var isText = !part.IsName && part.Path is null;
            var value = isText ? part.Text : Part(part, names, root);
            made.Append(asUri && !isText ? Uri.EscapeDataString(value) : value);
        }

        return made.ToString();
    }

    private string Part((string Text, bool IsName, JsonPath? Path) part, IReadOnlyDictionary<string, string> names, JsonElement root)
    {
        if (part.IsName)
        {
            return names.TryGetValue(part.Text, out var known) && known.Length > 0 ? known : throw new PayloadException($"It has no {part.Text}, which '{text}' takes.");
        }

        if (root.ValueKind == JsonValueKind.Undefined || !part.Path!.TryFind(root, out var found))
        {
            throw new PayloadException($"It has no member {part.Path!.Text}, which '{text}' takes.");
        }

        return found.ValueKind switch
        {
            JsonValueKind.String when found.GetString() is { Length: > 0 } value => value,
            JsonValueKind.Number => found.GetRawText(),
            _ => throw new PayloadException($"Its member {part.Path.Text}, which '{text}' takes, is neither a text nor a number."),
        };
    }

    /// <summary>What is no character of a URI is encoded; the rest stands, since it is a URI already.</summary>
    private static string WholeUri(string value)
    {
        var made = new StringBuilder(value.Length);
        foreach (var rune in value.EnumerateRunes())
        {
            made.Append(rune.IsAscii && !"\"<>\\^`{|} ".Contains((char)rune.Value, StringComparison.Ordinal) && !Rune.IsControl(rune)
                ? rune.ToString()
                : Uri.EscapeDataString(rune.ToString()));
        }

        return made.ToString();
    }
}

/// <summary>A message that cannot be understood.</summary>
/// <param name="message">Why, as a sentence about "it"; and what to do.</param>
internal sealed class PayloadException(string message) : Exception(message);
