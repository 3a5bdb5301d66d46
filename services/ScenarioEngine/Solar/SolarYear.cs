using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Solar;

/// <summary>
/// The sun and the sky of a weather year, computed once: the irradiance of any plane costs a few multiplications an hour.
/// It does not change, and any thread may read it.
/// </summary>
public sealed class SolarYear
{
    private const double Degree = Math.PI / 180;
    private readonly double _albedo;
    private readonly double[] _east = new double[WeatherYear.Hours];
    private readonly double[] _north = new double[WeatherYear.Hours];
    private readonly double[] _up = new double[WeatherYear.Hours];
    private readonly PerezSky[] _sky = new PerezSky[WeatherYear.Hours];

    /// <summary>Computes it.</summary>
    /// <param name="weather">The year.</param>
    /// <param name="albedo">What the ground reflects, from 0 to 1.</param>
    public SolarYear(WeatherYear weather, double albedo)
    {
        if (albedo is not (>= 0 and <= 1))
        {
            throw new ModelInputException("albedo", $"{albedo} is not from 0 to 1.");
        }

        _albedo = albedo;
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            var sun = weather.SunAt(hour);
            var elevation = sun.ApparentElevation(weather.Pressure[hour], weather.DryBulb[hour]);
            _sky[hour] = PerezSky.From(elevation, hour / 24, weather.DirectNormal[hour], weather.DiffuseHorizontal[hour]);
            var (sin, cos) = Math.SinCos(elevation * Degree);
            (_east[hour], _north[hour], _up[hour]) = (cos * Math.Sin(sun.Azimuth * Degree), cos * Math.Cos(sun.Azimuth * Degree), sin);
        }
    }

    /// <summary>Irradiance on a plane hour by hour, W/m²: the sun's beam, and everything else (sky and ground).</summary>
    /// <exception cref="ModelInputException">The plane's tilt is not from 0 to 180, or an angle is no number.</exception>
    public PlaneIrradiance On(SurfacePlane plane)
    {
        if (plane.Tilt is not (>= 0 and <= 180) || !double.IsFinite(plane.Azimuth))
        {
            throw new ModelInputException("plane", $"tilt {plane.Tilt}°, azimuth {plane.Azimuth}° is no plane; the tilt is from 0 to 180.");
        }

        var (sinTilt, cosTilt) = Math.SinCos(plane.Tilt * Degree);
        var (sinAzimuth, cosAzimuth) = Math.SinCos(plane.Azimuth * Degree);
        var (east, north) = (sinTilt * sinAzimuth, sinTilt * cosAzimuth);
        var skySeen = (1 + cosTilt) / 2;
        var groundSeen = _albedo * (1 - cosTilt) / 2;
        var direct = new double[WeatherYear.Hours];
        var diffuse = new double[WeatherYear.Hours];
        var cosine = new double[WeatherYear.Hours];
        for (var hour = 0; hour < direct.Length; hour++)
        {
            ref readonly var sky = ref _sky[hour];
            // A sun below the horizon reaches no plane, however it is tilted.
            var incidence = _up[hour] > 0 ? Math.Max(0, _east[hour] * east + _north[hour] * north + _up[hour] * cosTilt) : 0;
            cosine[hour] = incidence;
            direct[hour] = sky.Beam * incidence;
            diffuse[hour] = Math.Max(0, sky.Circumsolar * incidence + sky.Isotropic * skySeen + sky.Horizon * sinTilt) + sky.Global * groundSeen;
        }

        return new PlaneIrradiance(direct, diffuse, cosine);
    }
}

/// <summary>A year on a plane, hour by hour.</summary>
/// <param name="Direct">The beam, W/m².</param>
/// <param name="Diffuse">Sky and ground, W/m².</param>
/// <param name="IncidenceCosine">The cosine of the angle between the beam and the plane's normal; 0 when it does not reach it.</param>
public sealed record PlaneIrradiance(double[] Direct, double[] Diffuse, double[] IncidenceCosine);
