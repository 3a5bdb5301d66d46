using System.Text;
using System.Text.Json;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Ingest.Entities;

/// <summary>
/// Finds the attribute instances of one temporal evolution (EntityTemporal, GS CIM 009 5.2.20), normalized, concise or simplified
/// (<c>temporalValues</c>, 4.5.9). It makes no objects of them: it says where their parts stand. The record is copied.
/// </summary>
internal sealed class InstanceCutter
{
    private const int MostInstances = 64 * 1024;
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    private readonly List<Piece> attributes = [];
    private byte[] text = [];
    private int length;
    private InstanceSlot[] slots = new InstanceSlot[128];

    /// <summary>How many instances there are.</summary>
    public int Count { get; private set; }

    /// <summary>The id; empty when there is none.</summary>
    public Piece Id { get; private set; }

    /// <summary>The types as JSON; empty when there are none.</summary>
    public Piece Types { get; private set; }

    /// <summary>The @context as JSON; empty when there is none.</summary>
    public Piece Context { get; private set; }

    /// <summary>An instance.</summary>
    public ref readonly InstanceSlot this[int index] => ref slots[index];

    /// <summary>The bytes of a piece.</summary>
    public ReadOnlySpan<byte> Of(Piece piece) => text.AsSpan(piece.Start, piece.Length);

    /// <summary>The bytes of a piece, for those who need memory.</summary>
    public ReadOnlyMemory<byte> MemoryOf(Piece piece) => text.AsMemory(piece.Start, piece.Length);

    /// <summary>The name of an attribute.</summary>
    public ReadOnlySpan<byte> NameOf(int attribute) => Of(attributes[attribute]);

    /// <summary>Finds the instances of a record.</summary>
    /// <returns>Why the whole of it is refused.</returns>
    public RowFault? Cut(ReadOnlySpan<byte> record)
    {
        (Count, Id, Types, Context, length) = (0, default, default, default, 0);
        attributes.Clear();
        Room(record.Length);
        record.CopyTo(text);
        length = record.Length;
        var reader = new Utf8JsonReader(text.AsSpan(0, record.Length), Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return RowFault.Of("it is no JSON object.");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (CutMember(ref reader) is { } fault)
                {
                    return fault;
                }
            }

            return reader.Read() ? RowFault.Of("more follows after the object.") : null;
        }
        catch (JsonException fault)
        {
            return RowFault.Of($"it is not JSON (byte {fault.BytePositionInLine}).");
        }
        catch (InvalidOperationException)
        {
            return RowFault.Of("it holds text that is not UTF-8.");
        }
    }

    private RowFault? CutMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("@id"u8))
        {
            reader.Read();
            if (!Id.IsEmpty || reader.TokenType != JsonTokenType.String)
            {
                return new RowFault("entity", Id.IsEmpty ? "it is a string." : "it is there twice.");
            }

            Id = Text(ref reader);
            return null;
        }

        if (reader.ValueTextEquals("type"u8) || reader.ValueTextEquals("@type"u8))
        {
            reader.Read();
            Types = Raw(ref reader);
            return null;
        }

        if (reader.ValueTextEquals("@context"u8))
        {
            reader.Read();
            Context = Raw(ref reader);
            return null;
        }

        if (reader.ValueTextEquals("createdAt"u8) || reader.ValueTextEquals("modifiedAt"u8) || reader.ValueTextEquals("deletedAt"u8))
        {
            // A client's are ignored (5.5.4).
            reader.Read();
            reader.Skip();
            return null;
        }

        attributes.Add(Text(ref reader));
        reader.Read();
        return CutAttribute(ref reader, attributes.Count - 1);
    }

    private RowFault? CutAttribute(ref Utf8JsonReader reader, int attribute)
    {
        if (Of(attributes[attribute]).SequenceEqual("scope"u8))
        {
            reader.Skip();
            return Refuse(attribute, -1, new RowFault("attribute", "scopes do not come in bulk; they come through /ngsi-ld/v1/temporal/entities."));
        }

        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return CutInstance(ref reader, attribute, -1);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return Refuse(attribute, -1, new RowFault("attribute", "an attribute is an object, or an array of its instances."));
        }

        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                if (Refuse(attribute, index, new RowFault("attribute", "an instance is an object.")) is { } tooMany)
                {
                    return tooMany;
                }
            }
            else if (CutInstance(ref reader, attribute, index) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private RowFault? CutInstance(ref Utf8JsonReader reader, int attribute, int index)
    {
        var slot = new InstanceSlot { Attribute = attribute, Index = index, Entry = -1 };
        var start = (int)reader.TokenStartIndex;
        var (plain, list) = (true, default(Piece));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("value"u8))
            {
                reader.Read();
                plain &= slot.Kind == RowValue.None && Scalar(ref reader, ref slot);
            }
            else if (reader.ValueTextEquals("observedAt"u8))
            {
                reader.Read();
                plain &= TextOr(ref reader, ref slot.Time);
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals("Property"u8))
                {
                    plain = false;
                    TextOr(ref reader, ref slot.Type);
                }
            }
            else if (reader.ValueTextEquals("unitCode"u8))
            {
                reader.Read();
                plain &= TextOr(ref reader, ref slot.Unit);
            }
            else if (reader.ValueTextEquals("datasetId"u8))
            {
                reader.Read();
                plain &= TextOr(ref reader, ref slot.Dataset);
            }
            else if (reader.ValueTextEquals("createdAt"u8) || reader.ValueTextEquals("modifiedAt"u8) || reader.ValueTextEquals("instanceId"u8))
            {
                reader.Read();
                reader.Skip();
            }
            else if (reader.ValueTextEquals("quality"u8))
            {
                reader.Read();
                plain &= Quality(ref reader, ref slot);
            }
            else if (SimplifiedValues.MemberOf(ref reader) is { } member)
            {
                reader.Read();
                plain &= slot.List is null;
                (slot.List, list) = (member, Raw(ref reader));
            }
            else
            {
                plain = false;
                reader.Read();
                reader.Skip();
            }
        }

        if (slot.List is not null && slot.Kind == RowValue.None)
        {
            return SimplifiedValues.Cut(this, slot, list);
        }

        if (!plain || slot.Kind == RowValue.None || slot.List is not null)
        {
            slot.Whole = new Piece(start, (int)reader.BytesConsumed - start);
        }

        return Add(slot);
    }

    /// <summary>Reads a value that stands for itself; another one is passed over.</summary>
    /// <returns>Whether it was one.</returns>
    public bool Scalar(ref Utf8JsonReader reader, ref InstanceSlot slot, int offset = 0)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                slot.Kind = NumberText.TryParse(reader.ValueSpan, out slot.Form, out slot.Bits) ? RowValue.Number : RowValue.NumberTooLarge;
                slot.Value = new Piece(offset + (int)reader.TokenStartIndex, reader.ValueSpan.Length);
                return true;
            case JsonTokenType.True or JsonTokenType.False:
                (slot.Kind, slot.Value) = (RowValue.Boolean, new Piece(offset + (int)reader.TokenStartIndex, reader.ValueSpan.Length));
                return true;
            case JsonTokenType.String when !reader.ValueTextEquals("urn:ngsi-ld:null"u8):
                (slot.Kind, slot.Value) = (RowValue.String, Text(ref reader, offset));
                return true;
            default:
                reader.Skip();
                return false;
        }
    }

    /// <summary>The text of a string or of a name: where it stands, or unescaped behind the record.</summary>
    public Piece Text(ref Utf8JsonReader reader, int offset = 0)
    {
        if (!reader.ValueIsEscaped)
        {
            return new Piece(offset + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        // The reader goes on in the old bytes, if these grow.
        Room(reader.ValueSpan.Length);
        var piece = new Piece(length, reader.CopyString(text.AsSpan(length)));
        length += piece.Length;
        return piece;
    }

    /// <summary>Puts JSON behind the record.</summary>
    public Piece Append(ReadOnlySpan<byte> json)
    {
        Room(json.Length);
        json.CopyTo(text.AsSpan(length));
        length += json.Length;
        return new Piece(length - json.Length, json.Length);
    }

    /// <summary>Adds an instance.</summary>
    /// <returns>Why the record is refused.</returns>
    public RowFault? Add(in InstanceSlot slot)
    {
        if (Count == MostInstances)
        {
            return RowFault.Of($"it has more than {MostInstances} instances; send them as several evolutions.");
        }

        if (Count == slots.Length)
        {
            Array.Resize(ref slots, Count * 2);
        }

        slots[Count++] = slot;
        return null;
    }

    private RowFault? Refuse(int attribute, int index, RowFault fault) => Add(new InstanceSlot { Attribute = attribute, Index = index, Entry = -1, Fault = fault });

    private bool TextOr(ref Utf8JsonReader reader, ref Piece piece)
    {
        if (reader.TokenType != JsonTokenType.String || !piece.IsEmpty)
        {
            reader.Skip();
            return false;
        }

        piece = Text(ref reader);
        return true;
    }

    /// <summary>The history tells a quality other than good as a sub-Property; one of another kind is the sender's own.</summary>
    private bool Quality(ref Utf8JsonReader reader, ref InstanceSlot slot)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            // Concise (4.5.4).
            slot.Quality = Text(ref reader);
            return Qualities.TryParse(Of(slot.Quality), out _);
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var isOurs = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isValue = reader.ValueTextEquals("value"u8);
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && isValue)
            {
                slot.Quality = Text(ref reader);
            }
            else
            {
                isOurs &= isType && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("Property"u8);
                reader.Skip();
            }
        }

        return isOurs && !slot.Quality.IsEmpty && Qualities.TryParse(Of(slot.Quality), out _);
    }

    private static Piece Raw(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new Piece(start, (int)reader.BytesConsumed - start);
    }

    private void Room(int more)
    {
        if (length + more > text.Length)
        {
            Array.Resize(ref text, Math.Max(Math.Max(text.Length * 2, length + more), 4096));
        }
    }
}
