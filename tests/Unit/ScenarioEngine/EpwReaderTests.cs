using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Weather;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>A weather file is whole and of its zone, or it is refused by name.</summary>
public sealed class EpwReaderTests
{
    [Fact]
    public void A_whole_year_is_read()
    {
        var expected = SyntheticWeather.Clear();

        var year = Read(SyntheticWeather.Lines());

        Assert.Equal(expected.Site, year.Site);
        Assert.Equal(expected.DryBulb, year.DryBulb);
        Assert.Equal(expected.DirectNormal, year.DirectNormal);
        Assert.Equal(expected.DiffuseHorizontal, year.DiffuseHorizontal);
        Assert.Equal(expected.Pressure, year.Pressure);
        Assert.Equal(expected.WindSpeed, year.WindSpeed);
    }

    [Fact]
    public void The_weather_of_ASHRAE_140_is_read()
    {
        Assert.SkipWhen(Bestest.Weather is null, Bestest.Absent);

        Assert.Equal(new WeatherSite("DENVER INTL AP", 39.83, -104.65, -7, 1650), Bestest.Weather!.Site);
    }

    [Fact]
    public void A_file_of_8759_hours_is_refused()
    {
        var lines = SyntheticWeather.Lines();
        lines.RemoveAt(lines.Count - 1);

        Assert.Contains("8,759 hours", Refused(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leap_year_of_8784_hours_is_refused()
    {
        var lines = SyntheticWeather.Lines();
        lines.AddRange(lines.TakeLast(24).ToList());

        Assert.Contains("8,784 hours", Refused(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_hour_left_out_in_the_middle_is_found_where_it_is_missing()
    {
        var lines = SyntheticWeather.Lines();
        lines.RemoveAt(8 + 5000);
        lines.Add(lines[^1]);

        Assert.Contains("line 5009", Refused(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_zone_than_the_configured_one_is_refused() =>
        Assert.Contains("LOCATION says zone -7 h, configured is +1 h", Refused(SyntheticWeather.Lines(-7)), StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-5)]
    public void Hours_that_are_not_in_the_zone_that_file_and_configuration_claim_are_found_by_the_sun(double claimed)
    {
        var fault = Assert.Throws<ModelInputException>(() => EpwReader.Read(new StringReader(string.Join('\n', SyntheticWeather.Lines(claimed))), "made.epw", claimed));

        Assert.Contains("from solar noon", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_the_format_marks_as_missing_is_refused_with_its_line()
    {
        var lines = SyntheticWeather.Lines();
        var fields = lines[8 + 99].Split(',');
        fields[6] = "99.9";
        lines[8 + 99] = string.Join(',', fields);

        var fault = Refused(lines);

        Assert.Contains("line 108", fault, StringComparison.Ordinal);
        Assert.Contains("dry-bulb temperature '99.9'", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_EPW_file_is_refused() => Assert.Contains("no LOCATION", Refused(["a,b,c"]), StringComparison.Ordinal);

    private static WeatherYear Read(IEnumerable<string> lines) => EpwReader.Read(new StringReader(string.Join('\n', lines)), "made.epw", SyntheticWeather.Zone);

    private static string Refused(IEnumerable<string> lines)
    {
        var fault = Assert.Throws<ModelInputException>(() => Read(lines));
        Assert.Equal("made.epw", fault.Input);
        return fault.Message;
    }
}
