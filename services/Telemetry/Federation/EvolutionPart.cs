using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Federation;

/// <summary>What one source tells of one entity.</summary>
/// <param name="Source">Who tells it.</param>
/// <param name="Entity">With an attribute node for each instance.</param>
/// <param name="Cut">The last time, in ticks UTC, up to which it tells all (with lastN: the first one, from which on); null is everything that is asked for.</param>
internal sealed record EvolutionPart(Told Source, EntityNode Entity, long? Cut)
{
    private const string Unit = "date-time ";

    /// <summary>Aggregates by attribute and dataset, where they were asked for; the entity's nodes only name them then.</summary>
    public Dictionary<(int Term, string Dataset), AggregateRows>? Rows { get; init; }

    /// <summary>Reads the entities of an answer.</summary>
    /// <param name="told">The answer.</param>
    /// <param name="isList">Whether it is a list.</param>
    /// <param name="context">What its names are compacted with.</param>
    /// <param name="temporal">What was asked for.</param>
    /// <exception cref="NgsiLdException">It is no such answer.</exception>
    public static List<EvolutionPart> Read(Told told, bool isList, JsonLdContext context, TemporalQuery temporal)
    {
        List<EntityNode> entities = [];
        if (!isList)
        {
            entities = told.Body.IsEmpty ? [] : [EntityParser.ParseEntity(told.Body, context, ParseOptions.Evolution)];
        }
        else if (told.Body.Span.IndexOf((byte)'{') >= 0)
        {
            // One that cannot be read does not spoil the others.
            entities = [.. EntityParser.ParseEntities(told.Body, context, ParseOptions.Evolution).Where(static one => one.Entity is not null).Select(static one => one.Entity!)];
        }

        entities.RemoveAll(static entity => entity.Id.Length == 0);
        var cut = told.ContentRange is { } range ? CutOf(range, temporal) ?? CutOf(entities, temporal) : null;
        return [.. entities.Select(entity => new EvolutionPart(told, entity, cut))];
    }

    /// <summary>The end of a range such as <c>date-time 2026-01-01T00:00:00Z-2026-01-02T00:00:00Z/*</c> (6.3.10), in ticks UTC; null when it is none.</summary>
    public static long? CutOf(string range, TemporalQuery temporal)
    {
        var text = range.StartsWith(Unit, StringComparison.OrdinalIgnoreCase) ? range.AsSpan(Unit.Length) : default;
        var slash = text.LastIndexOf('/');
        text = slash < 0 ? text : text[..slash];
        var middle = text.IndexOf("Z-", StringComparison.Ordinal);
        if (middle < 0 || !Timestamps.TryParse(text[..(middle + 1)].Trim(), out var one) || !Timestamps.TryParse(text[(middle + 2)..].Trim(), out var other))
        {
            return null;
        }

        return Instance.Ticks(temporal.LastN is null ? Math.Max(one, other) : Math.Min(one, other));
    }

    /// <summary>The times of the instances themselves say how far an answer goes whose range cannot be read.</summary>
    private static long? CutOf(List<EntityNode> entities, TemporalQuery temporal)
    {
        var times = entities.SelectMany(static entity => entity.Attributes).Select(node => TimeOf(node, temporal.Property)).Where(static time => time > 0).ToList();
        return times.Count == 0 ? null : temporal.LastN is null ? times.Max() : times.Min();
    }

    /// <summary>The time of an instance in ticks UTC; 0 when it does not have it.</summary>
    public static long TimeOf(AttributeNode node, TimeProperty property) => property switch
    {
        TimeProperty.CreatedAt => node.CreatedAt,
        TimeProperty.ModifiedAt => node.ModifiedAt,
        TimeProperty.DeletedAt => node.DeletedAt,
        _ => node.ObservedAt ?? 0,
    } is var micros and > 0 ? Instance.Ticks(micros) : 0;
}
