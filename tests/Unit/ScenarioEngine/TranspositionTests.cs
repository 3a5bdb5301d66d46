using System.Globalization;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>Irradiance on planes, against a year of PVWatts and against the six programs of ASHRAE 140-2020, table B8-13.</summary>
public sealed class TranspositionTests
{
    [Fact]
    public void A_year_of_PVWatts_is_met_within_one_and_a_half_watts_of_each_hour()
    {
        var path = SharedTools.Find("data/pv/pvwatts_8760_rackmount.csv");
        Assert.SkipWhen(path is null, "The reference data of TWIN_SHARED are not here: data/pv/pvwatts_8760_rackmount.csv.");
        var (weather, expected) = ReadPvWatts(path!);

        var plane = new SolarYear(weather, 0.2).On(new SurfacePlane(20, 180));

        double squares = 0, sum = 0;
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            var irradiance = plane.Direct[hour] + plane.Diffuse[hour];
            squares += Math.Pow(irradiance - expected[hour], 2);
            sum += irradiance;
        }

        Assert.InRange(Math.Sqrt(squares / WeatherYear.Hours), 0, 1.5);
        Assert.Equal(expected.Sum() / 1000, sum / 1000, 1.0);
    }

    [Theory]
    [InlineData("north", 0, 399, 477)]
    [InlineData("east", 90, 1017, 1068)]
    [InlineData("south", 180, 1291, 1387)]
    [InlineData("west", 270, 903, 997)]
    public void A_facade_of_the_standard_receives_what_the_six_programs_say(string facade, double azimuth, double least, double most)
    {
        Assert.SkipWhen(Bestest.Weather is null, Bestest.Absent);

        var plane = new SolarYear(Bestest.Weather!, 0.2).On(new SurfacePlane(90, azimuth));

        var received = (plane.Direct.Sum() + plane.Diffuse.Sum()) / 1000;
        Assert.True(received >= least && received <= most, $"{facade}: {received} kWh/m², the programs say {least} to {most}");
    }

    [Fact]
    public void A_plane_that_faces_up_receives_the_sum_of_beam_and_sky()
    {
        var weather = SyntheticWeather.Clear();

        var plane = new SolarYear(weather, 0.2).On(new SurfacePlane(0, 123));

        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            var elevation = weather.SunAt(hour).ApparentElevation(weather.Pressure[hour], weather.DryBulb[hour]);
            // Perez spreads the light around a sun below 5° over that of 5°: there the sum is no longer kept.
            if (elevation > 5)
            {
                var global = weather.DirectNormal[hour] * Math.Sin(elevation * Math.PI / 180) + weather.DiffuseHorizontal[hour];
                Assert.Equal(global, plane.Direct[hour] + plane.Diffuse[hour], 1e-9);
            }
        }
    }

    [Fact]
    public void A_tilt_beyond_upside_down_is_refused_by_name() =>
        Assert.Equal("plane", Assert.Throws<ModelInputException>(() => new SolarYear(SyntheticWeather.Clear(), 0.2).On(new SurfacePlane(181, 0))).Input);

    private static (WeatherYear Weather, double[] PlaneOfArray) ReadPvWatts(string path)
    {
        var rows = File.ReadLines(path)
            .Select(static line => line.Split(','))
            .Where(static fields => fields.Length >= 11 && int.TryParse(fields[0], out _))
            .Select(static fields => fields[..11].Select(static field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray())
            .ToArray();
        double[] Column(int field) => [.. rows.Select(row => row[field])];
        // The file has no pressure: that of the standard atmosphere at its elevation of 1,819.6 m.
        var pressure = 101325 * Math.Pow(1 - 2.25577e-5 * 1819.6, 5.25588);
        var site = new WeatherSite("PVWatts Denver", 39.73, -105.18, -7, 1819.6);
        return (new WeatherYear(site, Column(5), Column(3), Column(4), [.. Enumerable.Repeat(pressure, rows.Length)], Column(6)), Column(7));
    }
}
