using System.Buffers.Binary;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Chunks;

/// <summary>
/// What points say of the steps for which they stand, as columns. Of decimals of usual size everything is an integer and
/// small: the extremes are kept as distances from the mean, the squares as n·Σx² − (Σx)².
/// </summary>
internal static class StepCodec
{
    private const byte Decimals = 1;
    private const byte General = 2;

    private static readonly PointExtra Plain = new(default, null, PointQuality.Good, null);

    /// <summary>Whether any point stands for a step.</summary>
    public static bool HasAny(ReadOnlySpan<PointExtra?> extras)
    {
        foreach (var extra in extras)
        {
            if (extra?.Step is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The extras without their steps.</summary>
    public static PointExtra?[] Without(ReadOnlySpan<PointExtra?> extras)
    {
        var without = new PointExtra?[extras.Length];
        for (var i = 0; i < extras.Length; i++)
        {
            without[i] = extras[i]?.Step is null ? extras[i]
                : extras[i] is { Text.IsEmpty: true, Unit: null, Quality: PointQuality.Good, Facts: null } ? null
                : extras[i]! with { Step = null };
        }

        return without;
    }

    public static void Write(ByteWriter writer, ReadOnlySpan<PointExtra?> extras, Span<long> room)
    {
        var steps = new List<PointSummary>(extras.Length);
        for (var i = 0; i < extras.Length; i++)
        {
            room[i] = extras[i]?.Step is null ? 0 : 1;
            if (extras[i]?.Step is { } step)
            {
                steps.Add(step.Summary);
            }
        }

        LongColumn.Write(writer, room[..extras.Length]);
        if (Columns.Of(steps) is { } columns)
        {
            writer.Byte(Decimals);
            columns.Write(writer);
            return;
        }

        writer.Byte(General);
        foreach (var step in steps)
        {
            WriteWide(writer, step);
        }
    }

    /// <summary>Reads the steps into the extras of their points.</summary>
    public static void Read(ref ByteReader reader, PointExtra?[] extras)
    {
        var marks = new long[extras.Length];
        LongColumn.Read(ref reader, marks);
        var count = marks.Count(static mark => mark == 1);
        var kind = reader.Byte();
        if (kind is not (Decimals or General))
        {
            throw ByteReader.Broken();
        }

        var columns = kind == Decimals ? Columns.Read(ref reader, count) : null;
        for (int i = 0, at = 0; i < extras.Length; i++)
        {
            if (marks[i] == 1)
            {
                var summary = columns?.At(at++) ?? ReadWide(ref reader);
                extras[i] = (extras[i] ?? Plain) with { Step = new StepSummary(summary) };
            }
        }
    }

    private static void WriteWide(ByteWriter writer, in PointSummary step)
    {
        writer.Varint((ulong)step.Count);
        writer.Varint((ulong)step.Numbers);
        writer.Byte(step.Scale);
        writer.Int64(BitConverter.DoubleToInt64Bits(step.Min));
        writer.Int64(BitConverter.DoubleToInt64Bits(step.Max));
        BinaryPrimitives.WriteInt128LittleEndian(writer.Take(16), step.ExactSum);
        BinaryPrimitives.WriteInt128LittleEndian(writer.Take(16), step.ExactSquares);
        writer.Int64(BitConverter.DoubleToInt64Bits(step.OtherSum));
        writer.Int64(BitConverter.DoubleToInt64Bits(step.OtherSquares));
    }

    private static PointSummary ReadWide(ref ByteReader reader)
    {
        var step = new PointSummary { Count = (long)reader.Varint(), Numbers = (long)reader.Varint(), Scale = reader.Byte() };
        step.Min = BitConverter.Int64BitsToDouble(reader.Int64());
        step.Max = BitConverter.Int64BitsToDouble(reader.Int64());
        step.ExactSum = BinaryPrimitives.ReadInt128LittleEndian(reader.Take(16));
        step.ExactSquares = BinaryPrimitives.ReadInt128LittleEndian(reader.Take(16));
        step.OtherSum = BitConverter.Int64BitsToDouble(reader.Int64());
        step.OtherSquares = BitConverter.Int64BitsToDouble(reader.Int64());
        return step.Scale <= PointSummary.MostExactScale ? step : throw ByteReader.Broken();
    }

    /// <summary>Steps of decimals, brought to one scale.</summary>
    private sealed class Columns(byte scale, int length)
    {
        // What is larger is no reading of a sensor, and its products might not fit.
        private const long MostSum = 1L << 50;
        private static readonly Int128 MostSquares = (Int128)1 << 90;

        private readonly long[] counts = new long[length];
        private readonly long[] others = new long[length];
        private readonly long[] sums = new long[length];
        private readonly long[] low = new long[length];
        private readonly long[] high = new long[length];
        private readonly long[] spread = new long[length];

        /// <summary>The columns; null when a step does not fit in.</summary>
        public static Columns? Of(List<PointSummary> steps)
        {
            byte scale = 0;
            foreach (var step in steps)
            {
                scale = Math.Max(scale, step.Scale);
            }

            var columns = new Columns(scale, steps.Count);
            for (var i = 0; i < steps.Count; i++)
            {
                if (!columns.TrySet(i, steps[i]))
                {
                    return null;
                }
            }

            return columns;
        }

        public static Columns Read(ref ByteReader reader, int length)
        {
            var scale = reader.Byte();
            if (scale > PointSummary.MostExactScale)
            {
                throw ByteReader.Broken();
            }

            var columns = new Columns(scale, length);
            foreach (var column in columns.All())
            {
                LongColumn.Read(ref reader, column);
            }

            return columns;
        }

        public void Write(ByteWriter writer)
        {
            writer.Byte(scale);
            foreach (var column in All())
            {
                LongColumn.Write(writer, column);
            }
        }

        public PointSummary At(int index)
        {
            var summary = new PointSummary { Count = counts[index], Numbers = counts[index] - others[index] };
            if (summary.Numbers <= 0)
            {
                return summary;
            }

            var (count, sum) = (summary.Numbers, sums[index]);
            var mean = Floor(sum, count);
            summary.Scale = scale;
            summary.ExactSum = sum;
            summary.ExactSquares = (spread[index] + ((Int128)sum * sum)) / count;
            summary.Min = PointValue.ToDouble(scale, mean - low[index]);
            summary.Max = PointValue.ToDouble(scale, mean + high[index]);
            return summary;
        }

        private long[][] All() => [counts, others, sums, low, high, spread];

        private bool TrySet(int index, in PointSummary step)
        {
            (counts[index], others[index]) = (step.Count, step.Count - step.Numbers);
            if (step.Numbers == 0)
            {
                return true;
            }

            Int128 factor = PointValue.PowerOfTen(scale - step.Scale);
            if (step.OtherSum != 0 || step.OtherSquares != 0
                || Int128.Abs(step.ExactSum) > MostSum / factor || step.ExactSquares > MostSquares / (factor * factor) || step.Numbers > 1 << 30
                || !TryUnits(step.Min, out var least) || !TryUnits(step.Max, out var greatest))
            {
                return false;
            }

            var sum = step.ExactSum * factor;
            var apart = (step.ExactSquares * factor * factor * step.Numbers) - (sum * sum);
            if (apart < 0 || apart > long.MaxValue)
            {
                return false;
            }

            var mean = Floor((long)sum, step.Numbers);
            (sums[index], low[index], high[index], spread[index]) = ((long)sum, mean - least, greatest - mean, (long)apart);
            return true;
        }

        private bool TryUnits(double value, out long units)
        {
            const double Most = 1L << 50;
            var scaled = Math.Round(value * PointValue.DoublePowerOfTen(scale));
            units = Math.Abs(scaled) < Most ? (long)scaled : 0;
            return Math.Abs(scaled) < Most && PointValue.ToDouble(scale, units).Equals(value);
        }

        private static long Floor(long sum, long count) => (sum - (((sum % count) + count) % count)) / count;
    }
}
