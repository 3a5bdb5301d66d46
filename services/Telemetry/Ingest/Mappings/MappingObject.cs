using System.Text.Json;
using Twin.Telemetry.Ingest.Csv;

namespace Twin.Telemetry.Ingest.Mappings;

/// <summary>An object of a mapping, of which each member is asked for by its name; one that nobody asks for is refused.</summary>
internal sealed class MappingObject
{
    private const int MostText = 2048;

    private readonly JsonElement json;
    private readonly string pointer;
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public MappingObject(JsonElement json, string pointer)
    {
        (this.json, this.pointer) = (json, pointer);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new MappingException(pointer, "It is a JSON object.");
        }
    }

    /// <summary>Where a member stands.</summary>
    public string At(string name) => $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>Whether a member is there.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A text; null when it is not there.</summary>
    public string? Text(string name) => Find(name) is not { } found ? null
        : found.ValueKind != JsonValueKind.String ? throw new MappingException(At(name), "It is a string.")
        : found.GetString() is { Length: <= MostText } text ? text
        : throw new MappingException(At(name), $"It has at most {MostText} characters.");

    /// <summary>A text that has to be there.</summary>
    public string Needed(string name, string what) => Text(name) is { Length: > 0 } text ? text : throw new MappingException(At(name), $"It is missing: {what}");

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool otherwise) => Find(name) is not { } found ? otherwise
        : found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean()
        : throw new MappingException(At(name), "It is true or false.");

    /// <summary>A whole number within bounds.</summary>
    public int Number(string name, int otherwise, int least, int most) => Find(name) is not { } found ? otherwise
        : found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out var number) && number >= least && number <= most ? number
        : throw new MappingException(At(name), $"It is a whole number from {least} to {most}.");

    /// <summary>One of some words.</summary>
    public T Choice<T>(string name, T otherwise, params ReadOnlySpan<(string Word, T Means)> words)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        foreach (var (word, means) in words)
        {
            if (text == word)
            {
                return means;
            }
        }

        throw new MappingException(At(name), $"It is one of {string.Join(", ", words.ToArray().Select(static one => one.Word))}.");
    }

    /// <summary>A column: its name, or its position from 1 as a number.</summary>
    public string? Column(string name)
    {
        if (Find(name) is { ValueKind: JsonValueKind.Number } found)
        {
            return found.TryGetInt32(out var position) && position is >= 1 and <= 4096
                ? position.ToString(System.Globalization.CultureInfo.InvariantCulture)
                : throw new MappingException(At(name), "The position of a column is from 1 to 4096.");
        }

        return Text(name) is not { } text ? null : text.Length > 0 ? text : throw new MappingException(At(name), "It names a column, or is its position from 1.");
    }

    /// <summary>A text with fields in it; null when it is not there.</summary>
    public RowTemplate? Template(string name) => Text(name) is not { } text ? null
        : RowTemplate.Parse(text) ?? throw new MappingException(At(name), $"'{text}' is no text with fields in braces, such as urn:ngsi-ld:Device:{{station}}.");

    /// <summary>Texts; null when they are not there.</summary>
    public string[]? Texts(string name) => Find(name) is not { } found ? null
        : found.ValueKind == JsonValueKind.Array && found.GetArrayLength() <= 64 && found.EnumerateArray().All(static one => one.ValueKind == JsonValueKind.String)
            ? [.. found.EnumerateArray().Select(static one => one.GetString()!)]
            : throw new MappingException(At(name), "It is an array of at most 64 strings.");

    /// <summary>Objects; null when they are not there.</summary>
    public MappingObject[]? Objects(string name, int most) => Find(name) is not { } found ? null
        : found.ValueKind == JsonValueKind.Array && found.GetArrayLength() is > 0 and var length && length <= most
            ? [.. found.EnumerateArray().Select((one, i) => new MappingObject(one, FormattableString.Invariant($"{At(name)}/{i}")))]
            : throw new MappingException(At(name), $"It is an array of 1 to {most} objects.");

    /// <summary>An object; null when it is not there.</summary>
    public MappingObject? Object(string name) => Find(name) is { } found ? new MappingObject(found, At(name)) : null;

    /// <summary>The members of an object whose names are the author's.</summary>
    public IEnumerable<string> Names()
    {
        foreach (var member in json.EnumerateObject())
        {
            known.Add(member.Name);
            yield return member.Name;
        }
    }

    /// <summary>Refuses what nobody has asked for.</summary>
    public void End(string members)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                throw new MappingException(At(member.Name), $"There is no such member; there are {members}.");
            }
        }
    }

    private JsonElement? Find(string name)
    {
        known.Add(name);
        return json.TryGetProperty(name, out var found) ? found : null;
    }
}
