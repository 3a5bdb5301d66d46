using Twin.ScenarioEngine.Solar;

namespace Twin.ScenarioEngine.Weather;

/// <summary>
/// A year of 8,760 hours. Entry <c>h</c> holds for the hour that begins <c>h</c> hours after the first of January, local
/// standard time: means over the hour, so that the sun stands for it at its middle.
/// </summary>
public sealed class WeatherYear
{
    /// <summary>Hours of a year that is no leap year; models know no other.</summary>
    public const int Hours = 8760;

    /// <summary>Takes the columns as they are; <see cref="EpwReader"/> checks a file's.</summary>
    /// <exception cref="ModelInputException">A column has not 8,760 values, or one of them is no number.</exception>
    public WeatherYear(WeatherSite site, double[] dryBulb, double[] directNormal, double[] diffuseHorizontal, double[] pressure, double[] windSpeed)
    {
        Site = site;
        DryBulb = Checked(dryBulb, "dry-bulb temperature");
        DirectNormal = Checked(directNormal, "direct normal irradiance");
        DiffuseHorizontal = Checked(diffuseHorizontal, "diffuse horizontal irradiance");
        Pressure = Checked(pressure, "station pressure");
        WindSpeed = Checked(windSpeed, "wind speed");
        Coldest = DryBulb.Min();
    }

    /// <summary>The place.</summary>
    public WeatherSite Site { get; }

    /// <summary>Air temperature, °C.</summary>
    public double[] DryBulb { get; }

    /// <summary>The least of the air temperatures, °C.</summary>
    public double Coldest { get; }

    /// <summary>Irradiance of the beam on a plane that faces the sun, W/m².</summary>
    public double[] DirectNormal { get; }

    /// <summary>Irradiance of the sky without the sun on a horizontal plane, W/m².</summary>
    public double[] DiffuseHorizontal { get; }

    /// <summary>Station pressure, Pa.</summary>
    public double[] Pressure { get; }

    /// <summary>Wind speed, m/s.</summary>
    public double[] WindSpeed { get; }

    /// <summary>The sun at the middle of an hour.</summary>
    public SunPosition SunAt(int hour) =>
        SunPosition.At(SunPosition.ReferenceYearStart + (hour + 0.5 - Site.ZoneHours) / 24, Site.Latitude, Site.Longitude);

    private double[] Checked(double[] column, string name)
    {
        if (column.Length != Hours)
        {
            throw new ModelInputException(Site.Name, $"the {name} has {column.Length} hours, not {Hours}.");
        }

        var bad = Array.FindIndex(column, static value => !double.IsFinite(value));
        return bad < 0 ? column : throw new ModelInputException(Site.Name, $"the {name} of hour {bad} is no number.");
    }
}
