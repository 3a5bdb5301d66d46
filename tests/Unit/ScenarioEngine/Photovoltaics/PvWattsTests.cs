using System.Globalization;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Photovoltaics;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Photovoltaics;

/// <summary>Against a year of PVWatts itself: Denver, 4 kW, tilt 20°, south, losses 14.08 %, inverter 96 %, DC to AC 1.2.</summary>
public sealed class PvWattsTests
{
    private const string Source = "NREL PVWatts v5, pvwatts_8760_rackmount.csv of pvlib-python";
    private static readonly ValidationRecord Record = new("photovoltaics");
    private static readonly double[][]? Rows = Read();

    [Fact]
    public void The_inverter_gives_every_hour_of_PVWatts_from_its_DC_power()
    {
        Assert.SkipWhen(Rows is null, "The reference data of TWIN_SHARED are not here: data/pv/pvwatts_8760_rackmount.csv.");
        var worst = Rows!.Max(static row => Math.Abs((PvWatts.Inverted(row[9] / 4000) * 4000) - row[10]));

        Record.Within("AC power from DC power, greatest error of 8,760 hours", worst, 0, 0.002, "W", Source);
    }

    [Fact]
    public void The_modules_give_the_DC_power_of_PVWatts_from_its_irradiance_and_cell_temperature()
    {
        Assert.SkipWhen(Rows is null, "The reference data of TWIN_SHARED are not here: data/pv/pvwatts_8760_rackmount.csv.");
        // Around noon in June the beam falls nearly straight: the cover takes next to nothing.
        var noon = Rows!.Where(static row => row[0] == 6 && row[2] == 12 && row[3] > 700).ToList();
        Assert.NotEmpty(noon);
        var ratio = noon.Average(static row => PvWatts.Direct(row[7], row[8]) * (1 - 0.1408) * 4000 / row[9]);

        Record.Near("DC power at noon in June over that of PVWatts, its irradiance and cell temperature given", ratio, 1, 0.005, "1", Source);
    }

    [Fact]
    public void A_year_from_the_weather_alone_comes_to_that_of_PVWatts_within_two_percent()
    {
        Assert.SkipWhen(Rows is null, "The reference data of TWIN_SHARED are not here: data/pv/pvwatts_8760_rackmount.csv.");
        double[] Column(int field) => [.. Rows!.Select(row => row[field])];
        var pressure = 101325 * Math.Pow(1 - (2.25577e-5 * 1819.6), 5.25588);
        var weather = new WeatherYear(new WeatherSite("PVWatts Denver", 39.73, -105.18, -7, 1819.6), Column(5), Column(3), Column(4), [.. Enumerable.Repeat(pressure, 8760)], Column(6));

        var year = PvWatts.Year(new SolarYear(weather, 0.2), weather, new SurfacePlane(20, 180), 0.1408).Sum() * 4;

        // PVWatts rounds what it prints to 1 kWh and has another cell temperature; its manual states 10 % for a year.
        Record.Near("AC energy of a year over that of PVWatts (6,023.67 kWh)", year / 6023.67, 1, 0.02, "1", Source);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Losses_that_are_no_share_are_refused_by_name(double losses)
    {
        var weather = SyntheticWeather.Clear();
        Assert.Equal("losses", Assert.Throws<ModelInputException>(() => PvWatts.Year(new SolarYear(weather, 0.2), weather, new SurfacePlane(20, 180), losses)).Input);
    }

    private static double[][]? Read() => SharedTools.Find("data/pv/pvwatts_8760_rackmount.csv") is not { } path ? null :
    [
        .. File.ReadLines(path).Select(static line => line.Split(',')).Where(static fields => fields.Length >= 11 && int.TryParse(fields[0], out _))
            .Select(static fields => fields[..11].Select(static field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray()),
    ];
}
