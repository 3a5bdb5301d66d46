using System.Text.Json;

namespace Twin.Node.Districts;

/// <summary>How the readings of an attribute go through the day and the year.</summary>
internal enum SensorCourse : byte
{
    /// <summary>Around its usual value, higher by day.</summary>
    Usual,

    /// <summary>Indoors: little by day and season.</summary>
    Indoor,

    /// <summary>The air outside: cold in winter and at night.</summary>
    Outdoor,

    /// <summary>With the height of the sun.</summary>
    Sun,

    /// <summary>None most of the time, then a shower.</summary>
    Rain,

    /// <summary>A direction in degrees, which wanders.</summary>
    Direction,

    /// <summary>A share from 0 to 1, which wanders.</summary>
    Share,

    /// <summary>A meter that only counts up.</summary>
    Counter,
}

/// <summary>A measured attribute of a generated entity.</summary>
/// <param name="Entity">The entity's id.</param>
/// <param name="Attribute">The attribute's name in <see cref="DistrictGenerator.ContextUrl"/>.</param>
/// <param name="Usual">The value that the district has.</param>
/// <param name="Unit">Its UN/CEFACT code.</param>
/// <param name="Decimals">Digits behind the point.</param>
/// <param name="Course">How its readings go.</param>
internal sealed record Sensor(string Entity, string Attribute, double Usual, string Unit, int Decimals, SensorCourse Course)
{
    /// <summary>The measured attributes of a district in the order of its entities: numbers with a time.</summary>
    public static IEnumerable<Sensor> Of(DistrictPlan plan, ulong seed) => DistrictGenerator.Generate(plan, seed).SelectMany(static entity => In(entity));

    private static List<Sensor> In(DistrictEntity entity)
    {
        using var json = JsonDocument.Parse(entity.Json);
        var sensors = new List<Sensor>();
        foreach (var attribute in json.RootElement.EnumerateObject())
        {
            if (attribute.Value.ValueKind == JsonValueKind.Object && attribute.Value.TryGetProperty("observedAt", out _)
                && attribute.Value.TryGetProperty("value", out var value) && value.TryGetDecimal(out var number))
            {
                var unit = attribute.Value.TryGetProperty("unitCode", out var code) ? code.GetString()! : "";
                sensors.Add(new Sensor(entity.Id, attribute.Name, (double)number, unit, number.Scale, CourseOf(entity.Type, attribute.Name, unit)));
            }
        }

        return sensors;
    }

    private static SensorCourse CourseOf(string type, string attribute, string unit) => (type, attribute, unit) switch
    {
        ("WeatherObserved", "temperature", _) => SensorCourse.Outdoor,
        (_, "solarRadiation", _) or ("PhotovoltaicDevice", _, "KWT") => SensorCourse.Sun,
        (_, "precipitation", _) => SensorCourse.Rain,
        (_, _, "DD") => SensorCourse.Direction,
        (_, "totalActiveEnergyImport" or "waterConsumption", _) => SensorCourse.Counter,
        (_, "battery" or "batteryLevel" or "relativeHumidity", _) => SensorCourse.Share,
        (_, _, "CEL" or "P1" or "A97") => SensorCourse.Indoor,
        _ => SensorCourse.Usual,
    };
}
