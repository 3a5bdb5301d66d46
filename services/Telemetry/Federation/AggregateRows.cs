using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Federation;

/// <summary>The aggregates of one series as its source told them (GS CIM 009 4.5.19): rows of value, start and end by method.</summary>
/// <param name="Methods">An array for each method.</param>
internal sealed record AggregateRows(IReadOnlyDictionary<string, JsonElement> Methods)
{
    /// <summary>Writes them as this node writes its own.</summary>
    public void Write(Utf8JsonWriter writer, string dataset, TemporalQuery query)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "Property"u8);
        if (dataset.Length > 0)
        {
            writer.WriteString("datasetId"u8, dataset);
        }

        foreach (var method in query.AggregationMethods)
        {
            writer.WritePropertyName(method);
            if (Methods.TryGetValue(method, out var rows))
            {
                rows.WriteTo(writer);
            }
            else
            {
                writer.WriteStartArray();
                writer.WriteEndArray();
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads the entities of an answer.</summary>
    /// <param name="told">The answer.</param>
    /// <param name="context">What its names are compacted with.</param>
    /// <exception cref="NgsiLdException">It is no such answer.</exception>
    public static List<EvolutionPart> Read(Told told, JsonLdContext context)
    {
        if (told.Body.IsEmpty)
        {
            return [];
        }

        var reader = new Utf8JsonReader(told.Body.Span);
        var body = JsonElement.ParseValue(ref reader);
        var parts = new List<EvolutionPart>();
        foreach (var entity in Each(body))
        {
            if (entity.ValueKind != JsonValueKind.Object || !entity.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String)
            {
                throw NgsiLdException.Invalid("it is no temporal evolution.");
            }

            parts.Add(Part(told, entity, id.GetString()!, context));
        }

        return parts;
    }

    private static EvolutionPart Part(Told told, JsonElement entity, string id, JsonLdContext context)
    {
        var node = new EntityNode { Id = id };
        var series = new Dictionary<(int, string), AggregateRows>();
        foreach (var member in entity.EnumerateObject())
        {
            if (member.Name == "type")
            {
                node.Types.AddRange(Each(member.Value).Where(static one => one.ValueKind == JsonValueKind.String).Select(one => Terms.Intern(context.ExpandTerm(one.GetString()!))));
            }
            else if (member.Name is not ("id" or "@context" or "createdAt" or "modifiedAt" or "deletedAt" or "expiresAt"))
            {
                var term = member.Name == "scope" ? CoreTerms.Scope : Terms.Intern(context.ExpandTerm(member.Name));
                foreach (var one in Each(member.Value))
                {
                    Add(node, series, term, one);
                }
            }
        }

        return new EvolutionPart(told, node, null) { Rows = series };
    }

    private static void Add(EntityNode node, Dictionary<(int, string), AggregateRows> series, int term, JsonElement one)
    {
        if (one.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var dataset = one.TryGetProperty("datasetId", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString()! : "";
        var methods = one.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Array).ToDictionary(static member => member.Name, static member => member.Value);
        if (methods.Values.Any(static rows => rows.GetArrayLength() > 0) && series.TryAdd((term, dataset), new AggregateRows(methods)))
        {
            node.Attributes.Add(new AttributeNode { Name = term, DatasetId = dataset.Length == 0 ? null : dataset, Value = "0"u8.ToArray() });
        }
    }

    private static JsonElement[] Each(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
}
