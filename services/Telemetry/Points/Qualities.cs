using System.Text;

namespace Twin.Telemetry.Points;

/// <summary>The names of <see cref="PointQuality"/> on the wire.</summary>
internal static class Qualities
{
    private static readonly string[] All = ["good", "uncertain", "bad", "outOfRange", "stuck", "clockSkew", "estimated", "unitMismatch"];
    private static readonly byte[][] Utf8 = [.. All.Select(Encoding.ASCII.GetBytes)];

    /// <summary>All of them, for messages.</summary>
    public static string Names => string.Join(", ", All);

    /// <summary>The name of a quality.</summary>
    public static string Name(PointQuality quality) => All[(int)quality];

    /// <summary>The quality of a name; an empty one is good.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out PointQuality quality)
    {
        quality = PointQuality.Good;
        if (name.IsEmpty)
        {
            return true;
        }

        for (var i = 0; i < Utf8.Length; i++)
        {
            if (name.SequenceEqual(Utf8[i]))
            {
                quality = (PointQuality)i;
                return true;
            }
        }

        return false;
    }
}
