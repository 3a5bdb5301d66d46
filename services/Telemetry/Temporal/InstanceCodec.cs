using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Temporal;

/// <summary>
/// Attribute instances to points and back. A Property with a value, a unit and a time is a point; whatever is more is kept
/// beside it in the stored form of entities, and a number stays a number that counts in sums.
/// </summary>
internal static class InstanceCodec
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the stored form of an entity that carries one instance begins with.</summary>
    private static readonly byte[] Head = StoredHead();

    /// <summary>When an instance came into being, and by which id it goes.</summary>
    /// <param name="CreatedAt">Ticks UTC.</param>
    /// <param name="ModifiedAt">Ticks UTC.</param>
    /// <param name="DeletedAt">Ticks UTC; 0 when it is no deletion.</param>
    /// <param name="InstanceId">An id of its own; null derives it.</param>
    public readonly record struct Origin(long CreatedAt, long ModifiedAt, long DeletedAt = 0, string? InstanceId = null);

    /// <summary>Puts an instance into a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="series">Its series.</param>
    /// <param name="node">The instance.</param>
    /// <param name="time">Where it is placed, in ticks UTC.</param>
    /// <param name="origin">Where it comes from.</param>
    public static void Add(PointBatch batch, TimeSeries series, AttributeNode node, long time, Origin origin)
    {
        var facts = new PointFacts(origin.CreatedAt, origin.ModifiedAt, origin.DeletedAt, origin.InstanceId, default, node.ObservedAt is not null);
        if ((node.Removed & RemovedMembers.Value) != 0)
        {
            batch.Add(series, time, PointForm.Null, 0, new PointExtra(Encoding.ASCII.GetBytes(node.Kind.ToString()), null, PointQuality.Good, facts));
            return;
        }

        var plain = IsPlain(node);
        if (!plain)
        {
            facts = facts with { Instance = Store(node) };
        }

        var value = node.Value.Span;
        var form = PointForm.Json;
        long bits = 0;
        ReadOnlyMemory<byte> text = default;
        switch (AttributeView.ShapeOf(value))
        {
            case JsonShape.Number when node.Kind == AttributeKind.Property && NumberText.TryParse(value, out form, out bits):
                break;
            case JsonShape.Boolean when node.Kind == AttributeKind.Property:
                (form, bits) = (PointForm.Boolean, value[0] == 't' ? 1 : 0);
                break;
            case JsonShape.String when node.Kind == AttributeKind.Property:
                (form, text) = (PointForm.String, plain ? Unquoted(value) : default);
                break;
            default:
                (form, text) = (node.Kind == AttributeKind.GeoProperty ? PointForm.Geo : PointForm.Json, plain ? node.Value.ToArray() : default(ReadOnlyMemory<byte>));
                break;
        }

        // Of a point that says nothing else, nothing else is kept.
        var known = facts is { CreatedAt: 0, ModifiedAt: 0, InstanceId: null, Instance.IsEmpty: true, Observed: true } ? null : facts;
        var unit = plain ? node.UnitCode : null;
        batch.Add(series, time, form, bits, known is null && unit is null && text.IsEmpty ? null : new PointExtra(text, unit, PointQuality.Good, known));
    }

    /// <summary>An instance as a node with its name, dataset and times; not for deletions.</summary>
    public static AttributeNode ToNode(in Instance instance)
    {
        var facts = instance.Facts;
        var node = facts is { Instance.IsEmpty: false } ? Stored(facts.Instance) : Plain(instance);
        node.CreatedAt = facts is { CreatedAt: > 0 } ? Instance.Micros(facts.CreatedAt) : 0;
        node.ModifiedAt = facts is { ModifiedAt: > 0 } ? Instance.Micros(facts.ModifiedAt) : 0;
        return node;
    }

    /// <summary>Whether an instance says what a node says: type, value, unit and sub-attributes.</summary>
    public static bool SameValue(in Instance instance, AttributeNode node)
    {
        var there = ToNode(instance);
        return there.Kind == node.Kind && there.UnitCode == node.UnitCode
            && (there.SubAttributes?.Count ?? 0) == (node.SubAttributes?.Count ?? 0)
            && (there.Value.Span.SequenceEqual(node.Value.Span) || SameNumber(there.Value.Span, node.Value.Span));

        static bool SameNumber(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
            NumberText.TryParse(a, out var formA, out var bitsA) && NumberText.TryParse(b, out var formB, out var bitsB)
            && PointValue.Same(formA, bitsA, null, formB, bitsB, null);
    }

    /// <summary>The value of a plain point as JSON.</summary>
    public static void WriteValue(Utf8JsonWriter writer, in Instance instance)
    {
        switch (instance.Form)
        {
            case PointForm.String:
                writer.WriteStringValue(instance.Extra!.Text.Span);
                break;
            case PointForm.Json or PointForm.Geo:
                writer.WriteRawValue(instance.Extra!.Text.Span, skipInputValidation: true);
                break;
            default:
                NumberText.Write(writer, instance.Form, instance.Bits);
                break;
        }
    }

    /// <summary>A Property whose value has a unit and a time at most.</summary>
    private static bool IsPlain(AttributeNode node) =>
        node is { Kind: AttributeKind.Property or AttributeKind.GeoProperty, SubAttributes: null, ObjectTypes: null, ExpiresAt: 0 }
        && node.Extras.Span.IndexOf("\"valueType\":"u8) < 0 && node.Extras.Span.IndexOf("\"entityIdSealed\":"u8) < 0
        // A geometry that is sent as a Property stays one.
        && (node.Kind == AttributeKind.GeoProperty || AttributeView.ShapeOf(node.Value.Span) != JsonShape.Object || node.Value.Span.IndexOf("\"coordinates\""u8) < 0);

    private static AttributeNode Plain(in Instance instance)
    {
        var series = instance.Series;
        AttributeNode node;
        if (instance.Form == PointForm.Geo)
        {
            byte[] body = [.. "{\"type\":\"GeoProperty\",\"value\":"u8, .. instance.Extra!.Text.Span, (byte)'}'];
            node = EntityParser.ParseAttribute(body, series.Term, JsonLdContext.Core, ParseOptions.Answer)[0];
        }
        else
        {
            var buffer = new ArrayBufferWriter<byte>(32);
            using (var writer = new Utf8JsonWriter(buffer, Relaxed))
            {
                WriteValue(writer, instance);
            }

            node = new AttributeNode { Name = series.Term, Value = buffer.WrittenMemory };
        }

        if (instance.Observed)
        {
            node.ObservedAt = Instance.Micros(instance.Time);
        }

        node.DatasetId = series.Dataset.Length == 0 ? null : series.Dataset;
        node.UnitCode = instance.Extra?.Unit;
        node.Extras = Extras(node);
        if (instance.Extra is { Quality: not PointQuality.Good } extra)
        {
            node.SubAttributes = [new AttributeNode { Name = QualityTerm, Value = Encoding.ASCII.GetBytes($"\"{Qualities.Name(extra.Quality)}\"") }];
        }

        return node;
    }

    /// <summary>The name of the sub-Property that tells a quality other than good.</summary>
    public static readonly int QualityTerm = Terms.Intern(JsonLdContext.DefaultVocabulary + "quality");

    /// <summary>unitCode, observedAt and datasetId as the renderer copies them.</summary>
    private static byte[] Extras(AttributeNode node)
    {
        var text = new StringBuilder();
        Append("unitCode", node.UnitCode);
        Append("observedAt", node.ObservedAt is { } observedAt ? Timestamps.Format(observedAt) : null);
        Append("datasetId", node.DatasetId);
        return Encoding.UTF8.GetBytes(text.ToString());

        void Append(string member, string? value)
        {
            if (value is not null)
            {
                text.Append(",\"").Append(member).Append("\":\"").Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)).Append('"');
            }
        }
    }

    private static byte[] Unquoted(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var text = new byte[json.Length];
        return text[..reader.CopyString(text)];
    }

    private static ReadOnlyMemory<byte> Store(AttributeNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        EntityRenderer.WriteStored(buffer, EntityDocument.Pack(Carrier(node)));
        // Without the head, its comma and the closing brace.
        return buffer.WrittenMemory[(Head.Length + 1)..^1].ToArray();
    }

    private static AttributeNode Stored(ReadOnlyMemory<byte> instance)
    {
        byte[] body = [.. Head, (byte)',', .. instance.Span, (byte)'}'];
        return EntityParser.ParseEntity(body, JsonLdContext.Core, ParseOptions.Stored).Attributes[0];
    }

    private static byte[] StoredHead()
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        EntityRenderer.WriteStored(buffer, EntityDocument.Pack(Carrier(null)));
        return buffer.WrittenSpan[..^1].ToArray();
    }

    private static EntityNode Carrier(AttributeNode? node)
    {
        if (node is not null)
        {
            (node.CreatedAt, node.ModifiedAt) = (1, 1);
        }

        return new EntityNode { Id = "urn:i:1", Types = [CoreTerms.Scope], CreatedAt = 1, ModifiedAt = 1, Attributes = node is null ? [] : [node] };
    }
}
