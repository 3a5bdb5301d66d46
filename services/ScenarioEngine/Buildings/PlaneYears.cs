using System.Collections.Concurrent;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Buildings;

/// <summary>
/// The irradiance of a weather year on the planes of many buildings. Buildings of a district share directions, so that
/// each direction is computed once; beyond a bound it is computed anew for whoever asks, with the same result.
/// </summary>
internal sealed class PlaneYears(SolarYear sun)
{
    /// <summary>Years kept, 70 kB each.</summary>
    private const int Most = 1024;
    private readonly ConcurrentDictionary<(SurfacePlane Plane, AngularTransmittance Angular), double[]> _kept = new();

    /// <summary>All that falls on a plane, W/m².</summary>
    public double[] On(SurfacePlane plane) => Through(plane, AngularTransmittance.Constant);

    /// <summary>What falls on a plane, the beam weighed by its angle, W/m²: g times this comes in.</summary>
    public double[] Through(SurfacePlane plane, AngularTransmittance angular)
    {
        if (_kept.TryGetValue((plane, angular), out var kept))
        {
            return kept;
        }

        var irradiance = sun.On(plane);
        var year = new double[WeatherYear.Hours];
        for (var hour = 0; hour < year.Length; hour++)
        {
            var direct = irradiance.Direct[hour];
            year[hour] = irradiance.Diffuse[hour] + (direct > 0 ? direct * angular.At(irradiance.IncidenceCosine[hour]) : 0);
        }

        return _kept.Count < Most ? _kept.GetOrAdd((plane, angular), year) : year;
    }
}
