using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Twin.NgsiLd.Entities;

/// <summary>One packed attribute instance, read in place.</summary>
/// <remarks>
/// Layout, little endian: length i32, name i32, kind u8, shape u8, geometry u8, flags u8, createdAt i64, modifiedAt i64,
/// valueLength i32, extrasLength u16, subCount u16, then by flags: number f64, box 4 × f64, observedAt i64, expiresAt
/// i64, datasetId (u16 + UTF-8), unitCode (u16 + UTF-8), objectTypes (u16 + i32 each), then value, extras, sub-instances.
/// </remarks>
public readonly ref struct AttributeView
{
    private const int HeaderLength = 36;
    private readonly ReadOnlySpan<byte> _bytes;

    internal AttributeView(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    [Flags]
    private enum Has : byte
    {
        Number = 1,
        Box = 2,
        ObservedAt = 4,
        ExpiresAt = 8,
        DatasetId = 16,
        UnitCode = 32,
        ObjectTypes = 64,
    }

    /// <summary>The name's <c>Contexts.Terms</c> id.</summary>
    public int Name => I32(4);

    /// <summary>The attribute type.</summary>
    public AttributeKind Kind => (AttributeKind)_bytes[8];

    /// <summary>What the JSON value is.</summary>
    public JsonShape Shape => (JsonShape)_bytes[9];

    /// <summary>The geometry's shape.</summary>
    public GeometryShape Geometry => (GeometryShape)_bytes[10];

    /// <summary>createdAt in microseconds since 1970 UTC.</summary>
    public long CreatedAt => I64(12);

    /// <summary>modifiedAt in microseconds since 1970 UTC.</summary>
    public long ModifiedAt => I64(20);

    /// <summary>Whether this is not the default instance.</summary>
    public bool HasDatasetId => (Flags & Has.DatasetId) != 0;

    /// <summary>The value as compact JSON; see <see cref="AttributeNode.Value"/>.</summary>
    public ReadOnlySpan<byte> Value => _bytes.Slice(ValueAt, I32(28));

    /// <summary>Ready members with leading commas; see <see cref="AttributeNode.Extras"/>.</summary>
    public ReadOnlySpan<byte> Extras => _bytes.Slice(ValueAt + I32(28), U16(32));

    /// <summary>The number of sub-attribute instances.</summary>
    public int SubCount => U16(34);

    /// <summary>The sub-attribute instances.</summary>
    public AttributeEnumerator SubAttributes => new(_bytes[(ValueAt + I32(28) + U16(32))..], SubCount);

    /// <summary>observedAt in microseconds since 1970 UTC, null when absent.</summary>
    public long? ObservedAt => (Flags & Has.ObservedAt) != 0 ? I64(At(Has.ObservedAt)) : null;

    /// <summary>expiresAt in microseconds since 1970 UTC; 0 is never.</summary>
    public long ExpiresAt => (Flags & Has.ExpiresAt) != 0 ? I64(At(Has.ExpiresAt)) : 0;

    /// <summary>datasetId as UTF-8; empty is the default instance.</summary>
    public ReadOnlySpan<byte> DatasetId => Text(Has.DatasetId);

    /// <summary>unitCode as UTF-8; empty when absent.</summary>
    public ReadOnlySpan<byte> UnitCode => Text(Has.UnitCode);

    /// <summary>objectType as <c>Contexts.Terms</c> ids.</summary>
    public ReadOnlySpan<int> ObjectTypes
    {
        get
        {
            if ((Flags & Has.ObjectTypes) == 0)
            {
                return [];
            }

            int at = At(Has.ObjectTypes);
            return MemoryMarshal.Cast<byte, int>(_bytes.Slice(at + 2, U16(at) * 4));
        }
    }

    /// <summary>The geometry's bounding box; all zero when this is not a geometry.</summary>
    public BoundingBox Bounds
    {
        get
        {
            if ((Flags & Has.Box) == 0)
            {
                return default;
            }

            int at = At(Has.Box);
            return new BoundingBox(F64(at), F64(at + 8), F64(at + 16), F64(at + 24));
        }
    }

    private Has Flags => (Has)_bytes[11];

    private int ValueAt => At((Has)128);

    /// <summary>The value as a number, when it is one.</summary>
    public bool TryGetNumber(out double number)
    {
        bool has = (Flags & Has.Number) != 0;
        number = has ? F64(HeaderLength) : 0;
        return has;
    }

    /// <summary>Finds the default instance of a sub-attribute, or the first one.</summary>
    public bool TryFindSub(int name, out AttributeView view)
    {
        foreach (AttributeView candidate in SubAttributes)
        {
            if (candidate.Name == name)
            {
                view = candidate;
                return true;
            }
        }

        view = default;
        return false;
    }

    internal static int PackedLength(AttributeNode node)
    {
        int length = HeaderLength + node.Value.Length + node.Extras.Length;
        Has flags = FlagsOf(node);
        length += (flags & Has.Number) != 0 ? 8 : 0;
        length += (flags & Has.Box) != 0 ? 32 : 0;
        length += (flags & Has.ObservedAt) != 0 ? 8 : 0;
        length += (flags & Has.ExpiresAt) != 0 ? 8 : 0;
        length += node.DatasetId is { } dataset ? 2 + Encoding.UTF8.GetByteCount(dataset) : 0;
        length += node.UnitCode is { } unit ? 2 + Encoding.UTF8.GetByteCount(unit) : 0;
        length += node.ObjectTypes is { } types ? 2 + (types.Count * 4) : 0;
        if (node.SubAttributes is { } subs)
        {
            foreach (AttributeNode sub in subs)
            {
                length += PackedLength(sub);
            }
        }

        return length;
    }

    internal static int Pack(AttributeNode node, Span<byte> to)
    {
        Has flags = FlagsOf(node);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], node.Name);
        to[8] = (byte)node.Kind;
        to[9] = (byte)ShapeOf(node.Value.Span);
        to[10] = (byte)node.Geometry;
        to[11] = (byte)flags;
        BinaryPrimitives.WriteInt64LittleEndian(to[12..], node.CreatedAt);
        BinaryPrimitives.WriteInt64LittleEndian(to[20..], node.ModifiedAt);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], node.Value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(to[32..], checked((ushort)node.Extras.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(to[34..], checked((ushort)(node.SubAttributes?.Count ?? 0)));
        int at = HeaderLength;
        if ((flags & Has.Number) != 0)
        {
            _ = System.Buffers.Text.Utf8Parser.TryParse(node.Value.Span, out double number, out _);
            BinaryPrimitives.WriteDoubleLittleEndian(to[at..], number);
            at += 8;
        }

        if ((flags & Has.Box) != 0)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(to[at..], node.Bounds.West);
            BinaryPrimitives.WriteDoubleLittleEndian(to[(at + 8)..], node.Bounds.South);
            BinaryPrimitives.WriteDoubleLittleEndian(to[(at + 16)..], node.Bounds.East);
            BinaryPrimitives.WriteDoubleLittleEndian(to[(at + 24)..], node.Bounds.North);
            at += 32;
        }

        if (node.ObservedAt is { } observedAt)
        {
            BinaryPrimitives.WriteInt64LittleEndian(to[at..], observedAt);
            at += 8;
        }

        if (node.ExpiresAt != 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(to[at..], node.ExpiresAt);
            at += 8;
        }

        at += PackText(node.DatasetId, to[at..]);
        at += PackText(node.UnitCode, to[at..]);
        if (node.ObjectTypes is { } types)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(to[at..], checked((ushort)types.Count));
            at += 2;
            foreach (int type in types)
            {
                BinaryPrimitives.WriteInt32LittleEndian(to[at..], type);
                at += 4;
            }
        }

        node.Value.Span.CopyTo(to[at..]);
        at += node.Value.Length;
        node.Extras.Span.CopyTo(to[at..]);
        at += node.Extras.Length;
        if (node.SubAttributes is { } subs)
        {
            foreach (AttributeNode sub in subs)
            {
                at += Pack(sub, to[at..]);
            }
        }

        BinaryPrimitives.WriteInt32LittleEndian(to, at);
        return at;
    }

    internal static AttributeNode Unpack(ReadOnlyMemory<byte> bytes)
    {
        var view = new AttributeView(bytes.Span);
        int valueAt = view.ValueAt;
        int valueLength = view.I32(28);
        int extrasLength = view.U16(32);
        var node = new AttributeNode
        {
            Name = view.Name,
            Kind = view.Kind,
            Geometry = view.Geometry,
            Bounds = view.Bounds,
            CreatedAt = view.CreatedAt,
            ModifiedAt = view.ModifiedAt,
            ExpiresAt = view.ExpiresAt,
            ObservedAt = view.ObservedAt,
            DatasetId = view.HasDatasetId ? Encoding.UTF8.GetString(view.DatasetId) : null,
            UnitCode = (view.Flags & Has.UnitCode) != 0 ? Encoding.UTF8.GetString(view.UnitCode) : null,
            ObjectTypes = (view.Flags & Has.ObjectTypes) != 0 ? [.. view.ObjectTypes] : null,
            Value = bytes.Slice(valueAt, valueLength),
            Extras = bytes.Slice(valueAt + valueLength, extrasLength),
        };
        int at = valueAt + valueLength + extrasLength;
        for (int i = view.SubCount; i > 0; i--)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[at..]);
            (node.SubAttributes ??= []).Add(Unpack(bytes.Slice(at, length)));
            at += length;
        }

        return node;
    }

    /// <summary>What a JSON text is, by its first byte.</summary>
    public static JsonShape ShapeOf(ReadOnlySpan<byte> json) => json.IsEmpty ? JsonShape.Null : json[0] switch
    {
        (byte)'{' => JsonShape.Object,
        (byte)'[' => JsonShape.Array,
        (byte)'"' => JsonShape.String,
        (byte)'t' or (byte)'f' => JsonShape.Boolean,
        (byte)'n' => JsonShape.Null,
        _ => JsonShape.Number,
    };

    private static Has FlagsOf(AttributeNode node) =>
        (ShapeOf(node.Value.Span) == JsonShape.Number ? Has.Number : 0)
        | (node.Geometry != GeometryShape.None ? Has.Box : 0)
        | (node.ObservedAt is not null ? Has.ObservedAt : 0)
        | (node.ExpiresAt != 0 ? Has.ExpiresAt : 0)
        | (node.DatasetId is not null ? Has.DatasetId : 0)
        | (node.UnitCode is not null ? Has.UnitCode : 0)
        | (node.ObjectTypes is not null ? Has.ObjectTypes : 0);

    private static int PackText(string? text, Span<byte> to)
    {
        if (text is null)
        {
            return 0;
        }

        int length = Encoding.UTF8.GetBytes(text, to[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(to, checked((ushort)length));
        return 2 + length;
    }

    /// <summary>Where an optional part starts; the value follows the last of them.</summary>
    private int At(Has part)
    {
        Has flags = Flags;
        int at = HeaderLength;
        if (part == Has.Number)
        {
            return at;
        }

        at += (flags & Has.Number) != 0 ? 8 : 0;
        if (part == Has.Box)
        {
            return at;
        }

        at += (flags & Has.Box) != 0 ? 32 : 0;
        if (part == Has.ObservedAt)
        {
            return at;
        }

        at += (flags & Has.ObservedAt) != 0 ? 8 : 0;
        if (part == Has.ExpiresAt)
        {
            return at;
        }

        at += (flags & Has.ExpiresAt) != 0 ? 8 : 0;
        if (part == Has.DatasetId)
        {
            return at;
        }

        at += (flags & Has.DatasetId) != 0 ? 2 + U16(at) : 0;
        if (part == Has.UnitCode)
        {
            return at;
        }

        at += (flags & Has.UnitCode) != 0 ? 2 + U16(at) : 0;
        if (part == Has.ObjectTypes)
        {
            return at;
        }

        return at + ((flags & Has.ObjectTypes) != 0 ? 2 + (U16(at) * 4) : 0);
    }

    private ReadOnlySpan<byte> Text(Has part)
    {
        if ((Flags & part) == 0)
        {
            return [];
        }

        int at = At(part);
        return _bytes.Slice(at + 2, U16(at));
    }

    private int I32(int at) => BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]);

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[at..]);

    private long I64(int at) => BinaryPrimitives.ReadInt64LittleEndian(_bytes[at..]);

    private double F64(int at) => BinaryPrimitives.ReadDoubleLittleEndian(_bytes[at..]);
}
