using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>
/// Attributes in normalized and concise form (GS CIM 009 V1.9.1, 4.5.2 to 4.5.24), where a type that is not said is told
/// by the member that holds the value (4.5.2.3 and its siblings).
/// </summary>
internal static class AttributeParser
{
    private const int FewAttributes = 24;

    /// <summary>Takes the attribute whose value is at the reader: one instance, an array of them, or a plain value.</summary>
    public static void Read(ParseState state, ref Utf8JsonReader reader, int name, List<AttributeNode> into)
    {
        if (state.Options.IsSimplified)
        {
            into.Add(SimplifiedValues.Read(state, ref reader, name));
            return;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                into.Add(ReadInstance(state, ref reader, name));
                break;
            case JsonTokenType.StartArray when state.Options is { IsTemporal: true, TakesSystemAttributes: true } && IsEmpty(reader):
                // A part of an evolution names an attribute all of whose instances lie beyond the part.
                reader.Read();
                break;
            case JsonTokenType.StartArray when IsInstances(reader):
                ReadInstances(state, ref reader, name, into);
                break;
            default:
                into.Add(ReadPlain(state, ref reader, name));
                break;
        }
    }

    /// <summary>Takes one instance: the object at the reader.</summary>
    public static AttributeNode ReadInstance(ParseState state, ref Utf8JsonReader reader, int name)
    {
        Utf8JsonReader start = reader;
        var parts = new AttributeParts(new AttributeNode { Name = name }, (int)reader.TokenStartIndex);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int at = (int)reader.TokenStartIndex;
            ReadOnlySpan<byte> member = state.Text(ref reader);
            AttributeMember kind = AttributeMembers.Of(member);
            if (kind == AttributeMember.SubAttribute)
            {
                if (!parts.HasKind && IsGeometryContent(member) && Geometries.IsGeometry(start))
                {
                    reader = start;
                    return ReadPlain(state, ref reader, name);
                }

                ReadSubAttribute(state, ref reader, parts.Node, state.Name(member, at), at);
                continue;
            }

            reader.Read();
            if (!parts.Take(state, ref reader, kind, at) && Geometries.IsGeometry(start))
            {
                reader = start;
                return ReadPlain(state, ref reader, name);
            }
        }

        return parts.Finish(state);
    }

    /// <summary>Refuses a name that is there already. Several instances of one attribute come in one array.</summary>
    public static void RefuseTwice(ParseState state, List<AttributeNode> attributes, ref HashSet<int>? many, int name, int at)
    {
        if (many is null && attributes.Count > FewAttributes)
        {
            many = [.. attributes.Select(a => a.Name)];
        }

        bool again = many is not null ? !many.Add(name) : Has(attributes, name);
        if (again)
        {
            throw state.Fault(at, "The attribute is there twice; several instances go into one array and differ by datasetId (4.5.5).");
        }
    }

    private static bool Has(List<AttributeNode> attributes, int name)
    {
        foreach (AttributeNode attribute in attributes)
        {
            if (attribute.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsGeometryContent(ReadOnlySpan<byte> member) =>
        member.SequenceEqual("coordinates"u8) || member.SequenceEqual("geometries"u8);

    private static void ReadSubAttribute(ParseState state, ref Utf8JsonReader reader, AttributeNode node, int name, int at)
    {
        reader.Read();
        List<AttributeNode> subs = node.SubAttributes ??= [];
        HashSet<int>? many = null;
        RefuseTwice(state, subs, ref many, name, at);
        Read(state, ref reader, name, subs);
        state.Bound(subs.Count, at, "sub-attribute instances");
    }

    private static bool IsEmpty(Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.EndArray;

    /// <summary>Whether the array at the reader holds attribute instances rather than being a value.</summary>
    private static bool IsInstances(Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject || Geometries.IsGeometry(reader))
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            AttributeMember member = AttributeMembers.Of(reader.ValueSpan);
            reader.Read();
            if (AttributeMembers.IsValue(member) || member == AttributeMember.DatasetId
                || (member == AttributeMember.Type && AttributeKinds.TryParse(reader.ValueSpan, out _)))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static void ReadInstances(ParseState state, ref Utf8JsonReader reader, int name, List<AttributeNode> into)
    {
        int first = into.Count;
        HashSet<string>? datasets = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int at = (int)reader.TokenStartIndex;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw state.Fault(at, "An array of attribute instances holds objects only (4.5.5).");
            }

            AttributeNode instance = ReadInstance(state, ref reader, name);
            into.Add(instance);
            if (into.Count - first > 1 && !state.Options.IsTemporal)
            {
                datasets ??= new HashSet<string>(StringComparer.Ordinal) { into[first].DatasetId ?? string.Empty };
                if (!datasets.Add(instance.DatasetId ?? string.Empty))
                {
                    throw state.Fault(at, instance.DatasetId is { } id
                        ? $"Two instances have the datasetId {id} (4.5.5)."
                        : "Two instances have no datasetId; at most one is the default instance (4.5.5).");
                }
            }
        }
    }

    private static AttributeNode ReadPlain(ParseState state, ref Utf8JsonReader reader, int name)
    {
        bool geometry = reader.TokenType == JsonTokenType.StartObject;
        var node = new AttributeNode { Name = name, Kind = geometry ? AttributeKind.GeoProperty : AttributeKind.Property };
        RawValue value = JsonValues.Read(state, ref reader);
        AttributeValues.Set(state, node, value);
        // A plain urn:ngsi-ld:null removes an attribute of any type.
        node.IsKindKnown = (node.Removed & RemovedMembers.Value) == 0;
        return node;
    }
}
