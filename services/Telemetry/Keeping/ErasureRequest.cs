using System.Text.Json;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Keeping;

/// <summary>The body that asks for an erasure: <c>entity</c>, and where only a part is to go <c>attributes</c>, <c>from</c>, <c>until</c>.</summary>
/// <param name="Entity">The entity's id.</param>
/// <param name="Attributes">Names of attributes as the body writes them; empty for all.</param>
/// <param name="From">The first time, in ticks UTC; 0 for the beginning.</param>
/// <param name="Until">The time before which it ends; <see cref="long.MaxValue"/> for no end.</param>
internal sealed record ErasureRequest(string Entity, IReadOnlyList<string> Attributes, long From, long Until)
{
    /// <summary>Reads a body.</summary>
    /// <exception cref="NgsiLdException">InvalidRequest when it is no JSON; BadRequestData when it says something else.</exception>
    public static ErasureRequest Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (JsonException fault)
        {
            throw NgsiLdException.Invalid($"The body is no JSON: {fault.Message}");
        }
    }

    private static ErasureRequest Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw NgsiLdException.BadRequest("The body is an object with the entity whose history is to be erased.");
        }

        string? entity = null;
        var attributes = new List<string>();
        var (from, until) = (0L, long.MaxValue);
        foreach (var member in body.EnumerateObject())
        {
            switch (member.Name)
            {
                case "entity":
                    entity = Text(member);
                    break;
                case "attributes":
                    attributes.AddRange(Names(member.Value));
                    break;
                case "from":
                    from = Time(member);
                    break;
                case "until":
                    until = Time(member);
                    break;
                default:
                    throw NgsiLdException.BadRequest($"'{member.Name}' is no member of an erasure; these are entity, attributes, from, until.", "/" + member.Name);
            }
        }

        if (entity is null || !NgsiLdRequest.IsUri(entity))
        {
            throw NgsiLdException.BadRequest("entity is the id of an entity, a URI.", "/entity");
        }

        return from < until
            ? new ErasureRequest(entity, attributes, from, until)
            : throw NgsiLdException.BadRequest("until is after from.", "/until");
    }

    private static string Text(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String
        ? member.Value.GetString()!
        : throw NgsiLdException.BadRequest($"{member.Name} is a string.", "/" + member.Name);

    private static IEnumerable<string> Names(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw NgsiLdException.BadRequest("attributes is an array of at least one name; leave it out for all attributes.", "/attributes");
        }

        foreach (var name in value.EnumerateArray())
        {
            yield return name.ValueKind == JsonValueKind.String && Uris.IsName(System.Text.Encoding.UTF8.GetBytes(name.GetString()!))
                ? name.GetString()!
                : throw NgsiLdException.BadRequest($"{name.GetRawText()} names no attribute (4.6.2).", "/attributes");
        }
    }

    private static long Time(JsonProperty member) =>
        TimeText.Read(System.Text.Encoding.UTF8.GetBytes(Text(member)), out var ticks) is { } fault
            ? throw NgsiLdException.BadRequest($"{member.Name} is a time such as 2026-01-01T00:00:00Z: {fault}.", "/" + member.Name)
            : ticks;
}
