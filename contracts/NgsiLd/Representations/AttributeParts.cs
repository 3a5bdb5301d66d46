using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>The members of one attribute instance as they come in, in any order, until they can be made into a node.</summary>
internal ref struct AttributeParts(AttributeNode node, int start)
{
    private AttributeKind? _kind;
    private AttributeMember _valueMember;
    private uint _seen;
    private RawValue _value;
    private RawValue _unitCode;
    private RawValue _valueType;
    private RawValue _observedAt;
    private RawValue _datasetId;
    private RawValue _expiresAt;
    private RawValue _entityIdSealed;

    public readonly AttributeNode Node => node;

    public readonly bool HasKind => _kind is not null;

    /// <summary>Takes the member whose value is at the reader.</summary>
    /// <returns>False when it is a type that names a geometry, so that the whole may be a plain one.</returns>
    public bool Take(ParseState state, ref Utf8JsonReader reader, AttributeMember member, int at)
    {
        uint bit = 1u << (int)member;
        if ((_seen & bit) != 0)
        {
            throw state.Fault(at, "The member is there twice.");
        }

        _seen |= bit;
        switch (member)
        {
            case AttributeMember.Type:
                return TakeType(state, ref reader);
            case AttributeMember.ObjectType:
                TakeObjectTypes(state, ref reader);
                return true;
            case AttributeMember.UnitCode:
                _unitCode = Member(state, ref reader, RemovedMembers.UnitCode, "unitCode");
                return true;
            case AttributeMember.ValueType:
                _valueType = TakeValueType(state, ref reader);
                return true;
            case AttributeMember.ObservedAt:
                _observedAt = Member(state, ref reader, RemovedMembers.ObservedAt, "observedAt");
                return true;
            case AttributeMember.ExpiresAt:
                _expiresAt = Member(state, ref reader, RemovedMembers.ExpiresAt, "expiresAt");
                return true;
            case AttributeMember.DatasetId:
                _datasetId = Member(state, ref reader, RemovedMembers.None, "datasetId");
                return true;
            case AttributeMember.Context when start != state.AttributeBodyStart:
                throw state.Fault(at, "An attribute has no @context of its own (4.5.1).");
            case AttributeMember.OutputOnly when !state.Options.TakesSystemAttributes:
                throw state.Fault(at, "The member is there in answers only (4.5.0).");
            case AttributeMember.EntityIdSealed or AttributeMember.EntityTypeSealed:
                TakeSealed(state, ref reader, member, at);
                return true;
            case AttributeMember.Context or AttributeMember.OutputOnly or AttributeMember.CreatedAt or AttributeMember.ModifiedAt
                or AttributeMember.InstanceId or AttributeMember.DeletedAt:
                TakeSystem(state, ref reader, member);
                return true;
            default:
                if (_valueMember != AttributeMember.SubAttribute)
                {
                    throw state.Fault(at, "An attribute has one of value, object, languageMap, vocab, json, valueList and objectList.");
                }

                _valueMember = member;
                _value = JsonValues.Read(state, ref reader, mayNestNull: member == AttributeMember.LanguageMap);
                return true;
        }
    }

    /// <summary>Checks the whole and makes the node.</summary>
    public readonly AttributeNode Finish(ParseState state)
    {
        if (_valueMember == AttributeMember.SubAttribute && !state.Options.AllowsPartial)
        {
            throw state.Fault(start, _kind is { } k
                ? $"A {k} needs the member {AttributeKinds.MemberName(k)} (4.5)."
                : "An attribute needs a value: value, object, languageMap, vocab, json, valueList or objectList (4.5). A plain JSON object goes into value.");
        }

        if (_kind is { } kind && _valueMember != AttributeMember.SubAttribute && AttributeKinds.ValueMember(kind) != _valueMember)
        {
            throw state.Fault(start, $"A {kind} has its value in {AttributeKinds.MemberName(kind)} (4.5).");
        }

        node.Kind = _kind ?? InferredKind(state);
        node.IsKindKnown = _kind is not null || _valueMember is not (AttributeMember.SubAttribute or AttributeMember.Value);
        if (node.Kind == AttributeKind.LanguageProperty && _valueType.IsPresent && !_valueType.Text(state).SequenceEqual("langString"u8))
        {
            throw state.Fault(_valueType.Start, "The valueType of a LanguageProperty is langString (5.2.32).");
        }

        TakeMembers(state);
        if (_valueMember != AttributeMember.SubAttribute)
        {
            AttributeValues.Set(state, node, _value);
        }

        if (node.IsKindKnown)
        {
            CheckMembers(state);
        }

        return node;
    }

    /// <summary>Members that the type does not have (4.5.2.2, 4.5.3.2 and their siblings).</summary>
    private readonly void CheckMembers(ParseState state)
    {
        if (_unitCode.IsPresent && node.Kind is not (AttributeKind.Property or AttributeKind.ListProperty))
        {
            throw state.Fault(_unitCode.Start, $"A {node.Kind} has no unitCode (4.5).");
        }

        if (_valueType.IsPresent && node.Kind is AttributeKind.Relationship or AttributeKind.ListRelationship)
        {
            throw state.Fault(_valueType.Start, $"A {node.Kind} has no valueType (4.5).");
        }

        if (node.ObjectTypes is not null && node.Kind is not (AttributeKind.Relationship or AttributeKind.ListRelationship) && node.Name != CoreTerms.Proof)
        {
            throw state.Fault(start, $"A {node.Kind} has no objectType (4.5).");
        }

        if (node.Name == CoreTerms.Proof && _value.IsPresent && _value.Token != JsonTokenType.StartObject && (node.Removed & RemovedMembers.Value) == 0)
        {
            throw state.Fault(_value.Start, "The value of ngsildproof is a Data Integrity proof, an object (4.5.2.2, annex C.11).");
        }
    }

    private readonly AttributeKind InferredKind(ParseState state) =>
        _valueMember == AttributeMember.Value && _value.Token == JsonTokenType.StartObject && IsGeometry(_value.Sent(state))
            ? AttributeKind.GeoProperty
            : AttributeKinds.Of(_valueMember);

    private static bool IsGeometry(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Geometries.IsGeometry(reader);
    }

    private readonly void TakeMembers(ParseState state)
    {
        if (_unitCode.IsPresent)
        {
            node.UnitCode = Encoding.UTF8.GetString(_unitCode.Text(state));
        }

        if (_observedAt.IsPresent)
        {
            node.ObservedAt = Time(state, _observedAt, "observedAt");
        }

        if (_expiresAt.IsPresent)
        {
            node.ExpiresAt = Time(state, _expiresAt, "expiresAt");
        }

        bool dataset = _datasetId.IsPresent && TakeDataset(state);
        node.Extras = ExtrasWriter.Write(
            state.Arena, Text(state, _unitCode), Text(state, _valueType), Text(state, _observedAt), dataset ? Text(state, _datasetId) : default, Text(state, _entityIdSealed));
    }

    /// <returns>False for <c>@none</c>, which is the default instance.</returns>
    private readonly bool TakeDataset(ParseState state)
    {
        ReadOnlySpan<byte> id = _datasetId.Text(state);
        if (id.SequenceEqual("@none"u8))
        {
            return false;
        }

        if (!Uris.IsAbsolute(id) || id.SequenceEqual("urn:ngsi-ld:null"u8))
        {
            throw state.Fault(_datasetId.Start, $"The datasetId '{Encoding.UTF8.GetString(id)}' is not a URI, or stands for null, which removes no datasetId (4.5.5, 5.5.8).");
        }

        node.DatasetId = Encoding.UTF8.GetString(id);
        return true;
    }

    private static ReadOnlySpan<byte> Text(ParseState state, RawValue value) => value.IsPresent ? value.Take(state).Span : default;

    private static long Time(ParseState state, RawValue value, string name) =>
        Timestamps.TryParse(value.Text(state), out long micros)
            ? micros
            : throw state.Fault(value.Start, $"{name} is not a date-time in UTC such as 2026-01-01T00:00:00Z (4.6.3).");

    private bool TakeType(ParseState state, ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && AttributeKinds.TryParse(state.Text(ref reader), out AttributeKind kind))
        {
            _kind = kind;
            return true;
        }

        if (reader.TokenType == JsonTokenType.String && Geometries.ShapeOf(reader.ValueSpan) != GeometryShape.None)
        {
            return false;
        }

        throw state.Fault(reader.TokenStartIndex, "The attribute's type is none of Property, Relationship, GeoProperty, LanguageProperty, VocabProperty, JsonProperty, ListProperty, ListRelationship (4.5).");
    }

    private readonly void TakeObjectTypes(ParseState state, ref Utf8JsonReader reader)
    {
        if (IsRemoval(state, ref reader))
        {
            node.Removed |= RemovedMembers.ObjectType;
            return;
        }

        bool array = reader.TokenType == JsonTokenType.StartArray;
        var types = new List<int>(1);
        while (!array || (reader.Read() && reader.TokenType != JsonTokenType.EndArray))
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw state.Fault(reader.TokenStartIndex, "A type name, or an array of them, stands here (4.5.3).");
            }

            types.Add(state.Name(state.Text(ref reader), reader.TokenStartIndex));
            if (!array)
            {
                break;
            }
        }

        state.Bound(types.Count, reader.TokenStartIndex, "object types");
        node.ObjectTypes = types.Count > 0 ? types : null;
    }

    /// <summary>What a proof seals: the id is kept beside the extras, the type where a relationship has its objectType.</summary>
    private void TakeSealed(ParseState state, ref Utf8JsonReader reader, AttributeMember member, int at)
    {
        if (node.Name != CoreTerms.Proof)
        {
            throw state.Fault(at, "entityIdSealed and entityTypeSealed are members of ngsildproof only (4.5.2.2).");
        }

        if (member == AttributeMember.EntityTypeSealed)
        {
            TakeObjectTypes(state, ref reader);
            return;
        }

        _entityIdSealed = Member(state, ref reader, RemovedMembers.None, "entityIdSealed");
        if (!Uris.IsAbsolute(_entityIdSealed.Text(state)))
        {
            throw state.Fault(_entityIdSealed.Start, "entityIdSealed is a URI (4.5.2.2).");
        }
    }

    private readonly RawValue Member(ParseState state, ref Utf8JsonReader reader, RemovedMembers removal, string name)
    {
        if (removal != RemovedMembers.None && IsRemoval(state, ref reader))
        {
            node.Removed |= removal;
            return default;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw state.Fault(reader.TokenStartIndex, $"{name} is a string.");
        }

        RawValue value = JsonValues.Read(state, ref reader);
        if (value.Length > 2048)
        {
            throw state.Fault(value.Start, $"{name} is longer than 2,048 bytes.");
        }

        return value;
    }

    private readonly RawValue TakeValueType(ParseState state, ref Utf8JsonReader reader)
    {
        if (IsRemoval(state, ref reader))
        {
            node.Removed |= RemovedMembers.ValueType;
            return default;
        }

        RawValue value = JsonValues.Read(state, ref reader);
        if (value.Token is not (JsonTokenType.String or JsonTokenType.StartArray) || value.Length > 2048)
        {
            throw state.Fault(value.Start, "valueType is the name of a data type, or an array of such names, of at most 2,048 bytes (4.5.2).");
        }

        return value;
    }

    private static bool IsRemoval(ParseState state, ref Utf8JsonReader reader) =>
        state.Options.AllowsNull
        && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("urn:ngsi-ld:null"u8);

    private readonly void TakeSystem(ParseState state, ref Utf8JsonReader reader, AttributeMember member)
    {
        if (!state.Options.TakesSystemAttributes || member is AttributeMember.Context or AttributeMember.OutputOnly)
        {
            reader.Skip();
            return;
        }

        if (member == AttributeMember.InstanceId)
        {
            if (reader.TokenType != JsonTokenType.String || !Uris.IsAbsolute(state.Text(ref reader)))
            {
                throw state.Fault(reader.TokenStartIndex, "instanceId is a URI (4.5.8).");
            }

            node.InstanceId = Encoding.UTF8.GetString(state.Text(ref reader));
            return;
        }

        if (reader.TokenType != JsonTokenType.String || !Timestamps.TryParse(state.Text(ref reader), out long micros))
        {
            throw state.Fault(reader.TokenStartIndex, $"{member} is not a date-time in UTC (4.6.3).");
        }

        switch (member)
        {
            case AttributeMember.CreatedAt:
                node.CreatedAt = micros;
                break;
            case AttributeMember.ModifiedAt:
                node.ModifiedAt = micros;
                break;
            default:
                node.DeletedAt = micros;
                break;
        }
    }
}
