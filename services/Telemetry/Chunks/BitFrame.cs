using System.Buffers.Binary;
using System.Numerics;

namespace Twin.Telemetry.Chunks;

/// <summary>
/// Up to 128 unsigned numbers in as few bits each as most of them need; the upper bits of the others follow as exceptions
/// (patched frame of reference: Zukowski et al., Super-Scalar RAM-CPU Cache Compression, ICDE 2006).
/// </summary>
/// <remarks>
/// One byte with the width, its highest bit set when there are exceptions; the packed bits; then the number of exceptions
/// and for each its place and its upper bits as a varint.
/// </remarks>
internal static class BitFrame
{
    /// <summary>Numbers in a full frame.</summary>
    public const int Size = 128;

    /// <summary>Bytes that must follow a frame, of whatever kind: a number is read with the eight or nine bytes where it begins.</summary>
    public const int Slack = 9;

    private const byte HasExceptions = 0x80;

    /// <summary>Writes at most <see cref="Size"/> numbers.</summary>
    public static void Write(ByteWriter writer, ReadOnlySpan<ulong> values)
    {
        var (width, exceptions) = Width(values);
        writer.Byte((byte)(exceptions == 0 ? width : width | HasExceptions));
        Pack(writer.Take(Packed(values.Length, width)), values, width);
        if (exceptions == 0)
        {
            return;
        }

        writer.Byte((byte)exceptions);
        for (var i = 0; i < values.Length; i++)
        {
            if (BitLength(values[i]) > width)
            {
                writer.Byte((byte)i);
                writer.Varint(values[i] >> width);
            }
        }
    }

    /// <summary>Reads as many numbers as were written.</summary>
    public static void Read(ref ByteReader reader, scoped Span<ulong> values)
    {
        var head = reader.Byte();
        var width = head & ~HasExceptions;
        if (width > 64)
        {
            throw ByteReader.Broken();
        }

        var rest = reader.Rest;
        reader.Take(Packed(values.Length, width));
        if (reader.Left < Slack)
        {
            throw ByteReader.Broken();
        }

        Unpack(rest, values, width);
        if ((head & HasExceptions) == 0)
        {
            return;
        }

        for (var left = reader.Byte(); left > 0; left--)
        {
            var at = reader.Byte();
            if (at >= values.Length)
            {
                throw ByteReader.Broken();
            }

            values[at] |= reader.Varint() << width;
        }
    }

    private static int BitLength(ulong value) => 64 - BitOperations.LeadingZeroCount(value);

    private static int Packed(int count, int width) => ((count * width) + 7) / 8;

    /// <summary>The width with which the frame takes the fewest bytes, and how many numbers are wider.</summary>
    private static (int Width, int Exceptions) Width(ReadOnlySpan<ulong> values)
    {
        ulong all = 0;
        foreach (var value in values)
        {
            all |= value;
        }

        var widest = BitLength(all);
        if (widest == 0)
        {
            return (0, 0);
        }

        Span<int> lengths = stackalloc int[65];
        lengths.Clear();
        foreach (var value in values)
        {
            lengths[BitLength(value)]++;
        }

        var best = (Width: widest, Exceptions: 0);
        var least = values.Length * widest;
        int wider = 0, bitsOfWider = 0;
        for (var width = widest - 1; width >= 0; width--)
        {
            wider += lengths[width + 1];
            bitsOfWider += lengths[width + 1] * (width + 1);
            // A place, and the upper bits with one of overhead in seven and half a byte lost.
            var cost = (values.Length * width) + 8 + (wider * 12) + ((bitsOfWider - (wider * width)) * 8 / 7);
            if (cost < least)
            {
                least = cost;
                best = (width, wider);
            }
        }

        return best;
    }

    private static void Pack(Span<byte> target, ReadOnlySpan<ulong> values, int width)
    {
        if (width == 0)
        {
            return;
        }

        var mask = width == 64 ? ulong.MaxValue : (1UL << width) - 1;
        ulong held = 0;
        int filled = 0, at = 0;
        foreach (var value in values)
        {
            var low = value & mask;
            held |= low << filled;
            filled += width;
            if (filled >= 64)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(target[at..], held);
                at += 8;
                filled -= 64;
                held = filled == 0 ? 0 : low >> (width - filled);
            }
        }

        for (; filled > 0; filled -= 8)
        {
            target[at++] = (byte)held;
            held >>= 8;
        }
    }

    private static void Unpack(ReadOnlySpan<byte> source, Span<ulong> values, int width)
    {
        if (width == 0)
        {
            values.Clear();
            return;
        }

        var mask = width == 64 ? ulong.MaxValue : (1UL << width) - 1;
        var bit = 0;
        for (var i = 0; i < values.Length; i++, bit += width)
        {
            var at = bit >> 3;
            var shift = bit & 7;
            var value = BinaryPrimitives.ReadUInt64LittleEndian(source[at..]) >> shift;
            if (shift + width > 64)
            {
                value |= (ulong)source[at + 8] << (64 - shift);
            }

            values[i] = value & mask;
        }
    }
}
