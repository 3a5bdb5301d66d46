using Twin.ScenarioEngine.Solar;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>The worked example of NREL's Solar Position Algorithm (TP-560-34302, table A5.1), within the 0.01° that the Almanac's formulae claim.</summary>
public sealed class SunPositionTests
{
    private const double JulianDate = 2452930.312847;
    private const double Claimed = 0.01;

    [Fact]
    public void The_sun_stands_where_NREL_computes_it()
    {
        var sun = SunPosition.At(JulianDate, 39.742476, -105.1786);

        Assert.Equal(39.872046, sun.Elevation, Claimed);
        Assert.Equal(194.340241, sun.Azimuth, Claimed);
        Assert.Equal(11.10590, sun.HourAngle, Claimed);
    }

    [Fact]
    public void It_is_seen_where_NREL_sees_it_through_the_atmosphere()
    {
        var sun = SunPosition.At(JulianDate, 39.742476, -105.1786);

        Assert.Equal(90 - 50.11162, sun.ApparentElevation(82000, 11), Claimed);
    }

    [Fact]
    public void It_is_in_the_south_at_noon_in_the_north_and_in_the_north_in_the_south()
    {
        const double March = SunPosition.ReferenceYearStart + 79.5;

        Assert.Equal(180, SunPosition.At(March, 47.75, 0).Azimuth, 4.0);
        Assert.InRange(Math.Abs(SunPosition.At(March, -33.9, 0).Azimuth - 180), 176, 180);
    }
}
