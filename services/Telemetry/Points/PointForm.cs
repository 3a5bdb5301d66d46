namespace Twin.Telemetry.Points;

/// <summary>
/// What the 64 bits of a point's value mean, in one byte. 0 to 18 is a decimal number: the bits are its digits as an
/// integer, the form is how many of them stand behind the point. The other forms are named here.
/// </summary>
internal static class PointForm
{
    /// <summary>The most digits behind the point of an exact decimal.</summary>
    public const byte MaxScale = 18;

    /// <summary>A number that is no short decimal: the bits are an IEEE 754 double.</summary>
    public const byte Double = 32;

    /// <summary>The bits are 0 or 1.</summary>
    public const byte Boolean = 33;

    /// <summary>Text, in <see cref="PointExtra.Text"/>.</summary>
    public const byte String = 34;

    /// <summary>A JSON value, as UTF-8 in <see cref="PointExtra.Text"/>.</summary>
    public const byte Json = 35;

    /// <summary>A GeoJSON geometry, as UTF-8 in <see cref="PointExtra.Text"/>.</summary>
    public const byte Geo = 36;

    /// <summary>The attribute was deleted at this time (GS CIM 009 4.5.0, NGSI-LD Null).</summary>
    public const byte Null = 37;

    /// <summary>The point is taken back: it hides the stored one of its time until both are gone. Never returned by reads.</summary>
    public const byte Erased = 38;

    /// <summary>Whether the value is an exact decimal, and the form its scale.</summary>
    public static bool IsDecimal(byte form) => form <= MaxScale;

    /// <summary>Whether the value counts in sums: numbers, and booleans as 0 and 1 (GS CIM 009 4.5.19.1).</summary>
    public static bool IsNumeric(byte form) => form <= Boolean;

    /// <summary>Whether the value is in <see cref="PointExtra.Text"/>.</summary>
    public static bool IsText(byte form) => form is String or Json or Geo;

    /// <summary>Whether this build knows the form.</summary>
    public static bool IsKnown(byte form) => form is <= MaxScale or (>= Double and <= Erased);
}
