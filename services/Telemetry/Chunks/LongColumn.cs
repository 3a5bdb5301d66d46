using System.Numerics;

namespace Twin.Telemetry.Chunks;

/// <summary>
/// A column of 64-bit numbers. A constant and a straight line take a few bytes whatever their length; else each frame of
/// 128 is written in the way that is shortest for it: offsets from its smallest number, offsets of its steps from the
/// smallest step, or bits that differ from the number before (Gorilla: Pelkonen et al., VLDB 2015; here by frame).
/// Arithmetic wraps around, so that every sequence of numbers comes back.
/// </summary>
internal static class LongColumn
{
    private const byte Constant = 0;
    private const byte Line = 1;
    private const byte Frames = 2;

    private const byte Offsets = 0;
    private const byte Steps = 1;
    private const byte Differences = 2;

    /// <summary>Writes a column; the reader must know its length.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="values">The numbers.</param>
    /// <param name="doubles">The numbers are bits of doubles: differences are tried as well.</param>
    public static void Write(ByteWriter writer, ReadOnlySpan<long> values, bool doubles = false)
    {
        if (values.IsEmpty)
        {
            return;
        }

        if (IsLine(values))
        {
            var step = values.Length == 1 ? 0 : unchecked(values[1] - values[0]);
            writer.Byte(step == 0 ? Constant : Line);
            writer.Zigzag(values[0]);
            if (step != 0)
            {
                writer.Zigzag(step);
            }

            return;
        }

        writer.Byte(Frames);
        long previous = 0;
        Span<ulong> packed = stackalloc ulong[BitFrame.Size];
        for (var start = 0; start < values.Length; start += BitFrame.Size)
        {
            var frame = values.Slice(start, Math.Min(BitFrame.Size, values.Length - start));
            WriteFrame(writer, frame, packed[..frame.Length], doubles, ref previous);
        }
    }

    /// <summary>Reads a column of a known length.</summary>
    public static void Read(ref ByteReader reader, Span<long> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        var kind = reader.Byte();
        switch (kind)
        {
            case Constant:
                values.Fill(reader.Zigzag());
                break;
            case Line:
                var value = reader.Zigzag();
                var step = reader.Zigzag();
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = value;
                    value = unchecked(value + step);
                }

                break;
            case Frames:
                long previous = 0;
                Span<ulong> packed = stackalloc ulong[BitFrame.Size];
                for (var start = 0; start < values.Length; start += BitFrame.Size)
                {
                    var frame = values.Slice(start, Math.Min(BitFrame.Size, values.Length - start));
                    ReadFrame(ref reader, frame, packed[..frame.Length], ref previous);
                }

                break;
            default:
                throw ByteReader.Broken();
        }
    }

    private static bool IsLine(ReadOnlySpan<long> values)
    {
        if (values.Length < 3)
        {
            return true;
        }

        var step = unchecked(values[1] - values[0]);
        for (var i = 2; i < values.Length; i++)
        {
            if (unchecked(values[i] - values[i - 1]) != step)
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteFrame(ByteWriter writer, ReadOnlySpan<long> frame, Span<ulong> packed, bool doubles, ref long previous)
    {
        unchecked
        {
            long least = frame[0], leastStep = frame.Length > 1 ? long.MaxValue : 0;
            ulong differing = 0;
            for (var i = 1; i < frame.Length; i++)
            {
                least = Math.Min(least, frame[i]);
                leastStep = Math.Min(leastStep, frame[i] - frame[i - 1]);
                differing |= (ulong)(frame[i] ^ frame[i - 1]);
            }

            var zeros = differing == 0 ? 0 : BitOperations.TrailingZeroCount(differing);
            var mode = Shortest(frame, least, leastStep, zeros, doubles);
            writer.Byte(mode);
            var reference = mode == Offsets ? least : frame[0];
            writer.Zigzag(reference - previous);
            previous = reference;
            packed[0] = mode == Offsets ? (ulong)(frame[0] - least) : 0;
            switch (mode)
            {
                case Offsets:
                    for (var i = 1; i < frame.Length; i++)
                    {
                        packed[i] = (ulong)(frame[i] - least);
                    }

                    break;
                case Steps:
                    writer.Zigzag(leastStep);
                    for (var i = 1; i < frame.Length; i++)
                    {
                        packed[i] = (ulong)(frame[i] - frame[i - 1] - leastStep);
                    }

                    break;
                default:
                    writer.Byte((byte)zeros);
                    for (var i = 1; i < frame.Length; i++)
                    {
                        packed[i] = (ulong)(frame[i] ^ frame[i - 1]) >> zeros;
                    }

                    break;
            }

            BitFrame.Write(writer, packed);
        }
    }

    /// <summary>The way with the fewest bits by sum, which spikes do not mislead.</summary>
    private static byte Shortest(ReadOnlySpan<long> frame, long least, long leastStep, int zeros, bool doubles)
    {
        unchecked
        {
            int offsets = 0, steps = 8, differences = doubles ? 0 : int.MaxValue;
            for (var i = 1; i < frame.Length; i++)
            {
                offsets += 64 - BitOperations.LeadingZeroCount((ulong)(frame[i] - least));
                steps += 64 - BitOperations.LeadingZeroCount((ulong)(frame[i] - frame[i - 1] - leastStep));
                if (doubles)
                {
                    differences += 64 - BitOperations.LeadingZeroCount((ulong)(frame[i] ^ frame[i - 1]) >> zeros);
                }
            }

            return offsets <= steps && offsets <= differences ? Offsets : steps <= differences ? Steps : Differences;
        }
    }

    private static void ReadFrame(ref ByteReader reader, scoped Span<long> frame, scoped Span<ulong> packed, scoped ref long previous)
    {
        unchecked
        {
            var mode = reader.Byte();
            var value = previous + reader.Zigzag();
            previous = value;
            switch (mode)
            {
                case Offsets:
                    BitFrame.Read(ref reader, packed);
                    for (var i = 0; i < frame.Length; i++)
                    {
                        frame[i] = value + (long)packed[i];
                    }

                    break;
                case Steps:
                    var step = reader.Zigzag();
                    BitFrame.Read(ref reader, packed);
                    frame[0] = value;
                    for (var i = 1; i < frame.Length; i++)
                    {
                        value += (long)packed[i] + step;
                        frame[i] = value;
                    }

                    break;
                case Differences:
                    var zeros = reader.Byte() & 63;
                    BitFrame.Read(ref reader, packed);
                    frame[0] = value;
                    for (var i = 1; i < frame.Length; i++)
                    {
                        value ^= (long)(packed[i] << zeros);
                        frame[i] = value;
                    }

                    break;
                default:
                    throw ByteReader.Broken();
            }
        }
    }
}
