using Twin.Telemetry.Points;

namespace Twin.Telemetry.Chunks;

/// <summary>
/// The summaries of the UTC hours of a chunk, as columns in two blocks: sums, which most questions are content with, and
/// extremes. Of decimals everything is an integer and exact. An hour's extremes are kept as distances from its mean, and
/// its squares as n·Σx² − (Σx)²: all small numbers.
/// </summary>
internal sealed class HourColumns
{
    private const byte Decimals = 1;
    private const byte Doubles = 2;

    // n·Σx² has to fit in 63 bits.
    private const long MostUnits = 3_000_000_000;

    private HourColumns(bool exact, byte scale, int length)
    {
        Exact = exact;
        Scale = scale;
        Length = length;
        Hours = new long[length];
        Counts = new long[length];
        Sums = new long[length];
    }

    /// <summary>The sums are integers; else bits of doubles.</summary>
    public bool Exact { get; private set; }

    /// <summary>Digits behind the point of the integers.</summary>
    public byte Scale { get; private set; }

    /// <summary>The number of hours; the columns may have room for more.</summary>
    public int Length { get; private set; }

    /// <summary>Hours since 0001-01-01 UTC that have points, ascending.</summary>
    public long[] Hours { get; }

    /// <summary>Points of each hour.</summary>
    public long[] Counts { get; }

    /// <summary>The sum of each hour.</summary>
    public long[] Sums { get; }

    /// <summary>The extremes; null until <see cref="ReadExtremes"/>.</summary>
    public HourExtremes? Extremes { get; private set; }

    /// <summary>The summaries of a chunk's hours; null when they would say little: values that are no numbers, or few points an hour.</summary>
    public static HourColumns? Of(ReadOnlySpan<long> times, ReadOnlySpan<byte> forms, ReadOnlySpan<long> bits)
    {
        var form = forms[0];
        if (!PointForm.IsNumeric(form) || forms.ContainsAnyExcept(form))
        {
            return null;
        }

        int hours = 1, most = 1, run = 1;
        var hour = times[0] / TimeSpan.TicksPerHour;
        for (var i = 1; i < times.Length; i++, run++)
        {
            if (times[i] / TimeSpan.TicksPerHour is var next && next != hour)
            {
                (hour, hours, most, run) = (next, hours + 1, Math.Max(most, run), 0);
            }
        }

        if (hours * 4 > times.Length)
        {
            return null;
        }

        var exact = form is <= PointSummary.MostExactScale or PointForm.Boolean && Fits(bits, Math.Max(most, run));
        var columns = new HourColumns(exact, form is PointForm.Boolean or PointForm.Double ? (byte)0 : form, hours) { Extremes = new HourExtremes(hours) };
        columns.Fill(times, form, bits);
        return columns;
    }

    /// <summary>The block of the sums.</summary>
    public byte[] WriteSums(ByteWriter writer)
    {
        writer.Clear();
        writer.Byte(Exact ? Decimals : Doubles);
        writer.Byte(Scale);
        writer.Varint((ulong)Length);
        LongColumn.Write(writer, Hours);
        LongColumn.Write(writer, Counts);
        LongColumn.Write(writer, Sums, !Exact);
        writer.Take(BitFrame.Slack);
        return writer.ToArray();
    }

    /// <summary>The block of the extremes.</summary>
    public byte[] WriteExtremes(ByteWriter writer)
    {
        writer.Clear();
        LongColumn.Write(writer, Extremes!.Low, !Exact);
        LongColumn.Write(writer, Extremes.High, !Exact);
        LongColumn.Write(writer, Extremes.Spread, !Exact);
        writer.Take(BitFrame.Slack);
        return writer.ToArray();
    }

    /// <summary>Reads the block of the sums.</summary>
    /// <param name="block">The block.</param>
    /// <param name="scratch">What may be used again, when its last reader is done with it.</param>
    public static HourColumns ReadSums(ReadOnlySpan<byte> block, HourColumns? scratch = null)
    {
        var reader = new ByteReader(block);
        var kind = reader.Byte();
        if (kind is not (Decimals or Doubles))
        {
            throw ByteReader.Broken();
        }

        var scale = reader.Byte();
        var length = reader.Count(PointCodec.MostPoints);
        var columns = scratch is not null && scratch.Hours.Length >= length ? scratch : new HourColumns(true, 0, length);
        (columns.Exact, columns.Scale, columns.Length, columns.Extremes) = (kind == Decimals, scale, length, null);
        LongColumn.Read(ref reader, columns.Hours.AsSpan(0, length));
        LongColumn.Read(ref reader, columns.Counts.AsSpan(0, length));
        LongColumn.Read(ref reader, columns.Sums.AsSpan(0, length));
        return columns;
    }

    /// <summary>Reads the block of the extremes.</summary>
    public void ReadExtremes(ReadOnlySpan<byte> block)
    {
        var reader = new ByteReader(block);
        var extremes = new HourExtremes(Length);
        LongColumn.Read(ref reader, extremes.Low);
        LongColumn.Read(ref reader, extremes.High);
        LongColumn.Read(ref reader, extremes.Spread);
        Extremes = extremes;
    }

    /// <summary>Adds the hours from one index to before another to a summary; with their extremes when they have been read.</summary>
    public void AddTo(ref PointSummary summary, int start, int end)
    {
        if (!Exact || Extremes is not null)
        {
            for (var i = start; i < end; i++)
            {
                AddTo(ref summary, i);
            }

            return;
        }

        if (start < end)
        {
            // Each fits in 2^32, and there are no more of them than points of a chunk.
            long count = 0, sum = 0;
            for (var i = start; i < end; i++)
            {
                count += Counts[i];
                sum += Sums[i];
            }

            summary.AddDecimals(Scale, count, sum);
        }
    }

    /// <summary>Adds one hour to a summary; with its extremes when they have been read.</summary>
    public void AddTo(ref PointSummary summary, int index)
    {
        var (count, sum) = (Counts[index], Sums[index]);
        if (Extremes is not { } extremes)
        {
            if (Exact)
            {
                summary.AddDecimals(Scale, count, sum);
            }
            else
            {
                summary.AddOthers(count, BitConverter.Int64BitsToDouble(sum), 0, double.PositiveInfinity, double.NegativeInfinity);
            }

            return;
        }

        if (Exact)
        {
            var mean = Floor(sum, count);
            var squares = (extremes.Spread[index] + ((Int128)sum * sum)) / count;
            summary.AddDecimals(Scale, count, sum, squares, mean - extremes.Low[index], mean + extremes.High[index]);
        }
        else
        {
            summary.AddOthers(
                count,
                BitConverter.Int64BitsToDouble(sum),
                BitConverter.Int64BitsToDouble(extremes.Spread[index]),
                BitConverter.Int64BitsToDouble(extremes.Low[index]),
                BitConverter.Int64BitsToDouble(extremes.High[index]));
        }
    }

    private static bool Fits(ReadOnlySpan<long> bits, int most)
    {
        foreach (var value in bits)
        {
            if (value > MostUnits / most || value < -(MostUnits / most))
            {
                return false;
            }
        }

        return true;
    }

    private void Fill(ReadOnlySpan<long> times, byte form, ReadOnlySpan<long> bits)
    {
        for (int start = 0, at = 0; start < times.Length; at++)
        {
            var hour = times[start] / TimeSpan.TicksPerHour;
            var end = start + 1;
            while (end < times.Length && times[end] / TimeSpan.TicksPerHour == hour)
            {
                end++;
            }

            Hours[at] = hour;
            Counts[at] = end - start;
            if (Exact)
            {
                FillDecimals(at, bits[start..end]);
            }
            else
            {
                FillDoubles(at, form, bits[start..end]);
            }

            start = end;
        }
    }

    private void FillDecimals(int at, ReadOnlySpan<long> values)
    {
        long sum = 0, squares = 0, least = values[0], greatest = values[0];
        foreach (var value in values)
        {
            sum += value;
            squares += value * value;
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
        }

        var mean = Floor(sum, values.Length);
        Sums[at] = sum;
        Extremes!.Low[at] = mean - least;
        Extremes.High[at] = greatest - mean;
        Extremes.Spread[at] = (values.Length * squares) - (sum * sum);
    }

    private void FillDoubles(int at, byte form, ReadOnlySpan<long> values)
    {
        double sum = 0, squares = 0, least = double.PositiveInfinity, greatest = double.NegativeInfinity;
        foreach (var bits in values)
        {
            var value = PointValue.ToDouble(form, bits);
            sum += value;
            squares += value * value;
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
        }

        Sums[at] = BitConverter.DoubleToInt64Bits(sum);
        Extremes!.Low[at] = BitConverter.DoubleToInt64Bits(least);
        Extremes.High[at] = BitConverter.DoubleToInt64Bits(greatest);
        Extremes.Spread[at] = BitConverter.DoubleToInt64Bits(squares);
    }

    private static long Floor(long sum, long count) => (sum - (((sum % count) + count) % count)) / count;
}

/// <summary>
/// Least, greatest and squares of hours. Of decimals: how far the least and the greatest are from the mean rounded down,
/// and n·Σx² − (Σx)². Of doubles: bits of the least, the greatest and the sum of squares.
/// </summary>
internal sealed class HourExtremes(int length)
{
    public long[] Low { get; } = new long[length];

    public long[] High { get; } = new long[length];

    public long[] Spread { get; } = new long[length];
}
