using System.Globalization;

namespace Twin.ScenarioEngine.Weather;

/// <summary>
/// Reads a weather year in the EnergyPlus weather format (EPW; Auxiliary Programs of EnergyPlus, "Weather Format"). A file
/// that is not whole is refused: its zone, each hour in its place, and no value marked as missing.
/// </summary>
public static class EpwReader
{
    private const int HeaderLines = 8;
    private const int DryBulb = 6;
    private const int StationPressure = 9;
    private const int Global = 13;
    private const int Direct = 14;
    private const int Diffuse = 15;
    private const int Wind = 21;

    private static readonly int[] DaysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="zoneHours">The zone that whoever configured it says it has: local standard time minus UTC, hours.</param>
    /// <exception cref="ModelInputException">It is not a whole year in that zone; the message names line and field.</exception>
    public static WeatherYear Read(string path, double zoneHours)
    {
        using var reader = new StreamReader(path);
        return Read(reader, Path.GetFileName(path), zoneHours);
    }

    /// <summary>Reads a text; <paramref name="name"/> is what faults call it.</summary>
    public static WeatherYear Read(TextReader text, string name, double zoneHours)
    {
        var site = ReadSite(text, name);
        if (site.ZoneHours != zoneHours)
        {
            throw new ModelInputException(name, string.Create(CultureInfo.InvariantCulture, $"LOCATION says zone {site.ZoneHours:+0.##;-0.##;0} h, configured is {zoneHours:+0.##;-0.##;0} h; one of them is another place's."));
        }

        for (var line = 1; line < HeaderLines; line++)
        {
            _ = text.ReadLine() ?? throw new ModelInputException(name, $"the file ends in its header, at line {line + 1} of {HeaderLines}.");
        }

        var columns = new Columns();
        var global = new double[WeatherYear.Hours];
        var hours = 0;
        while (text.ReadLine() is { } row)
        {
            if (row.Length == 0)
            {
                continue;
            }

            if (hours < WeatherYear.Hours)
            {
                global[hours] = Take(row.Split(','), hours, columns, name);
            }

            hours++;
        }

        if (hours != WeatherYear.Hours)
        {
            throw new ModelInputException(name, string.Create(CultureInfo.InvariantCulture, $"{hours:N0} hours; a year has {WeatherYear.Hours:N0}."));
        }

        var year = new WeatherYear(site, columns.DryBulb, columns.Direct, columns.Diffuse, columns.Pressure, columns.Wind);
        ZoneCheck.Verify(year, global, name);
        return year;
    }

    private static WeatherSite ReadSite(TextReader text, string name)
    {
        var fields = (text.ReadLine() ?? throw new ModelInputException(name, "the file is empty.")).Split(',');
        if (fields.Length < 10 || fields[0] != "LOCATION")
        {
            throw new ModelInputException(name, "line 1 is no LOCATION of an EPW file.");
        }

        return new WeatherSite(
            fields[1],
            Header(6, "latitude", -90, 90),
            Header(7, "longitude", -180, 180),
            Header(8, "zone", -12, 14),
            Header(9, "elevation", -500, 9000));

        double Header(int field, string what, double least, double most) =>
            double.TryParse(fields[field], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new ModelInputException(name, $"LOCATION: the {what} '{fields[field]}' is not from {least} to {most}.");
    }

    private static double Take(string[] fields, int hour, Columns columns, string name)
    {
        if (fields.Length < Wind + 1)
        {
            throw new ModelInputException(name, $"line {hour + HeaderLines + 1} has {fields.Length} fields.");
        }

        var (month, day, ofDay) = Calendar(hour);
        if (Value(1, "month", 1, 12) != month || Value(2, "day", 1, 31) != day || Value(3, "hour", 1, 24) != ofDay)
        {
            throw new ModelInputException(name, $"line {hour + HeaderLines + 1} is month {fields[1]}, day {fields[2]}, hour {fields[3]}; expected {month}, {day}, {ofDay}.");
        }

        // The format marks a missing value with one beyond these bounds (99.9, 999999, 9999).
        columns.DryBulb[hour] = Value(DryBulb, "dry-bulb temperature", -70, 70);
        columns.Pressure[hour] = Value(StationPressure, "station pressure", 31000, 120000);
        columns.Direct[hour] = Value(Direct, "direct normal irradiance", 0, 1500);
        columns.Diffuse[hour] = Value(Diffuse, "diffuse horizontal irradiance", 0, 1500);
        columns.Wind[hour] = Value(Wind, "wind speed", 0, 40);
        return Value(Global, "global horizontal irradiance", 0, 1600);

        double Value(int field, string what, double least, double most) =>
            double.TryParse(fields[field], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new ModelInputException(name, $"line {hour + HeaderLines + 1}: the {what} '{fields[field]}' is missing or not from {least} to {most}.");
    }

    private static (int Month, int Day, int Hour) Calendar(int hour)
    {
        var day = hour / 24;
        var month = 0;
        while (day >= DaysOfMonth[month])
        {
            day -= DaysOfMonth[month++];
        }

        return (month + 1, day + 1, hour % 24 + 1);
    }

    private sealed class Columns
    {
        public double[] DryBulb { get; } = new double[WeatherYear.Hours];

        public double[] Direct { get; } = new double[WeatherYear.Hours];

        public double[] Diffuse { get; } = new double[WeatherYear.Hours];

        public double[] Pressure { get; } = new double[WeatherYear.Hours];

        public double[] Wind { get; } = new double[WeatherYear.Hours];
    }
}
