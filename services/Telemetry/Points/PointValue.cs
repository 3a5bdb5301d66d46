using System.Globalization;

namespace Twin.Telemetry.Points;

/// <summary>Arithmetic on the form and the bits of a value, which travel side by side in columns.</summary>
internal static class PointValue
{
    private static readonly long[] Powers = [.. Enumerable.Range(0, 19).Select(n => (long)Math.Pow(10, n))];
    private static readonly double[] DoublePowers = [.. Enumerable.Range(0, 37).Select(n => double.Parse("1e" + n.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))];

    /// <summary>10 to the <paramref name="exponent"/>, 0 to 18.</summary>
    public static long PowerOfTen(int exponent) => Powers[exponent];

    /// <summary>10 to the <paramref name="exponent"/>, 0 to 36.</summary>
    public static double DoublePowerOfTen(int exponent) => DoublePowers[exponent];

    /// <summary>The value as a double: the nearest one, as a parser of the same text would give it (up to 15 digits).</summary>
    public static double ToDouble(byte form, long bits) => form switch
    {
        0 or PointForm.Boolean => bits,
        <= PointForm.MaxScale => bits / DoublePowers[form],
        PointForm.Double => BitConverter.Int64BitsToDouble(bits),
        _ => double.NaN,
    };

    /// <summary>The digits at another scale.</summary>
    /// <returns>False when they do not fit, or digits would be lost.</returns>
    public static bool TryRescale(long digits, int from, int to, out long rescaled)
    {
        rescaled = digits;
        if (from == to)
        {
            return true;
        }

        if (to > from)
        {
            var factor = Powers[to - from];
            if (digits > long.MaxValue / factor || digits < -(long.MaxValue / factor))
            {
                return false;
            }

            rescaled = digits * factor;
            return true;
        }

        var divisor = Powers[from - to];
        rescaled = digits / divisor;
        return rescaled * divisor == digits;
    }

    /// <summary>
    /// Whether a point that comes is the one that is there. A sensor was found stuck by what came before the point, so the
    /// same point without that finding takes nothing back.
    /// </summary>
    public static bool Doubles(byte form, long bits, PointExtra? extra, byte thereForm, long thereBits, PointExtra? thereExtra) =>
        Same(form, bits, extra, thereForm, thereBits, thereExtra)
        || (thereExtra is { Quality: PointQuality.Stuck } stuck && extra is null or { Quality: PointQuality.Good }
            && Same(form, bits, extra ?? new PointExtra(default, null, PointQuality.Good, null), thereForm, thereBits, stuck with { Quality = PointQuality.Good }));

    /// <summary>Whether two values are the same: 21.4 and 21.40 are, 1 and true are not.</summary>
    public static bool Same(byte formA, long bitsA, PointExtra? extraA, byte formB, long bitsB, PointExtra? extraB)
    {
        if (!Equals(extraA, extraB))
        {
            return false;
        }

        if (formA == formB)
        {
            return bitsA == bitsB || PointForm.IsText(formA);
        }

        return PointForm.IsDecimal(formA) && PointForm.IsDecimal(formB)
            && (formA < formB
                ? TryRescale(bitsA, formA, formB, out var raised) && raised == bitsB
                : TryRescale(bitsB, formB, formA, out raised) && raised == bitsA);
    }
}
