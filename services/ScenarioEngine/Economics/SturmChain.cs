using System.Numerics;

namespace Twin.ScenarioEngine.Economics;

/// <summary>Sturm's chain of a polynomial without multiple roots: how many different roots lie between two points, exactly.</summary>
internal sealed class SturmChain
{
    private readonly List<ExactPolynomial> _chain;

    private SturmChain(List<ExactPolynomial> chain) => _chain = chain;

    /// <summary>The chain of a polynomial; roots of a higher order are made simple first, by division by what it shares with its derivative.</summary>
    public static SturmChain Of(ExactPolynomial polynomial)
    {
        var chain = Chain(polynomial);
        return new SturmChain(chain[^1].Degree == 0 ? chain : Chain(Quotient(polynomial, chain[^1])));
    }

    /// <summary>Each positive root once.</summary>
    public IEnumerable<BigRational> PositiveRoots()
    {
        var polynomial = _chain[0];
        var pending = new Stack<(BigRational Low, BigRational High, int AtLow, int AtHigh)>();
        var (least, greatest) = (polynomial.LeastRoot, polynomial.GreatestRoot);
        pending.Push((least, greatest, Changes(least), Changes(greatest)));
        while (pending.TryPop(out var part))
        {
            var roots = part.AtLow - part.AtHigh;
            if (roots == 1)
            {
                // The count is of roots over the lower point up to and with the upper one.
                yield return polynomial.SignAt(part.High) == 0 ? part.High : polynomial.Refine(part.Low, part.High);
            }
            else if (roots > 1)
            {
                var middle = part.Low.Middle(part.High);
                var at = Changes(middle);
                pending.Push((part.Low, middle, part.AtLow, at));
                pending.Push((middle, part.High, at, part.AtHigh));
            }
        }
    }

    private int Changes(BigRational x)
    {
        var (changes, last) = (0, 0);
        foreach (var polynomial in _chain)
        {
            var sign = polynomial.SignAt(x);
            changes += sign * last < 0 ? 1 : 0;
            last = sign == 0 ? last : sign;
        }

        return changes;
    }

    private static List<ExactPolynomial> Chain(ExactPolynomial polynomial)
    {
        List<ExactPolynomial> chain = [polynomial, polynomial.Derivative()];
        while (chain[^1].Degree > 0 && NegatedRemainder(chain[^2], chain[^1]) is { Degree: >= 0 } next)
        {
            chain.Add(next);
        }

        return chain;
    }

    /// <summary>Minus the remainder, times something positive.</summary>
    private static ExactPolynomial NegatedRemainder(ExactPolynomial dividend, ExactPolynomial divisor)
    {
        var rest = dividend.Coefficients.ToArray();
        var by = divisor.Coefficients;
        var (lead, sign) = (BigInteger.Abs(by[^1]), by[^1].Sign);
        for (var top = rest.Length - 1; top >= by.Length - 1; top--)
        {
            var factor = rest[top] * sign;
            for (var i = 0; i <= top; i++)
            {
                rest[i] *= lead;
            }

            for (var i = 0; i < by.Length; i++)
            {
                rest[top - by.Length + 1 + i] -= factor * by[i];
            }
        }

        for (var i = 0; i < rest.Length; i++)
        {
            rest[i] = -rest[i];
        }

        return new ExactPolynomial(rest);
    }

    /// <summary>A polynomial by one that divides it, times something positive.</summary>
    private static ExactPolynomial Quotient(ExactPolynomial dividend, ExactPolynomial divisor)
    {
        var rest = dividend.Coefficients.ToArray();
        var by = divisor.Coefficients;
        var quotient = new BigInteger[rest.Length - by.Length + 1];
        var lead = by[^1];
        for (var top = quotient.Length - 1; top >= 0; top--)
        {
            // By Gauss's lemma the quotient of primitive polynomials is whole.
            var factor = rest[top + by.Length - 1] / lead;
            quotient[top] = factor;
            for (var i = 0; i < by.Length; i++)
            {
                rest[top + i] -= factor * by[i];
            }
        }

        return new ExactPolynomial(quotient);
    }
}
