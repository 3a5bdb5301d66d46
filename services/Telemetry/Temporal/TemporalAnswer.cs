using System.Buffers;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Temporal;

/// <summary>Writes temporal evolutions: normalized (GS CIM 009 4.5.7) and as values with their times (4.5.9).</summary>
/// <param name="writer">Where to.</param>
/// <param name="options">The @context, the projection, the languages, whether system attributes are told.</param>
/// <param name="query">The times that are looked at.</param>
internal sealed class TemporalAnswer(Utf8JsonWriter writer, RenderOptions options, TemporalQuery query)
{
    private readonly ArrayBufferWriter<byte> scratch = new(256);

    /// <summary>Writes one entity in normalized form.</summary>
    public void WriteNormalized(EntityWindow window)
    {
        WriteHead(window);
        foreach (var attribute in window.Attributes.GroupBy(static one => one.Series.Term))
        {
            WriteName(attribute.Key);
            writer.WriteStartArray();
            foreach (var instance in attribute.SelectMany(static one => one.Instances))
            {
                WriteInstance(instance);
            }

            writer.WriteEndArray();
        }

        WriteEnd();
    }

    /// <summary>Writes one entity as values with their times.</summary>
    public void WriteValues(EntityWindow window)
    {
        WriteHead(window);
        foreach (var attribute in window.Attributes.GroupBy(static one => one.Series.Term))
        {
            WriteName(attribute.Key);
            // A series may change its kind; what has one kind and one dataset stands together.
            var groups = attribute.SelectMany(one => one.Instances.TrueForAll(static instance => IsPlainProperty(instance))
                ? [(one.Series, Kind: AttributeKind.Property, one.Instances)]
                : one.Instances.GroupBy(KindOf).Select(group => (one.Series, Kind: group.Key, Instances: group.ToList()))).ToList();
            if (groups.Count > 1)
            {
                writer.WriteStartArray();
            }

            foreach (var (series, kind, instances) in groups)
            {
                WriteGroup(series.Dataset, kind, instances);
            }

            if (groups.Count > 1)
            {
                writer.WriteEndArray();
            }
        }

        WriteEnd();
    }

    /// <summary>Writes the members of the entity itself that are asked for, and leaves the object open.</summary>
    public void WriteHead(EntityWindow window)
    {
        var (entity, projection) = (window.Entity, options.Projection);
        writer.WriteStartObject();
        if (projection.Keeps(EntityMembers.Id))
        {
            writer.WriteString("id"u8, entity.Id);
        }

        if (projection.Keeps(EntityMembers.Type) && entity.Types.Length > 0)
        {
            WriteTypes(entity.Types);
        }

        if (options.SystemAttributes)
        {
            WriteTime("createdAt", projection.Keeps(EntityMembers.CreatedAt) ? entity.CreatedAt : 0);
            WriteTime("modifiedAt", projection.Keeps(EntityMembers.ModifiedAt) ? entity.ModifiedAt : 0);
        }
    }

    /// <summary>Writes the name of an attribute.</summary>
    public void WriteName(int term) => writer.WritePropertyName(options.Context.Compact(term));

    /// <summary>Ends an entity.</summary>
    public void WriteEnd()
    {
        if (options.IncludesContext)
        {
            writer.WritePropertyName("@context"u8);
            writer.WriteRawValue(options.Context.Json, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    /// <summary>The attribute type of an instance.</summary>
    public static AttributeKind KindOf(Instance instance) => instance switch
    {
        { Form: PointForm.Null } => Enum.TryParse<AttributeKind>(Encoding.ASCII.GetString(instance.Extra is { } extra ? extra.Text.Span : default), out var kind) ? kind : AttributeKind.Property,
        { Facts.Instance.IsEmpty: false } => InstanceCodec.ToNode(instance).Kind,
        { Form: PointForm.Geo } => AttributeKind.GeoProperty,
        _ => AttributeKind.Property,
    };

    private static bool IsPlainProperty(in Instance instance) => instance.Form < PointForm.Geo && instance.Facts is not { Instance.IsEmpty: false };

    private void WriteInstance(in Instance instance)
    {
        if (instance.IsDeletion)
        {
            WriteDeletion(instance);
            return;
        }

        if (instance.Facts is { Instance.IsEmpty: false } || instance.Form == PointForm.Geo || instance.Extra is { Quality: not PointQuality.Good })
        {
            WriteWhole(instance);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, "Property"u8);
        writer.WritePropertyName("value"u8);
        InstanceCodec.WriteValue(writer, instance);
        if (instance.Extra?.Unit is { } unit)
        {
            writer.WriteString("unitCode"u8, unit);
        }

        WriteCommon(instance, withObservedAt: true);
        writer.WriteEndObject();
    }

    /// <summary>An instance with more than a value, through the renderer of entities.</summary>
    private void WriteWhole(in Instance instance)
    {
        var node = InstanceCodec.ToNode(instance);
        var more = new StringBuilder($",\"instanceId\":\"{instance.Id}\"");
        if (instance.Series.Term == CoreTerms.Scope)
        {
            more.Clear();
        }

        node.Extras = (byte[])[.. node.Extras.Span, .. Encoding.UTF8.GetBytes(more.ToString())];
        scratch.ResetWrittenCount();
        foreach (var view in EntityDocument.Pack(new EntityNode { Id = "", Attributes = [node] }).Attributes)
        {
            TemporalRenderer.WriteInstance(scratch, view, options);
        }

        writer.WriteRawValue(scratch.WrittenSpan, skipInputValidation: true);
    }

    private void WriteDeletion(in Instance instance)
    {
        var kind = KindOf(instance);
        writer.WriteStartObject();
        writer.WriteString("type"u8, kind.ToString());
        writer.WritePropertyName(Member(kind));
        WriteNull(kind, instance.Series.Term == CoreTerms.Scope);
        WriteCommon(instance, withObservedAt: instance.Observed);
        writer.WriteEndObject();
    }

    private void WriteNull(AttributeKind kind, bool isScope)
    {
        if (kind == AttributeKind.LanguageProperty)
        {
            writer.WriteStartObject();
            writer.WriteString("@none"u8, "urn:ngsi-ld:null"u8);
            writer.WriteEndObject();
        }
        else if (isScope)
        {
            writer.WriteStartArray();
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteStringValue("urn:ngsi-ld:null"u8);
        }
    }

    private void WriteCommon(in Instance instance, bool withObservedAt)
    {
        if (instance.Observed && withObservedAt)
        {
            WriteTime("observedAt", instance.Time);
        }
        else if (instance.Series.Term == CoreTerms.Scope)
        {
            // 4.5.6: the time of a change through the core API.
            WriteTime("observedAt", instance.IsDeletion ? 0 : instance.Facts?.ModifiedAt ?? 0);
        }

        if (instance.Series.Dataset.Length > 0)
        {
            writer.WriteString("datasetId"u8, instance.Series.Dataset);
        }

        if (options.SystemAttributes)
        {
            WriteTime("createdAt", instance.Facts?.CreatedAt ?? 0);
            WriteTime("modifiedAt", instance.Facts?.ModifiedAt ?? 0);
        }

        if (instance.Series.Term != CoreTerms.Scope)
        {
            writer.WriteString("instanceId"u8, instance.Id);
        }

        if (instance.IsDeletion)
        {
            WriteTime("deletedAt", instance.Facts?.DeletedAt ?? 0);
        }
    }

    private void WriteGroup(string dataset, AttributeKind kind, List<Instance> instances)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, kind.ToString());
        if (dataset.Length > 0)
        {
            writer.WriteString("datasetId"u8, dataset);
        }

        writer.WritePropertyName(Member(kind) + "s");
        if (instances.TrueForAll(static instance => PointForm.IsNumeric(instance.Form) && IsPlainProperty(instance)))
        {
            WriteNumbers(instances);
        }
        else
        {
            WritePairs(instances, kind);
        }

        writer.WriteEndObject();
    }

    private void WritePairs(List<Instance> instances, AttributeKind kind)
    {
        Span<byte> time = stackalloc byte[Timestamps.MaximumLength];
        writer.WriteStartArray();
        foreach (var instance in instances)
        {
            writer.WriteStartArray();
            WriteShort(instance, kind);
            writer.WriteStringValue(time[..Timestamps.Write(Instance.Micros(instance.Placed(query.Property)), time)]);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    /// <summary>The same for numbers, of which there may be very many: their text is made in one piece.</summary>
    private void WriteNumbers(List<Instance> instances)
    {
        const int MostOfAPair = 80;
        var rented = ArrayPool<byte>.Shared.Rent(2 + (instances.Count * MostOfAPair));
        try
        {
            var text = rented.AsSpan();
            var at = 0;
            text[at++] = (byte)'[';
            foreach (var instance in instances)
            {
                text[at++] = (byte)'[';
                at += NumberText.FormatJson(instance.Form, instance.Bits, text[at..]);
                text[at++] = (byte)',';
                text[at++] = (byte)'"';
                at += Timestamps.Write(Instance.Micros(instance.Placed(query.Property)), text[at..]);
                text[at++] = (byte)'"';
                text[at++] = (byte)']';
                text[at++] = (byte)',';
            }

            at -= instances.Count > 0 ? 1 : 0;
            text[at++] = (byte)']';
            writer.WriteRawValue(text[..at], skipInputValidation: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The value alone; wrapped where it could be taken for another kind (4.5.9).</summary>
    private void WriteShort(in Instance instance, AttributeKind kind)
    {
        var wrapped = kind is AttributeKind.LanguageProperty or AttributeKind.VocabProperty or AttributeKind.JsonProperty;
        if (wrapped)
        {
            writer.WriteStartObject();
            writer.WritePropertyName(Member(kind));
        }

        if (instance.IsDeletion)
        {
            WriteNull(kind, instance.Series.Term == CoreTerms.Scope);
        }
        else if (instance.Facts is not { Instance.IsEmpty: false })
        {
            InstanceCodec.WriteValue(writer, instance);
        }
        else
        {
            scratch.ResetWrittenCount();
            foreach (var view in EntityDocument.Pack(new EntityNode { Id = "", Attributes = [InstanceCodec.ToNode(instance)] }).Attributes)
            {
                TemporalRenderer.WriteValue(scratch, view, options);
            }

            writer.WriteRawValue(scratch.WrittenSpan, skipInputValidation: true);
        }

        if (wrapped)
        {
            writer.WriteEndObject();
        }
    }

    private static string Member(AttributeKind kind) => kind switch
    {
        AttributeKind.Property or AttributeKind.GeoProperty => "value",
        AttributeKind.Relationship => "object",
        AttributeKind.LanguageProperty => "languageMap",
        AttributeKind.VocabProperty => "vocab",
        AttributeKind.JsonProperty => "json",
        AttributeKind.ListProperty => "valueList",
        AttributeKind.ListRelationship => "objectList",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private void WriteTypes(string[] types)
    {
        writer.WritePropertyName("type"u8);
        if (types.Length > 1)
        {
            writer.WriteStartArray();
        }

        foreach (var type in types)
        {
            writer.WriteStringValue(options.Context.Compact(Terms.Intern(type)));
        }

        if (types.Length > 1)
        {
            writer.WriteEndArray();
        }
    }

    private void WriteTime(string name, long ticks)
    {
        if (ticks > 0)
        {
            writer.WriteString(name, Timestamps.Format(Instance.Micros(ticks)));
        }
    }
}
