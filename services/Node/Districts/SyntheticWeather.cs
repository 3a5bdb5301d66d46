using System.Globalization;
using System.Text;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;

namespace Twin.Node.Districts;

/// <summary>
/// An invented weather year of the Upper Rhine as an EPW file: its months have the means of the test reference year of
/// region 12 (Deutscher Wetterdienst, TRY 2010, Mannheim, mean of 1988 to 2007), its days and hours are drawn. It says of
/// itself that it is synthetic; who has a recorded year uses that.
/// </summary>
public static class SyntheticWeather
{
    /// <summary>Local standard time minus UTC in both cities of the demo, hours.</summary>
    public const double ZoneHours = 1;

    private const double Degree = Math.PI / 180;

    /// <summary>Of each month: mean temperature (°C), deviation of daily means (K), daily range (K), global radiation (kWh/m²), humidity (%), wind (m/s).</summary>
    private static readonly (double Mean, double Deviation, double Range, double Global, double Humidity, double Wind)[] Months =
    [
        (2.4, 4.5, 5.5, 24.8, 80, 3.9), (3.6, 4.4, 7.3, 39.4, 75, 2.4), (7.1, 3.1, 11.3, 97.2, 65, 1.9), (10.6, 3.1, 9.7, 99.7, 70, 2.7),
        (15.6, 3.2, 10.3, 143.6, 73, 2.0), (18.1, 3.5, 11.1, 177.3, 66, 2.4), (20.1, 3.0, 10.9, 165.3, 64, 2.2), (20.2, 2.9, 10.2, 142.1, 68, 2.5),
        (15.7, 2.1, 8.5, 85.8, 80, 2.4), (11.0, 2.8, 9.1, 66.7, 76, 2.6), (5.7, 2.9, 6.0, 27.2, 84, 3.1), (3.1, 4.1, 5.4, 20.3, 81, 2.1),
    ];

    /// <summary>Writes the file.</summary>
    /// <param name="plan">Whose place it is made for.</param>
    /// <param name="seed">The same seed, the same bytes.</param>
    /// <param name="elevation">Metres above sea level.</param>
    /// <param name="warming">Added to every hour's temperature, K: 0 is the climate of 1988 to 2007.</param>
    public static string Of(DistrictPlan plan, ulong seed, double elevation, double warming)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var text = new StringBuilder(1_200_000);
        text.Append(CultureInfo.InvariantCulture, $"LOCATION,{plan.City} (synthetic{(warming == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" +{warming} K"))}),-,{plan.Country},synthetic,999999,{plan.Latitude:0.0000},{plan.Longitude:0.0000},{ZoneHours:0.0},{elevation:0.0}\n");
        text.Append("DESIGN CONDITIONS,0\nTYPICAL/EXTREME PERIODS,0\nGROUND TEMPERATURES,0\nHOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0\n");
        text.Append("COMMENTS 1,Synthetic: monthly means of TRY 2010 region 12 (Deutscher Wetterdienst); days and hours are drawn\nCOMMENTS 2\nDATA PERIODS,1,1,Data,Monday,1/1,12/31\n");
        var draws = new Draws(seed, $"{plan.Key}/weather");
        var clear = ClearSky(plan);
        double anomaly = 0, clearness = 0;
        var hour = 0;
        for (var month = 0; month < 12; month++)
        {
            var of = Months[month];
            var days = DateTime.DaysInMonth(2001, month + 1);
            var monthly = Enumerable.Range(hour, days * 24).Sum(h => clear[h].Global) / 1000;
            var usual = Math.Min(0.95, of.Global / monthly);
            for (var day = 0; day < days; day++)
            {
                // Days follow one another: an autoregressive anomaly for temperature, one for clearness.
                anomaly = (0.75 * anomaly) + (0.66 * of.Deviation * Normal(ref draws));
                clearness = (0.4 * clearness) + (0.92 * Normal(ref draws));
                var share = Math.Clamp(usual * (1 + (0.35 * clearness)), 0.08, 1);
                var range = of.Range * (0.5 + share / (2 * usual));
                var wind = of.Wind * draws.Between(0.6, 1.4);
                for (var of24 = 0; of24 < 24; of24++, hour++)
                {
                    var warm = of.Mean + warming + anomaly + (range / 2 * Math.Cos((of24 - 15) * 15 * Degree));
                    Append(text, (month + 1, day + 1, of24 + 1), warm, clear[hour], share, of.Humidity - (2.2 * (warm - of.Mean - warming - anomaly)), wind, elevation);
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Global radiation of a cloudless sky (Haurwitz 1945, J. Meteor. 2, 154), W/m², with the sun's sine of elevation, at the middle of each hour.</summary>
    private static (double Global, double Sine)[] ClearSky(DistrictPlan plan) => [.. Enumerable.Range(0, WeatherYear.Hours).Select(hour =>
    {
        var sun = SunPosition.At(SunPosition.ReferenceYearStart + ((hour + 0.5 - ZoneHours) / 24), plan.Latitude, plan.Longitude);
        var sine = Math.Sin(sun.Elevation * Degree);
        return sine <= 0.02 ? (0, 0) : (1098 * sine * Math.Exp(-0.057 / sine), sine);
    })];

    private static void Append(StringBuilder text, (int Month, int Day, int Hour) at, double temperature, (double Global, double Sine) clear, double share, double humidity, double wind, double elevation)
    {
        var global = clear.Global * share;
        var diffuse = global * DiffuseShare(clear.Sine > 0 ? Math.Min(1, global / (1367 * clear.Sine)) : 0);
        var direct = clear.Sine > 0 ? Math.Min(1050, (global - diffuse) / clear.Sine) : 0;
        humidity = Math.Clamp(humidity, 20, 100);
        // Magnus; the dew point belongs to temperature and humidity.
        var gamma = Math.Log(humidity / 100) + (17.62 * temperature / (243.12 + temperature));
        var dewPoint = 243.12 * gamma / (17.62 - gamma);
        var pressure = 101325 * Math.Pow(1 - (2.25577e-5 * elevation), 5.2559);
        text.Append(CultureInfo.InvariantCulture, $"2001,{at.Month},{at.Day},{at.Hour},0,?,{temperature:0.0},{dewPoint:0.0},{humidity:0},{pressure:0},9999,9999,9999,");
        text.Append(CultureInfo.InvariantCulture, $"{global:0},{direct:0},{diffuse:0},999999,999999,999999,9999,220,{wind:0.0},5,5,9999,99999,9,999999999,999,0.999,999,99,0.2,999,99\n");
    }

    /// <summary>The diffuse share of global radiation by its clearness index (Erbs, Klein, Duffie 1982, Solar Energy 28, 293).</summary>
    private static double DiffuseShare(double clearness) => clearness switch
    {
        <= 0.22 => 1 - (0.09 * clearness),
        <= 0.80 => 0.9511 + (clearness * (-0.1604 + (clearness * (4.388 + (clearness * (-16.638 + (clearness * 12.336))))))),
        _ => 0.165,
    };

    /// <summary>A standard normal draw (Box and Muller 1958).</summary>
    private static double Normal(ref Draws draws) =>
        Math.Sqrt(-2 * Math.Log(1 - draws.Between(0, 1))) * Math.Cos(2 * Math.PI * draws.Between(0, 1));
}
