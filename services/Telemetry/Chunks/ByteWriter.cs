using System.Buffers.Binary;
using System.Numerics;

namespace Twin.Telemetry.Chunks;

/// <summary>A growing buffer of bytes that is written from front to back and used again.</summary>
internal sealed class ByteWriter(int capacity = 1024)
{
    private byte[] buffer = new byte[capacity];

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    /// <summary>Forgets what has been written.</summary>
    public void Clear() => Length = 0;

    /// <summary>A copy of what has been written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Zeroed room for the next <paramref name="length"/> bytes, which count as written.</summary>
    public Span<byte> Take(int length)
    {
        if (Length + length > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(Length + length, buffer.Length * 2));
        }

        var taken = buffer.AsSpan(Length, length);
        taken.Clear();
        Length += length;
        return taken;
    }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>Seven bits a byte, the lowest first.</summary>
    public void Varint(ulong value)
    {
        var length = Math.Max(1, (70 - BitOperations.LeadingZeroCount(value)) / 7);
        var target = Take(length);
        for (var i = 0; i < length - 1; i++)
        {
            target[i] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length - 1] = (byte)value;
    }

    /// <summary>A signed number of which small ones are short.</summary>
    public void Zigzag(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);
}
