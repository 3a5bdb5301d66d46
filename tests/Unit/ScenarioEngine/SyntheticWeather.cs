using System.Globalization;
using System.Text;
using Twin.ScenarioEngine.Weather;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>A year of clear days near Mulhouse, in memory and as the text of an EPW file; the shared data are not needed for it.</summary>
internal static class SyntheticWeather
{
    public const double Zone = 1;
    private static readonly WeatherSite Site = new("Testville", 47.75, 7.34, Zone, 240);

    public static WeatherYear Clear()
    {
        var (dry, direct, diffuse) = (new double[WeatherYear.Hours], new double[WeatherYear.Hours], new double[WeatherYear.Hours]);
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            dry[hour] = Math.Round(11 - 10 * Math.Cos(2 * Math.PI * hour / WeatherYear.Hours) - 4 * Math.Cos(2 * Math.PI * (hour % 24 - 2) / 24), 1);
            var up = Math.Sin(Twin.ScenarioEngine.Solar.SunPosition.At(Twin.ScenarioEngine.Solar.SunPosition.ReferenceYearStart + (hour + 0.5 - Zone) / 24, Site.Latitude, Site.Longitude).Elevation * Math.PI / 180);
            direct[hour] = up > 0.05 ? Math.Round(850 * Math.Pow(up, 0.3)) : 0;
            diffuse[hour] = up > 0.05 ? Math.Round(110 * Math.Sqrt(up)) : 0;
        }

        return new WeatherYear(Site, dry, direct, diffuse, [.. Enumerable.Repeat(98500.0, WeatherYear.Hours)], [.. Enumerable.Repeat(2.0, WeatherYear.Hours)]);
    }

    /// <summary>The year's lines; the first eight are the header, the others have the hours.</summary>
    public static List<string> Lines(double statedZone = Zone)
    {
        var year = Clear();
        var lines = new List<string> { string.Create(CultureInfo.InvariantCulture, $"LOCATION,{Site.Name},-,FRA,made,0,{Site.Latitude},{Site.Longitude},{statedZone:0.0},{Site.Elevation}") };
        lines.AddRange(Enumerable.Range(2, 7).Select(static line => $"HEADER {line}"));
        var day = new DateTime(2001, 1, 1);
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            var date = day.AddHours(hour);
            var up = Math.Max(0, Math.Sin(year.SunAt(hour).Elevation * Math.PI / 180));
            var global = year.DirectNormal[hour] * up + year.DiffuseHorizontal[hour];
            var row = new StringBuilder();
            row.Append(CultureInfo.InvariantCulture, $"2001,{date.Month},{date.Day},{date.Hour + 1},0,?,{year.DryBulb[hour]},5.0,60,{year.Pressure[hour]},0,0,300,");
            row.Append(CultureInfo.InvariantCulture, $"{global:0.0},{year.DirectNormal[hour]},{year.DiffuseHorizontal[hour]},0,0,0,0,180,{year.WindSpeed[hour]},0,0,20,77777,9,999999999,0,0,0,88,0,0,1");
            lines.Add(row.ToString());
        }

        return lines;
    }
}
