using System.Runtime.InteropServices;

namespace Twin.Telemetry.Points;

/// <summary>
/// What is known of some points without the points: their number and, of those that are numbers, count, sum, sum of
/// squares, least and greatest. Decimals of usual size are summed exactly; what is larger than 2^40 units of its last
/// digit, and doubles, are summed as doubles. A value to be mutated in place.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct PointSummary
{
    /// <summary>Digits beyond which a decimal is summed as a double.</summary>
    private const long MostExact = 1L << 40;

    /// <summary>Digits behind the point beyond which a decimal is summed as a double.</summary>
    public const int MostExactScale = 9;

    /// <summary>What an exact sum may reach, so that another of its kind can still be added.</summary>
    private static readonly Int128 Room = Int128.MaxValue >> 2;

    /// <summary>Creates a summary of no points.</summary>
    public PointSummary()
    {
        Min = double.PositiveInfinity;
        Max = double.NegativeInfinity;
    }

    /// <summary>Points with a value: all but those of a deletion.</summary>
    public long Count { get; set; }

    /// <summary>Those of them that are numbers.</summary>
    public long Numbers { get; set; }

    /// <summary>The least number; infinity when there is none.</summary>
    public double Min { get; set; }

    /// <summary>The greatest number; minus infinity when there is none.</summary>
    public double Max { get; set; }

    /// <summary>Digits behind the point of <see cref="ExactSum"/>; twice as many of <see cref="ExactSquares"/>.</summary>
    public byte Scale { get; set; }

    /// <summary>The sum of the exact decimals, in units of their last digit.</summary>
    public Int128 ExactSum { get; set; }

    /// <summary>The sum of the squares of the exact decimals.</summary>
    public Int128 ExactSquares { get; set; }

    /// <summary>The sum of the other numbers.</summary>
    public double OtherSum { get; set; }

    /// <summary>The sum of the squares of the other numbers.</summary>
    public double OtherSquares { get; set; }

    /// <summary>The sum of all numbers.</summary>
    public readonly double Sum => Unscaled(ExactSum, Scale) + OtherSum;

    /// <summary>The sum of the squares of all numbers.</summary>
    public readonly double SumOfSquares => Unscaled(ExactSquares, 2 * Scale) + OtherSquares;

    /// <summary>The mean of the numbers; NaN when there is none.</summary>
    public readonly double Mean => Numbers == 0 ? double.NaN : Sum / Numbers;

    /// <summary>The standard deviation of the numbers as a whole population; NaN when there is none.</summary>
    public readonly double StandardDeviation
    {
        get
        {
            if (Numbers == 0)
            {
                return double.NaN;
            }

            if (OtherSum == 0 && OtherSquares == 0)
            {
                // n·Σx² − (Σx)² in integers: no cancellation, as long as it fits.
                var n = (double)Numbers;
                var (sum, squares, scale) = Least(ExactSum, ExactSquares, Scale);
                var spread = squares < Int128.MaxValue / Numbers && Int128.Abs(sum) < (Int128)long.MaxValue
                    ? (double)((squares * Numbers) - (sum * sum))
                    : ((double)squares * n) - ((double)sum * (double)sum);
                return Math.Sqrt(Math.Max(0, spread)) / n / PointValue.DoublePowerOfTen(scale);
            }

            var mean = Mean;
            return Math.Sqrt(Math.Max(0, (SumOfSquares / Numbers) - (mean * mean)));
        }
    }

    /// <summary>Adds a point.</summary>
    public void Add(byte form, long bits)
    {
        if (PointForm.IsNumeric(form))
        {
            AddNumber(form, bits);
        }
        else if (form < PointForm.Null)
        {
            Count++;
        }
    }

    /// <summary>Adds points of one series in order, in one go.</summary>
    public void Add(ReadOnlySpan<byte> forms, ReadOnlySpan<long> bits)
    {
        if (forms.IsEmpty || forms[0] > MostExactScale || forms.ContainsAnyExcept(forms[0]))
        {
            for (var i = 0; i < forms.Length; i++)
            {
                Add(forms[i], bits[i]);
            }

            return;
        }

        long least = bits[0], greatest = bits[0];
        foreach (var value in bits)
        {
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
        }

        if (least > -MostExact && greatest < MostExact)
        {
            AddDecimals(forms[0], bits, least, greatest);
        }
        else
        {
            for (var i = 0; i < forms.Length; i++)
            {
                AddNumber(forms[i], bits[i]);
            }
        }
    }

    /// <summary>Adds points of one series from one index to before another; a point that stands for others adds those.</summary>
    public void Add(PointColumns points, int start, int end)
    {
        if (!points.HasSteps)
        {
            Add(points.Forms[start..end], points.Bits[start..end]);
            return;
        }

        for (var i = start; i < end; i++)
        {
            if (points.ExtraAt(i)?.Step is { } step)
            {
                Add(step.Summary);
            }
            else
            {
                Add(points.Forms[i], points.Bits[i]);
            }
        }
    }

    /// <summary>Adds what a summary knows of decimals of one scale.</summary>
    public void AddDecimals(byte scale, long count, Int128 sum, Int128 squares, long least, long greatest)
    {
        Count += count;
        Numbers += count;
        Min = Math.Min(Min, PointValue.ToDouble(scale, least));
        Max = Math.Max(Max, PointValue.ToDouble(scale, greatest));
        AddExact(scale, sum, squares);
    }

    /// <summary>Adds what a summary knows of decimals of one scale, for those who ask for no more than their sum.</summary>
    public void AddDecimals(byte scale, long count, Int128 sum)
    {
        Count += count;
        Numbers += count;
        AddExact(scale, sum, 0);
    }

    /// <summary>Adds other numbers by their sums.</summary>
    public void AddOthers(long count, double sum, double squares, double least, double greatest)
    {
        Count += count;
        Numbers += count;
        OtherSum += sum;
        OtherSquares += squares;
        Min = Math.Min(Min, least);
        Max = Math.Max(Max, greatest);
    }

    /// <summary>Adds another summary.</summary>
    public void Add(in PointSummary other)
    {
        Count += other.Count;
        Numbers += other.Numbers;
        OtherSum += other.OtherSum;
        OtherSquares += other.OtherSquares;
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        AddExact(other.Scale, other.ExactSum, other.ExactSquares);
    }

    private void AddNumber(byte form, long bits)
    {
        var scale = form == PointForm.Boolean ? (byte)0 : form;
        if (scale <= MostExactScale && bits is > -MostExact and < MostExact)
        {
            AddDecimals(scale, 1, bits, (Int128)bits * bits, bits, bits);
        }
        else
        {
            var value = PointValue.ToDouble(form, bits);
            AddOthers(1, value, value * value, value, value);
        }
    }

    private void AddDecimals(byte scale, ReadOnlySpan<long> bits, long least, long greatest)
    {
        // 2^24 squared, 2^15 times, fits in 63 bits; so do 2^40 in sum 2^23 times.
        if (bits.Length <= 1 << 15 && least > -(1L << 24) && greatest < 1L << 24)
        {
            long sum = 0, squares = 0;
            foreach (var value in bits)
            {
                sum += value;
                squares += value * value;
            }

            AddDecimals(scale, bits.Length, sum, squares, least, greatest);
            return;
        }

        Int128 total = 0, ofSquares = 0;
        foreach (var value in bits)
        {
            total += value;
            ofSquares += (Int128)value * value;
        }

        AddDecimals(scale, bits.Length, total, ofSquares, least, greatest);
    }

    private void AddExact(byte scale, Int128 sum, Int128 squares)
    {
        var raised = Math.Max(scale, Scale);
        if (!TryRaise(raised - Scale, ExactSum, ExactSquares, out var ours) || !TryRaise(raised - scale, sum, squares, out var theirs))
        {
            OtherSum += Unscaled(sum, scale);
            OtherSquares += Unscaled(squares, 2 * scale);
            return;
        }

        Scale = raised;
        ExactSum = ours.Sum + theirs.Sum;
        ExactSquares = ours.Squares + theirs.Squares;
    }

    /// <summary>Sums in units of a smaller digit, if they have room there.</summary>
    private static bool TryRaise(int digits, Int128 sum, Int128 squares, out (Int128 Sum, Int128 Squares) raised)
    {
        if (digits == 0 || (sum == 0 && squares == 0))
        {
            raised = (sum, squares);
            return squares <= Room && sum <= Room && sum >= -Room;
        }

        Int128 factor = PointValue.PowerOfTen(digits);
        var fits = squares <= Room / (factor * factor) && Int128.Abs(sum) <= Room / factor;
        raised = fits ? (sum * factor, squares * factor * factor) : default;
        return fits;
    }

    /// <summary>With the least digits that say the same: the answer does not tell to which scale points were brought.</summary>
    private static (Int128 Sum, Int128 Squares, int Scale) Least(Int128 sum, Int128 squares, int scale)
    {
        while (scale > 0 && sum % 10 == 0 && squares % 100 == 0)
        {
            (sum, squares, scale) = (sum / 10, squares / 100, scale - 1);
        }

        return (sum, squares, scale);
    }

    private static double Unscaled(Int128 digits, int scale)
    {
        if (digits >= long.MinValue && digits <= long.MaxValue)
        {
            return Unscaled((long)digits, scale);
        }

        while (scale > 0 && digits % 10 == 0)
        {
            (digits, scale) = (digits / 10, scale - 1);
        }

        return (double)digits / PointValue.DoublePowerOfTen(scale);
    }

    /// <summary>The same for what fits, which nearly all do: 128 bits are divided in software.</summary>
    private static double Unscaled(long digits, int scale)
    {
        while (scale > 0 && digits % 10 == 0)
        {
            (digits, scale) = (digits / 10, scale - 1);
        }

        return digits / PointValue.DoublePowerOfTen(scale);
    }
}
