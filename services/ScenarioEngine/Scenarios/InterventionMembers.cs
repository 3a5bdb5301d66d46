using System.Text;
using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>The members of an object that an intervention is read from; those that nobody asked for are refused.</summary>
internal sealed class InterventionMembers
{
    /// <summary>The longest text.</summary>
    public const int MostText = 500;

    private readonly JsonElement _json;
    private readonly string _path;
    private readonly HashSet<string> _known = [];

    /// <summary>Takes an object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="context">What expands names of attributes.</param>
    /// <param name="path">Where it stands, for faults.</param>
    public InterventionMembers(JsonElement json, JsonLdContext context, string path)
    {
        (_json, Context, _path) = (json, context, path);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw NgsiLdException.BadRequest("A JSON object is expected here.", path);
        }
    }

    /// <summary>What expands names of attributes.</summary>
    public JsonLdContext Context { get; }

    /// <summary>The entity, which must be named.</summary>
    public string Entity => Uri("entity");

    /// <summary>The entity to be added; empty when its id is to be made.</summary>
    public string NewEntity => OptionalUri("entity") ?? "";

    /// <summary>When the intervention takes effect.</summary>
    public long? ValidFrom => OptionalText("validFrom") is not { } text ? null
        : Timestamps.TryParse(text.AsSpan(), out var micros) ? micros
        : throw Fault("validFrom", "validFrom is a date-time in UTC such as 2030-01-01T00:00:00Z.");

    /// <summary>A text that is there.</summary>
    public string Text(string name) => OptionalText(name) ?? throw Missing(name);

    /// <summary>A text.</summary>
    public string? OptionalText(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 and <= MostText } value && !value.Contains('\0', StringComparison.Ordinal) => value,
        _ => throw Fault(name, $"'{name}' is a text of 1 to {MostText} characters, none of them a null character."),
    };

    /// <summary>One of some words.</summary>
    public string Word(string name, params ReadOnlySpan<string> words) =>
        Text(name) is var text && words.Contains(text) ? text : throw Fault(name, $"'{name}' is one of {string.Join(", ", words.ToArray())}.");

    /// <summary>A URI that is there.</summary>
    public string Uri(string name) => OptionalUri(name) ?? throw Missing(name);

    /// <summary>A URI.</summary>
    public string? OptionalUri(string name) => OptionalText(name) is not { } text ? null
        : Uris.IsAbsolute(text) ? text : throw Fault(name, "An entity id is a URI, such as urn:ngsi-ld:Building:1.");

    /// <summary>A number that is there.</summary>
    public double Number(string name, double least, double most) => OptionalNumber(name, least, most) ?? throw Missing(name);

    /// <summary>A number.</summary>
    public double? OptionalNumber(string name, double least, double most) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var value) && value >= least && value <= most => value,
        _ => throw Fault(name, $"'{name}' is a number from {least} to {most}."),
    };

    /// <summary>A whole number that is there.</summary>
    public int Whole(string name, int least, int most) => OptionalWhole(name, least, most) ?? throw Missing(name);

    /// <summary>A whole number.</summary>
    public int? OptionalWhole(string name, int least, int most) => OptionalNumber(name, least, most) switch
    {
        null => null,
        { } number when number == Math.Floor(number) => (int)number,
        _ => throw Fault(name, $"'{name}' is a whole number from {least} to {most}."),
    };

    /// <summary>Any JSON that is there.</summary>
    public ReadOnlyMemory<byte> Json(string name) => Find(name) is { } value ? Encoding.UTF8.GetBytes(value.GetRawText()) : throw Missing(name);

    /// <summary>The JSON of a member; null when it is not there.</summary>
    public JsonElement? Find(string name)
    {
        _known.Add(name);
        return _json.TryGetProperty(name, out var value) ? value : null;
    }

    /// <summary>An object; null when it is not there.</summary>
    public InterventionMembers? Nested(string name) => Find(name) is { } value ? new InterventionMembers(value, Context, PathOf(name)) : null;

    /// <summary>The items of an array, with their paths; null when it is not there.</summary>
    public (JsonElement Item, string Path)[]? Items(string name, int least, int most) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() is var length && length >= least && length <= most =>
            [.. array.EnumerateArray().Select((item, i) => (item, $"{PathOf(name)}/{i}"))],
        _ => throw Fault(name, $"'{name}' is an array of {least} to {most}."),
    };

    /// <summary>A member's path.</summary>
    public string PathOf(string name) => $"{_path}/{name}";

    /// <summary>That a member is wrong.</summary>
    public NgsiLdException Fault(string name, string text) => NgsiLdException.BadRequest(text, PathOf(name));

    /// <summary>That the object as a whole is wrong.</summary>
    public NgsiLdException Fault(string text) => NgsiLdException.BadRequest(text, _path);

    /// <summary>That a member is missing.</summary>
    public NgsiLdException Missing(string name) => Fault(name, $"'{name}' is missing.");

    /// <summary>Refuses members that nobody asked for.</summary>
    public void RefuseOthers()
    {
        foreach (var member in _json.EnumerateObject())
        {
            if (!_known.Contains(member.Name))
            {
                throw Fault(member.Name, $"There is no member '{member.Name}' here. Known: {string.Join(", ", _known)}.");
            }
        }
    }
}
