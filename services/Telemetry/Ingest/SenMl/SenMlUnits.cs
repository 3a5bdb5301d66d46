using System.Collections.Frozen;

namespace Twin.Telemetry.Ingest.SenMl;

/// <summary>
/// The units of the SenML registries (RFC 8428 12.1, RFC 8798) as codes of UN/CEFACT Recommendation 20, and what an attribute is
/// called that has no other name than its unit.
/// </summary>
internal static class SenMlUnits
{
    /// <summary>What is measured in a unit of which a name says no more.</summary>
    public const string Unnamed = "value";

    /// <summary>By quantity: the symbol in SenML and the code.</summary>
    private static readonly (string Quantity, string Units)[] Table =
    [
        ("length", "m=MTR mm=MMT cm=CMT km=KMT"),
        ("mass", "kg=KGM g=GRM"),
        ("duration", "s=SEC ms=C26 min=MIN h=HUR"),
        ("current", "A=AMP mA=4K"),
        ("temperature", "K=KEL Cel=CEL"),
        ("luminousIntensity", "cd=CDL"),
        ("amountOfSubstance", "mol=C34"),
        ("frequency", "Hz=HTZ MHz=MHZ"),
        ("angle", "rad=C81 deg=DD"),
        ("solidAngle", "sr=D27"),
        ("force", "N=NEW"),
        ("pressure", "Pa=PAL hPa=A97"),
        ("energy", "J=JOU Wh=WHR kWh=KWH"),
        ("power", "W=WTT kW=KWT"),
        ("charge", "C=COU Ah=AMH"),
        ("voltage", "V=VLT mV=2Z"),
        ("capacitance", "F=FAR"),
        ("resistance", "Ohm=OHM"),
        ("conductance", "S=SIE"),
        ("magneticFlux", "Wb=WEB"),
        ("magneticFluxDensity", "T=D33"),
        ("inductance", "H=81"),
        ("luminousFlux", "lm=LUM"),
        ("illuminance", "lx=LUX"),
        ("radioactivity", "Bq=BQL"),
        ("absorbedDose", "Gy=A95"),
        ("doseEquivalent", "Sv=D13"),
        ("catalyticActivity", "kat=KAT"),
        ("area", "m2=MTK"),
        ("volume", "m3=MTQ l=LTR"),
        ("speed", "m/s=MTS km/h=KMH m/h=M60"),
        ("precipitationRate", "mm/h=H67"),
        ("acceleration", "m/s2=MSK"),
        ("flow", "m3/s=MQS l/s=G51"),
        ("irradiance", "W/m2=D54"),
        ("luminance", "cd/m2=A24"),
        ("dataSize", "bit=A99 B=AD"),
        ("dataRate", "bit/s=B10 Mbit/s=E20 B/s=P93 MB/s=P95"),
        ("latitude", "lat=DD"),
        ("longitude", "lon=DD"),
        ("pH", "pH=Q30"),
        ("soundLevel", "dB=2N Bspl=M72"),
        ("signalStrength", "dBm=DBM"),
        ("count", "count=C62"),
        ("ratio", "/=C62 %=P1 /100=P1 /1000=NX ppm=59"),
        ("relativeHumidity", "%RH=P1"),
        ("batteryLevel", "%EL=P1"),
        ("batteryLifetime", "EL=SEC"),
        ("heartRate", "beat/min=BPM"),
        ("conductivity", "S/m=D10"),
        ("apparentPower", "VA=D46 kVA=KVA"),
        ("reactivePower", "var=D44 kvar=KVR"),
        ("reactiveEnergy", "kvarh=K3"),
        ("density", "kg/m3=KMQ ug/m3=GQ"),
    ];

    private static readonly FrozenDictionary<string, (string Quantity, string Code)> Units = Table
        .SelectMany(static one => one.Units.Split(' ').Select(unit => (one.Quantity, Symbol: unit[..unit.LastIndexOf('=')], Code: unit[(unit.LastIndexOf('=') + 1)..])))
        .ToFrozenDictionary(static one => one.Symbol, static one => (one.Quantity, one.Code), StringComparer.Ordinal);

    /// <summary>The code of a unit; one that the Recommendation does not have keeps its symbol.</summary>
    public static string CodeOf(string symbol) => Units.TryGetValue(symbol, out var unit) ? unit.Code : symbol;

    /// <summary>The code of a unit times a second, in which a sum over time is (RFC 8428 4.2).</summary>
    public static string CodeOfSum(string symbol) => symbol switch
    {
        "W" => "JOU",
        "kW" => "KJO",
        "A" => "COU",
        "m/s" => "MTR",
        "m3/s" => "MTQ",
        "l/s" => "LTR",
        "bit/s" => "A99",
        "B/s" => "AD",
        _ => symbol + ".s",
    };

    /// <summary>The attribute of a name that has none: what its unit measures.</summary>
    public static string AttributeOf(string symbol) => Units.TryGetValue(symbol, out var unit) ? unit.Quantity : Unnamed;
}
