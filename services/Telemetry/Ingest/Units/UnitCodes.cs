using System.Globalization;
using System.Numerics;

namespace Twin.Telemetry.Ingest.Units;

/// <summary>
/// The unit codes of UN/CEFACT Recommendation 20 that sensors of a city use, each as a line over the coherent SI unit of its
/// quantity. Where the Recommendation prints a factor rounded, the definition it is rounded from stands here (a kilometre an
/// hour is 1/3.6 m/s, not 0.277 778); the factors that are themselves measured or conventional stand as it prints them.
/// </summary>
internal static class UnitCodes
{
    private const string Pi = "3.14159265358979323846";

    /// <summary>By quantity: code, factor and, behind a plus, offset.</summary>
    private static readonly (string Quantity, string Units)[] Table =
    [
        ("temperature", "KEL=1 CEL=1+273.15 FAH=5/9+459.67*5/9 A48=5/9"),
        ("power", "WTT=1 D80=1e-6 C31=1e-3 KWT=1e3 MAW=1e6 A90=1e9 D31=1e12 BHP=745.7 HJ=735.49875"),
        ("apparent power", "D46=1 KVA=1e3 MVA=1e6"),
        ("reactive power", "D44=1 KVR=1e3 K5=1e3 MAR=1e6"),
        ("energy", "JOU=1 KJO=1e3 3B=1e6 GV=1e9 D30=1e12 WHR=3600 KWH=3.6e6 MWH=3.6e9 GWH=3.6e12 D32=3.6e15 D70=4.1868 E14=4186.8 BTU=1055.056"),
        ("pressure", "PAL=1 A97=100 KPA=1e3 MPA=1e6 BAR=1e5 MBR=100 ATM=101325 HN=133.3224 UA=133.3224 F79=3386.39 PS=6894.757 HP=9.80665"),
        ("length", "MTR=1 C45=1e-9 4H=1e-6 MMT=1e-3 CMT=1e-2 DMT=0.1 HMT=100 KMT=1e3 INH=0.0254 FOT=0.3048 YRD=0.9144 SMI=1609.344 NMI=1852"),
        ("speed", "MTS=1 C16=1e-3 2M=1e-2 KMH=1/3.6 KNT=1852/3600 HM=0.44704 FS=0.3048 H81=1/60e3 H67=1/3600e3 H49=1/3600e2 M60=1/3600"),
        ("acceleration", "MSK=1 K40=9.80665 A76=1e-2 C11=1e-5"),
        ("area", "MTK=1 MMK=1e-6 CMK=1e-4 KMK=1e6 ARE=100 HAR=1e4 FTK=0.09290304 ACR=4046.873"),
        ("volume", "MTQ=1 4G=1e-9 MLT=1e-6 CMQ=1e-6 LTR=1e-3 DMQ=1e-3 HLT=0.1 K6=1 MAL=1e3 FTQ=0.028316846592 GLL=0.003785411784 GLI=0.00454609"),
        ("volume flow", "MQS=1 G53=1/60 MQH=1/3600 G52=1/86400 G51=1e-3 L2=1/60e3 E32=1/3600e3 LD=1/86400e3 4X=1/3600 2L=0.028316846592/60 2K=0.028316846592/3600"),
        ("mass", "KGM=1 MC=1e-9 MGM=1e-6 GRM=1e-3 DTN=100 TNE=1e3 KTN=1e6 LBR=0.45359237 ONZ=0.028349523125"),
        ("mass flow", "KGS=1 E93=1/3600 F27=1/3600e3 E18=1/3.6 4M=1/3600e6"),
        ("density", "KMQ=1 GQ=1e-9 GP=1e-6 A93=1e-3 H29=1e-6 M1=1e-3 GL=1 23=1e3"),
        ("mass per area", "28=1 GM=1e-3"),
        ("ratio", "C62=1 P1=1e-2 NX=1e-3 E40=1e-5 59=1e-6 61=1e-9"),
        ("time", "SEC=1 C47=1e-9 B98=1e-6 C26=1e-3 MIN=60 HUR=3600 DAY=86400 WEE=604800 MON=2629800 ANN=31557600"),
        ("frequency", "HTZ=1 MTZ=1e-3 KHZ=1e3 MHZ=1e6 A86=1e9"),
        ("rotational frequency", "RPS=1 RPM=1/60"),
        ("electric current", "AMP=1 B84=1e-6 4K=1e-3 B22=1e3"),
        ("voltage", "VLT=1 D82=1e-6 2Z=1e-3 KVT=1e3 B78=1e6"),
        ("resistance", "OHM=1 E45=1e-3 B49=1e3 B75=1e6"),
        ("conductance", "SIE=1 B99=1e-6 C27=1e-3"),
        ("conductivity", "D10=1 H61=0.1 G42=1e-4 G43=1e-6 H43=100"),
        ("electric charge", "COU=1 E09=3.6 AMH=3600 TAH=3.6e6"),
        ("illuminance", "LUX=1 B60=1 KLX=1e3"),
        ("angle", $"C81=1 C25=1e-3 DD={Pi}/180 D61={Pi}/10800 D62={Pi}/648000 A91={Pi}/200"),
        ("irradiance", "D54=1"),
        ("radioactivity", "BQL=1 2Q=1e3 4N=1e6"),
        ("dose equivalent", "D13=1 C28=1e-3"),
        ("dose equivalent rate", "P65=1 P70=1/3600 P71=1/3600e3 P72=1/3600e6 P73=1/3600e9"),
        ("force", "NEW=1 B47=1e3"),
        ("information", "AD=1 2P=1e3 4L=1e6 E34=1e9"),
        ("bit rate", "B10=1 C74=1e3 E20=1e6 B80=1e9 P93=8 P94=8e3 P95=8e6"),
    ];

    private static readonly Dictionary<string, (string Quantity, Rational Factor, Rational Offset)> Units = Read();

    /// <summary>Whether a code is one of these.</summary>
    public static bool IsKnown(string code) => Units.ContainsKey(code);

    /// <summary>How a number of one unit becomes one of another.</summary>
    /// <param name="from">The code that the number has.</param>
    /// <param name="to">The code that it is to have.</param>
    /// <returns>Null when a code is unknown, or the two measure different quantities.</returns>
    public static UnitConversion? Between(string from, string to)
    {
        if (!Units.TryGetValue(from, out var source) || !Units.TryGetValue(to, out var target) || source.Quantity != target.Quantity)
        {
            return null;
        }

        // x of the one is (x f + o - O) / F of the other.
        return new UnitConversion(source.Factor / target.Factor, (source.Offset - target.Offset) / target.Factor);
    }

    private static Dictionary<string, (string Quantity, Rational Factor, Rational Offset)> Read()
    {
        var units = new Dictionary<string, (string, Rational, Rational)>(StringComparer.Ordinal);
        foreach (var (quantity, all) in Table)
        {
            foreach (var one in all.Split(' '))
            {
                var (code, line) = (one[..one.IndexOf('=')], one[(one.IndexOf('=') + 1)..]);
                var parts = line.Split('+');
                units.Add(code, (quantity, Rational.Parse(parts[0]), parts.Length > 1 ? Rational.Parse(parts[1]) : Rational.Parse("0")));
            }
        }

        return units;
    }
}

/// <summary>A fraction in its lowest terms.</summary>
/// <param name="Over">Above the line.</param>
/// <param name="Under">Below it; positive.</param>
internal readonly record struct Rational(BigInteger Over, BigInteger Under)
{
    public static Rational operator *(Rational left, Rational right) => Reduced(left.Over * right.Over, left.Under * right.Under);

    public static Rational operator /(Rational left, Rational right) => Reduced(left.Over * right.Under, left.Under * right.Over);

    public static Rational operator -(Rational left, Rational right) => Reduced((left.Over * right.Under) - (right.Over * left.Under), left.Under * right.Under);

    /// <summary>Reads decimals with products and quotients between them, from left to right: <c>459.67*5/9</c>.</summary>
    public static Rational Parse(string text)
    {
        var end = text.LastIndexOfAny(['*', '/']);
        if (end >= 0)
        {
            return text[end] == '*' ? Parse(text[..end]) * Parse(text[(end + 1)..]) : Parse(text[..end]) / Parse(text[(end + 1)..]);
        }

        var e = text.IndexOf('e');
        var exponent = e >= 0 ? int.Parse(text[(e + 1)..], CultureInfo.InvariantCulture) : 0;
        var digits = e >= 0 ? text[..e] : text;
        if (digits.IndexOf('.') is var point and >= 0)
        {
            exponent -= digits.Length - point - 1;
            digits = digits.Remove(point, 1);
        }

        var whole = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        return exponent >= 0 ? Reduced(whole * BigInteger.Pow(10, exponent), 1) : Reduced(whole, BigInteger.Pow(10, -exponent));
    }

    private static Rational Reduced(BigInteger over, BigInteger under)
    {
        var common = BigInteger.GreatestCommonDivisor(over, under) * under.Sign;
        return new Rational(over / common, under / common);
    }
}
