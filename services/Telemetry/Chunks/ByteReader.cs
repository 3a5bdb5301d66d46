using System.Buffers.Binary;

namespace Twin.Telemetry.Chunks;

/// <summary>Reads what <see cref="ByteWriter"/> wrote; whatever does not hold is <see cref="InvalidDataException"/>.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>The position of the next byte.</summary>
    public int Position { get; private set; } = 0;

    /// <summary>How many bytes there are after it.</summary>
    public readonly int Left => bytes.Length - Position;

    /// <summary>All that is left.</summary>
    public readonly ReadOnlySpan<byte> Rest => bytes[Position..];

    public byte Byte() => Take(1)[0];

    public ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)Left)
        {
            throw Broken();
        }

        var taken = bytes.Slice(Position, length);
        Position += length;
        return taken;
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken();
    }

    public long Zigzag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>A number from 0 to <paramref name="most"/>.</summary>
    public int Count(int most)
    {
        var value = Varint();
        return most >= 0 && value <= (ulong)most ? (int)value : throw Broken();
    }

    /// <summary>What a block that cannot be read is refused with.</summary>
    public static InvalidDataException Broken() => new("A block of stored points is not in its format.");
}
