using System.Numerics;
using System.Runtime.InteropServices;

namespace Twin.ScenarioEngine.Buildings;

/// <summary>What the sun brings into a building hour by hour, less what its envelope radiates to the sky (EN ISO 13790:2008, 11.3.2), W.</summary>
internal static class SolarGains
{
    /// <summary>External surface resistance, m²·K/W (EN ISO 6946).</summary>
    private const double SurfaceResistance = 0.04;

    /// <summary>h_r of 11.4.6: 5 times an emissivity of 0.9, W/(m²·K).</summary>
    private const double RadiativeCoefficient = 5 * 0.9;

    /// <summary>Fills a year of gains.</summary>
    public static void Fill(BuildingZone zone, PlaneYears planes, Span<double> gains)
    {
        gains.Fill(-SkyLoss(zone));
        foreach (var window in zone.Windows)
        {
            var factor = window.Area * (1 - window.FrameFraction) * window.SolarTransmittance * window.ShadingFactor;
            Add(gains, planes.Through(window.Plane, window.Angular), factor);
        }

        foreach (var element in zone.Opaque)
        {
            if (element.Plane is { } plane)
            {
                Add(gains, planes.On(plane), element.SolarAbsorptance * SurfaceResistance * element.UValue * element.Area);
            }
        }
    }

    /// <summary>Fills a year in two parts: what comes through windows, and what opaque elements absorb less the loss to the sky, which goes with the transmittances.</summary>
    public static void Split(BuildingZone zone, PlaneYears planes, Span<double> windows, Span<double> envelope)
    {
        Fill(zone with { Opaque = [], SkyTemperatureDifference = 0 }, planes, windows);
        Fill(zone with { Windows = [], SkyTemperatureDifference = 0 }, planes, envelope);
        var sky = SkyLoss(zone);
        foreach (ref var hour in envelope)
        {
            hour -= sky;
        }
    }

    /// <summary>What is lost to a sky colder than the air, W.</summary>
    public static double SkyLoss(BuildingZone zone)
    {
        var seen = 0.0;
        foreach (var window in zone.Windows)
        {
            seen += SkySeen(window.Plane.Tilt) * window.UValue * window.Area;
        }

        foreach (var element in zone.Opaque)
        {
            seen += element.Plane is { } plane ? SkySeen(plane.Tilt) * element.UValue * element.Area : 0;
        }

        return seen * SurfaceResistance * RadiativeCoefficient * zone.SkyTemperatureDifference;
    }

    private static double SkySeen(double tilt) => (1 + Math.Cos(tilt * Math.PI / 180)) / 2;

    private static void Add(Span<double> gains, double[] irradiance, double factor)
    {
        // Each hour is its own sum, in the order of the elements: the width of a vector changes nothing.
        var wide = MemoryMarshal.Cast<double, Vector<double>>(gains);
        var from = MemoryMarshal.Cast<double, Vector<double>>(irradiance.AsSpan());
        var by = new Vector<double>(factor);
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] += from[i] * by;
        }

        for (var i = wide.Length * Vector<double>.Count; i < gains.Length; i++)
        {
            gains[i] += irradiance[i] * factor;
        }
    }
}
