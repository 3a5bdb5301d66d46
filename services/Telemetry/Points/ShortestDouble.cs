using System.Buffers.Text;

namespace Twin.Telemetry.Points;

/// <summary>
/// The shortest decimal that reads back as a double, and of those the closest one: the same text as the platform's, in a
/// fraction of the time for numbers of everyday size. Means of readings nearly always need all 17 digits, which is the worst
/// case of the platform's algorithm, and long answers have tens of thousands of them.
/// </summary>
/// <remarks>
/// A double is m·2^e. With 10^p it becomes a number of 17 digits before the point, in 128 bits and without error; a decimal
/// reads back as the double when it lies closer than half a step of the double, which is 10^p/2 in the same units (Steele
/// and White 1990, with the fixed size that everyday exponents allow).
/// </remarks>
internal static class ShortestDouble
{
    private const double Least = 0.01;
    private const double Most = 1e15;
    private const ulong SeventeenDigits = 100_000_000_000_000_000;

    // Half a step of a double of 53 bits is at most 11.1 units of the 17th digit.
    private const ulong MostDistance = 12;

    /// <summary>Writes a finite number as JSON has it.</summary>
    /// <returns>The number of bytes written, at most 32.</returns>
    public static int Write(double value, Span<byte> to)
    {
        var size = Math.Abs(value);
        if (size is >= Least and < Most && size != Math.Floor(size) && TryFind(size, out var digits, out var scale))
        {
            to[0] = (byte)'-';
            var at = value < 0 ? 1 : 0;
            return at + Place(digits, scale, to[at..]);
        }

        Utf8Formatter.TryFormat(value, to, out var written);
        return written;
    }

    /// <summary>Finds the digits, and how many of them stand behind the point; not where two texts are equally close.</summary>
    private static bool TryFind(double value, out ulong digits, out int scale)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var mantissa = (bits & ((1UL << 52) - 1)) | (1UL << 52);
        var shift = 1075 - (int)(bits >> 52);
        (digits, scale) = (0, 0);
        if (mantissa == 1UL << 52)
        {
            // A power of two is closer to the double below it than to the one above.
            return false;
        }

        scale = 16 - (int)Math.Floor(Math.Log10(value));
        var power = (ulong)PointValue.PowerOfTen(scale);
        var high = Math.BigMul(mantissa, power, out var low);
        var whole = (high << (64 - shift)) | (low >> shift);
        var rest = low & ((1UL << shift) - 1);
        if (whole is < SeventeenDigits / 10 or >= SeventeenDigits || rest == 1UL << (shift - 1))
        {
            return false;
        }

        var half = power / 2;
        digits = whole + (rest >> (shift - 1));
        var removed = 0;
        for (ulong unit = 10; unit < SeventeenDigits; unit *= 10)
        {
            var below = whole % unit;
            var above = unit - below;
            var down = below <= MostDistance ? (below << shift) + rest : ulong.MaxValue;
            var up = above <= MostDistance ? (above << shift) - rest : ulong.MaxValue;
            var distance = Math.Min(down, up);
            if (distance == half || (distance < half && down == up))
            {
                return false;
            }

            if (distance > half)
            {
                break;
            }

            digits = down < up ? whole - below : whole + above;
            removed++;
        }

        for (; removed > 0; removed--)
        {
            digits /= 10;
            scale--;
        }

        return true;
    }

    private static int Place(ulong digits, int scale, Span<byte> to)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(digits, text, out var length);
        var whole = length - scale;
        if (whole > 0)
        {
            text[..whole].CopyTo(to);
            to[whole] = (byte)'.';
            text[whole..length].CopyTo(to[(whole + 1)..]);
            return length + 1;
        }

        to[0] = (byte)'0';
        to[1] = (byte)'.';
        to.Slice(2, -whole).Fill((byte)'0');
        text[..length].CopyTo(to[(2 - whole)..]);
        return length + 2 - whole;
    }
}
