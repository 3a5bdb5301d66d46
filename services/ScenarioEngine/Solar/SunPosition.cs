namespace Twin.ScenarioEngine.Solar;

/// <summary>
/// Where the sun stands, by the low-precision formulae of the Astronomical Almanac (Michalsky 1988, Solar Energy 40,
/// 227–235): within 0.01° from 1950 to 2050.
/// </summary>
/// <param name="Elevation">Above the horizon without refraction, degrees.</param>
/// <param name="Azimuth">Clockwise from north, degrees from 0 to 360.</param>
/// <param name="HourAngle">Degrees west of the meridian, from -180 to 180: 15 for each hour after solar noon.</param>
public readonly record struct SunPosition(double Elevation, double Azimuth, double HourAngle)
{
    /// <summary>
    /// The Julian date of 2001-01-01 00:00 UTC. A weather year is of no year; this one lies in the middle between leap
    /// years, where the calendar is nearest to the sun's.
    /// </summary>
    public const double ReferenceYearStart = 2451910.5;

    private const double J2000 = 2451545.0;
    private const double Degree = Math.PI / 180;

    /// <summary>The sun over a place.</summary>
    /// <param name="julianDate">Days, UT.</param>
    /// <param name="latitude">Degrees, north positive.</param>
    /// <param name="longitude">Degrees, east positive.</param>
    public static SunPosition At(double julianDate, double latitude, double longitude)
    {
        var days = julianDate - J2000;
        var meanLongitude = 280.460 + 0.9856474 * days;
        var anomaly = (357.528 + 0.9856003 * days) * Degree;
        var ecliptic = (meanLongitude + 1.915 * Math.Sin(anomaly) + 0.020 * Math.Sin(2 * anomaly)) * Degree;
        var obliquity = (23.439 - 0.0000004 * days) * Degree;
        var rightAscension = Math.Atan2(Math.Cos(obliquity) * Math.Sin(ecliptic), Math.Cos(ecliptic)) / Degree;
        var declination = Math.Asin(Math.Sin(obliquity) * Math.Sin(ecliptic));

        // Greenwich mean sidereal time in degrees (Almanac: 18.697374558 h + 24.06570982441908 h a day).
        var sidereal = 280.46061837 + 360.98564736629 * days;
        var hourAngle = Math.IEEERemainder(sidereal + longitude - rightAscension, 360);

        var (sinLatitude, cosLatitude) = Math.SinCos(latitude * Degree);
        var (sinDeclination, cosDeclination) = Math.SinCos(declination);
        var (sinHour, cosHour) = Math.SinCos(hourAngle * Degree);
        var elevation = Math.Asin(Math.Clamp(sinDeclination * sinLatitude + cosDeclination * cosLatitude * cosHour, -1, 1));
        var azimuth = Math.Atan2(-sinHour * cosDeclination, sinDeclination * cosLatitude - cosDeclination * sinLatitude * cosHour) / Degree;
        return new SunPosition(elevation / Degree, azimuth < 0 ? azimuth + 360 : azimuth, hourAngle);
    }

    /// <summary>The elevation at which it is seen through the atmosphere (Reda and Andreas 2004, NREL/TP-560-34302, eq. 42), degrees.</summary>
    /// <param name="pressure">Pa.</param>
    /// <param name="temperature">°C.</param>
    public double ApparentElevation(double pressure, double temperature)
    {
        // Below the horizon by more than the sun's radius and the refraction there it is not seen at all.
        if (Elevation < -(0.26667 + 0.5667))
        {
            return Elevation;
        }

        var bend = 1.02 / (60 * Math.Tan((Elevation + 10.3 / (Elevation + 5.11)) * Degree));
        return Elevation + pressure / 101000 * (283 / (273 + temperature)) * bend;
    }
}
