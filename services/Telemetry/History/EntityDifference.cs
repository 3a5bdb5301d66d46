using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.History;

/// <summary>What is different in an entity between two times.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Change">What became of it.</param>
/// <param name="Attributes">What became of its attributes: of one that appeared or vanished, all of them.</param>
internal sealed record EntityDifference(SeriesEntity Entity, string Change, IReadOnlyList<AttributeDifference> Attributes)
{
    private const string Appeared = "appeared";
    private const string Vanished = "vanished";
    private const string Changed = "changed";

    /// <summary>Compares an entity at two times.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="names">The attributes that are looked at, as numbers of <see cref="Terms"/>.</param>
    /// <param name="before">What it was; null when it was not there.</param>
    /// <param name="after">What it came to be; null when it was gone.</param>
    /// <returns>Null when nothing is different.</returns>
    public static EntityDifference? Between(SeriesEntity entity, HashSet<int> names, EntityDocument? before, EntityDocument? after)
    {
        if (before is null && after is null)
        {
            return null;
        }

        var (was, came) = (Values(before, names), Values(after, names));
        var differences = new List<AttributeDifference>();
        foreach (var key in was.Keys.Union(came.Keys).OrderBy(static key => (Terms.Iri(key.Name), key.Dataset)))
        {
            var (a, b) = (was.GetValueOrDefault(key), came.GetValueOrDefault(key));
            if (a is null || b is null || !a.Same(b))
            {
                differences.Add(new AttributeDifference(key.Name, key.Dataset, a is null ? Appeared : b is null ? Vanished : Changed, a, b));
            }
        }

        var change = before is null ? Appeared : after is null ? Vanished : Changed;
        return change == Changed && differences.Count == 0 ? null : new EntityDifference(entity, change, differences);
    }

    /// <summary>Writes it.</summary>
    public void Write(Utf8JsonWriter writer, JsonLdContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, Entity.Id);
        writer.WriteStartArray("types"u8);
        foreach (var type in Entity.Types)
        {
            writer.WriteStringValue(context.CompactIri(type));
        }

        writer.WriteEndArray();
        writer.WriteString("change"u8, Change);
        writer.WriteStartArray("attributes"u8);
        foreach (var one in Attributes)
        {
            one.Write(writer, context);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static Dictionary<(int Name, string Dataset), AttributeState> Values(EntityDocument? document, HashSet<int> names)
    {
        var values = new Dictionary<(int, string), AttributeState>();
        if (document is null)
        {
            return values;
        }

        foreach (var view in document.Attributes)
        {
            if (names.Contains(view.Name))
            {
                values[(view.Name, Encoding.UTF8.GetString(view.DatasetId))] =
                    new AttributeState(view.Kind, view.Value.ToArray(), view.UnitCode.IsEmpty ? null : Encoding.UTF8.GetString(view.UnitCode), view.ObservedAt);
            }
        }

        return values;
    }
}

/// <summary>An attribute at a time.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Value">Its value as JSON.</param>
/// <param name="Unit">Its unit code.</param>
/// <param name="ObservedAt">NGSI-LD's microseconds.</param>
internal sealed record AttributeState(AttributeKind Kind, ReadOnlyMemory<byte> Value, string? Unit, long? ObservedAt)
{
    /// <summary>Whether both say the same, whenever they were observed.</summary>
    public bool Same(AttributeState other) =>
        Kind == other.Kind && Unit == other.Unit && (Value.Span.SequenceEqual(other.Value.Span) || SameNumber(other));

    /// <summary>How much has been added from another to this one; null when they are no numbers of one unit.</summary>
    /// <remarks>Decimals are subtracted exactly.</remarks>
    public string? Since(AttributeState other)
    {
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (Unit != other.Unit || Kind != AttributeKind.Property || other.Kind != AttributeKind.Property
            || AttributeView.ShapeOf(Value.Span) != JsonShape.Number || AttributeView.ShapeOf(other.Value.Span) != JsonShape.Number)
        {
            return null;
        }

        if (decimal.TryParse(Value.Span, Plain, CultureInfo.InvariantCulture, out var now) && decimal.TryParse(other.Value.Span, Plain, CultureInfo.InvariantCulture, out var then))
        {
            return (now - then).ToString(CultureInfo.InvariantCulture);
        }

        var difference = double.Parse(Value.Span, CultureInfo.InvariantCulture) - double.Parse(other.Value.Span, CultureInfo.InvariantCulture);
        return double.IsFinite(difference) ? difference.ToString("R", CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Writes it.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("value"u8);
        writer.WriteRawValue(Value.Span, skipInputValidation: true);
        if (Unit is not null)
        {
            writer.WriteString("unit"u8, Unit);
        }

        if (ObservedAt is { } observedAt)
        {
            writer.WriteString("observedAt"u8, Timestamps.Format(observedAt));
        }

        writer.WriteEndObject();
    }

    private bool SameNumber(AttributeState other) =>
        NumberText.TryParse(Value.Span, out var formA, out var bitsA) && NumberText.TryParse(other.Value.Span, out var formB, out var bitsB)
        && PointValue.Same(formA, bitsA, null, formB, bitsB, null);
}

/// <summary>What became of an attribute.</summary>
/// <param name="Name">The attribute, as a number of <see cref="Terms"/>.</param>
/// <param name="Dataset">The dataset; empty for the default instance.</param>
/// <param name="Change">What became of it.</param>
/// <param name="Before">What it was.</param>
/// <param name="After">What it came to be.</param>
internal sealed record AttributeDifference(int Name, string Dataset, string Change, AttributeState? Before, AttributeState? After)
{
    /// <summary>Writes it.</summary>
    public void Write(Utf8JsonWriter writer, JsonLdContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("attribute"u8, context.Compact(Name));
        if (Dataset.Length > 0)
        {
            writer.WriteString("dataset"u8, Dataset);
        }

        writer.WriteString("change"u8, Change);
        if (Before is not null)
        {
            writer.WritePropertyName("before"u8);
            Before.Write(writer);
        }

        if (After is not null)
        {
            writer.WritePropertyName("after"u8);
            After.Write(writer);
        }

        if (Before is not null && After?.Since(Before) is { } difference)
        {
            writer.WritePropertyName("difference"u8);
            writer.WriteRawValue(difference, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }
}
