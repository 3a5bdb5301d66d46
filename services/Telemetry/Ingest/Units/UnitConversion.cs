using System.Numerics;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Ingest.Units;

/// <summary>
/// Makes a number of one unit one of another. A decimal stays a decimal: 20.1 hPa are 2010 Pa and not 2010.0000000000002.
/// Where the result has no end (68.1 °F are 20.0555… °C) it is rounded to three digits behind what a step of the reading's
/// last digit becomes, half away from zero.
/// </summary>
internal sealed class UnitConversion
{
    private const int GuardDigits = 3;
    private const long MostDigits = 999_999_999_999_999_999;

    // y = (x p + q) / r
    private readonly Int128 p;
    private readonly Int128 q;
    private readonly Int128 r;
    private readonly double factor;
    private readonly double offset;

    /// <summary>Digits behind the point that the result has more than the reading.</summary>
    private readonly int moreDigits;

    /// <summary>Whether the line fits into the exact arithmetic.</summary>
    private readonly bool isExact;

    /// <param name="factor">What one is.</param>
    /// <param name="offset">What zero is.</param>
    public UnitConversion(Rational factor, Rational offset)
    {
        (this.factor, this.offset) = (ToDouble(factor), ToDouble(offset));
        var under = factor.Under * offset.Under / BigInteger.GreatestCommonDivisor(factor.Under, offset.Under);
        var (over, add) = (factor.Over * (under / factor.Under), offset.Over * (under / offset.Under));
        moreDigits = DigitsOf(under) ?? Math.Max(0, (int)Math.Ceiling(-Math.Log10(this.factor))) + GuardDigits;
        var most = BigInteger.Pow(10, 30);
        isExact = over < most && BigInteger.Abs(add) < most && under < most;
        if (isExact)
        {
            (p, q, r) = ((Int128)over, (Int128)add, (Int128)under);
        }
    }

    /// <summary>Converts a number.</summary>
    /// <param name="form">Of the number: a decimal or a double (<see cref="PointForm"/>).</param>
    /// <param name="bits">The number.</param>
    /// <returns>False when the result is beyond the numbers that are kept; nothing has changed then.</returns>
    public bool TryApply(ref byte form, ref long bits)
    {
        if (isExact && PointForm.IsDecimal(form) && TryApplyExactly(ref form, ref bits))
        {
            return true;
        }

        var converted = (PointValue.ToDouble(form, bits) * factor) + offset;
        if (!double.IsFinite(converted))
        {
            return false;
        }

        (form, bits) = (PointForm.Double, BitConverter.DoubleToInt64Bits(converted));
        return true;
    }

    private bool TryApplyExactly(ref byte form, ref long bits)
    {
        var scale = Math.Min(form + moreDigits, PointForm.MaxScale);
        var shift = PointValue.DoublePowerOfTen(scale - form);
        // All below stays within the 127 bits of an Int128.
        if ((Math.Abs((double)bits) * (double)p * shift) + (Math.Abs((double)q) * PointValue.DoublePowerOfTen(scale)) > 1e37)
        {
            return false;
        }

        var over = ((bits * p) + (q * PointValue.PowerOfTen(form))) * PointValue.PowerOfTen(scale - form);
        var (whole, rest) = Int128.DivRem(over, r);
        if (Int128.Abs(rest) * 2 >= r)
        {
            whole += Int128.Sign(over);
        }

        if (Int128.Abs(whole) > MostDigits)
        {
            return false;
        }

        bits = (long)whole;
        while (scale > 0 && bits % 10 == 0)
        {
            (scale, bits) = (scale - 1, bits / 10);
        }

        form = (byte)scale;
        return true;
    }

    /// <summary>The digits behind the point that every integer over this one needs at most; null when some have no end.</summary>
    private static int? DigitsOf(BigInteger under)
    {
        var (twos, fives) = (0, 0);
        for (; under % 2 == 0; under /= 2)
        {
            twos++;
        }

        for (; under % 5 == 0; under /= 5)
        {
            fives++;
        }

        return under.IsOne ? Math.Max(twos, fives) : null;
    }

    private static double ToDouble(Rational number) => (double)number.Over / (double)number.Under;
}
