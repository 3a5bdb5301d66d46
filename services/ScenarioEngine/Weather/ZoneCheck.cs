using System.Globalization;

namespace Twin.ScenarioEngine.Weather;

/// <summary>
/// Whether the radiation of a year agrees with the zone that its file claims: what came from the sky over a year is
/// centred on solar noon, give or take the cloudiness of afternoons. Hours in UTC, in summer time or of another place
/// shift it by whole hours.
/// </summary>
internal static class ZoneCheck
{
    /// <summary>Half an hour lies between "as recorded" and "a zone off"; cloudy afternoons move it by less than this.</summary>
    private const double MostHours = 0.6;

    /// <summary>Refuses a year whose global radiation is not centred on solar noon.</summary>
    /// <param name="year">The year, with its site and zone.</param>
    /// <param name="global">Global horizontal irradiance, W/m².</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="ModelInputException">It is off by more than 0.6 h, or the whole year is dark.</exception>
    public static void Verify(WeatherYear year, double[] global, string name)
    {
        double sum = 0, moment = 0;
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            if (global[hour] > 0)
            {
                sum += global[hour];
                moment += global[hour] * year.SunAt(hour).HourAngle / 15;
            }
        }

        if (sum == 0)
        {
            throw new ModelInputException(name, "there is no global horizontal irradiance in the whole year.");
        }

        var centre = moment / sum;
        if (Math.Abs(centre) > MostHours)
        {
            throw new ModelInputException(name, string.Create(CultureInfo.InvariantCulture, $"its radiation is centred {centre:+0.0;-0.0} h from solar noon: the hours are not in the zone {year.Site.ZoneHours:+0.##;-0.##;0} h of longitude {year.Site.Longitude}."));
        }
    }
}
