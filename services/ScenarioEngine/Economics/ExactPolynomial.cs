using System.Numerics;

namespace Twin.ScenarioEngine.Economics;

/// <summary>A positive fraction whose denominator is a power of two, or a bound of roots.</summary>
internal readonly record struct BigRational(BigInteger Numerator, int Shift)
{
    public BigInteger Denominator => BigInteger.One << Shift;

    public BigRational Middle(BigRational other)
    {
        var shift = Math.Max(Shift, other.Shift);
        return new BigRational((Numerator << (shift - Shift)) + (other.Numerator << (shift - other.Shift)), shift + 1);
    }
}

/// <summary>A polynomial with whole coefficients, that of the lowest power first; neither end is zero.</summary>
internal sealed class ExactPolynomial
{
    private readonly BigInteger[] _coefficients;

    public ExactPolynomial(ReadOnlySpan<BigInteger> coefficients)
    {
        var end = coefficients.Length;
        while (end > 0 && coefficients[end - 1].IsZero)
        {
            end--;
        }

        // Without its content, so that remainders grow slowly.
        var content = BigInteger.Zero;
        foreach (var coefficient in coefficients[..end])
        {
            content = BigInteger.GreatestCommonDivisor(content, coefficient);
        }

        _coefficients = new BigInteger[end];
        for (var i = 0; i < end; i++)
        {
            _coefficients[i] = coefficients[i] / content;
        }
    }

    public int Degree => _coefficients.Length - 1;

    public ReadOnlySpan<BigInteger> Coefficients => _coefficients;

    /// <summary>Descartes' rule: as many positive roots, or fewer by an even number.</summary>
    public int SignChanges
    {
        get
        {
            var (changes, last) = (0, 0);
            foreach (var coefficient in _coefficients)
            {
                changes += coefficient.Sign * last < 0 ? 1 : 0;
                last = coefficient.IsZero ? last : coefficient.Sign;
            }

            return changes;
        }
    }

    /// <summary>Above every root (Cauchy's bound).</summary>
    public BigRational GreatestRoot => new(2 + Largest(_coefficients) / BigInteger.Abs(_coefficients[^1]), 0);

    /// <summary>A power of two below every positive root: Cauchy's bound of the reciprocal's.</summary>
    public BigRational LeastRoot => new(BigInteger.One, (int)(2 + Largest(_coefficients) / BigInteger.Abs(_coefficients[0])).GetBitLength());

    /// <summary>The amounts, scaled until they are whole; what is zero at either end is no power of the discount factor.</summary>
    public static ExactPolynomial Of(IReadOnlyList<decimal> amounts)
    {
        var scale = BigInteger.Pow(10, 28);
        var whole = amounts.Select(amount =>
        {
            Span<int> bits = stackalloc int[4];
            decimal.GetBits(amount, bits);
            var magnitude = ((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0];
            return magnitude * (scale / BigInteger.Pow(10, (bits[3] >> 16) & 0xFF)) * (bits[3] < 0 ? -1 : 1);
        }).SkipWhile(static amount => amount.IsZero);
        return new ExactPolynomial([.. whole]);
    }

    /// <summary>The sign of the value at a point.</summary>
    public int SignAt(BigRational x)
    {
        var value = BigInteger.Zero;
        for (var i = Degree; i >= 0; i--)
        {
            value = value * x.Numerator + (_coefficients[i] << (x.Shift * (Degree - i)));
        }

        return value.Sign;
    }

    public ExactPolynomial Derivative()
    {
        var derivative = new BigInteger[Degree];
        for (var i = 1; i <= Degree; i++)
        {
            derivative[i - 1] = _coefficients[i] * i;
        }

        return new ExactPolynomial(derivative);
    }

    /// <summary>The only root, of an odd order, between two points, to 2⁻⁶⁰ of itself.</summary>
    public BigRational Refine(BigRational low, BigRational high)
    {
        var rising = SignAt(high);
        while (true)
        {
            var middle = low.Middle(high);
            var gap = (high.Numerator << (middle.Shift - high.Shift)) - (low.Numerator << (middle.Shift - low.Shift));
            if (gap << 60 < middle.Numerator)
            {
                return middle;
            }

            var sign = SignAt(middle);
            if (sign == 0)
            {
                return middle;
            }

            (low, high) = sign == rising ? (low, middle) : (middle, high);
        }
    }

    private static BigInteger Largest(BigInteger[] coefficients)
    {
        var largest = BigInteger.Zero;
        foreach (var coefficient in coefficients)
        {
            largest = BigInteger.Max(largest, BigInteger.Abs(coefficient));
        }

        return largest;
    }
}
