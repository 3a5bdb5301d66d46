using System.Runtime.Intrinsics;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Buildings;

/// <summary>
/// The year of four buildings at once, one in each lane of a vector. Lanes never meet, and nothing is fused: a lane does
/// what a scalar would. One instance is one thread's working memory.
/// </summary>
internal sealed class ZoneBlock
{
    /// <summary>Buildings in a block.</summary>
    public const int Width = 4;

    /// <summary>Hours before the year that the mass is given to settle: December.</summary>
    public const int WarmUp = 31 * 24;

    /// <summary>Temperature of the mass before that, °C.</summary>
    public const double FirstMass = 20;

    private readonly double[] _solar = new double[WeatherYear.Hours * Width];
    private readonly double[] _loads = new double[WeatherYear.Hours * Width];
    private readonly double[] _one = new double[WeatherYear.Hours];
    private readonly Vector256<double>[] _airGains = new Vector256<double>[24];
    private readonly Vector256<double>[] _massGains = new Vector256<double>[24];
    private readonly Vector256<double>[] _lower = new Vector256<double>[24];
    private readonly Vector256<double>[] _upper = new Vector256<double>[24];

    /// <summary>Runs up to four buildings; the lanes left over repeat the first and are dropped.</summary>
    public void Run(ReadOnlySpan<PreparedZone> zones, PlaneYears planes, double[] outside, bool withLoads, Span<ZoneYear> years)
    {
        Span<PreparedZone> lanes = new PreparedZone[Width];
        lanes.Fill(zones[0]);
        zones.CopyTo(lanes);
        for (var lane = 0; lane < zones.Length; lane++)
        {
            SolarGains.Fill(lanes[lane].Zone, planes, _one);
            for (var hour = 0; hour < WeatherYear.Hours; hour++)
            {
                _solar[hour * Width + lane] = _one[hour];
            }
        }

        Profiles(lanes);
        var sums = Integrate(lanes, outside, withLoads);
        for (var lane = 0; lane < zones.Length; lane++)
        {
            years[lane] = sums.Of(lanes[lane].Zone.Id, lane, withLoads ? Loads(lane) : null);
        }
    }

    private void Profiles(ReadOnlySpan<PreparedZone> lanes)
    {
        for (var hour = 0; hour < 24; hour++)
        {
            var at = hour;
            _airGains[hour] = Lanes(lanes, zone => zone.Response.AirInternal * zone.Zone.InternalGains[at]);
            _massGains[hour] = Lanes(lanes, zone => zone.Response.MassInternal * zone.Zone.InternalGains[at]);
            _lower[hour] = Lanes(lanes, zone => zone.Zone.HeatingSetPoint[at]);
            _upper[hour] = Lanes(lanes, zone => zone.Zone.CoolingSetPoint[at]);
        }
    }

    private BlockSums Integrate(ReadOnlySpan<PreparedZone> lanes, double[] outside, bool withLoads)
    {
        var airMass = Lanes(lanes, static zone => zone.Response.AirMass);
        var airOutside = Lanes(lanes, static zone => zone.Response.AirOutside);
        var airSolar = Lanes(lanes, static zone => zone.Response.AirSolar);
        var airLoad = Lanes(lanes, static zone => zone.Response.AirLoad);
        var perKelvin = Lanes(lanes, static zone => 1 / zone.Response.AirLoad);
        var massMass = Lanes(lanes, static zone => zone.Response.MassMass);
        var massOutside = Lanes(lanes, static zone => zone.Response.MassOutside);
        var massSolar = Lanes(lanes, static zone => zone.Response.MassSolar);
        var massLoad = Lanes(lanes, static zone => zone.Response.MassLoad);
        var most = Lanes(lanes, static zone => zone.Zone.HeatingCapacity);
        var least = Lanes(lanes, static zone => -zone.Zone.CoolingCapacity);
        var mass = Vector256.Create(FirstMass);
        var sums = BlockSums.Empty;
        for (var step = -WarmUp; step < WeatherYear.Hours; step++)
        {
            var hour = step < 0 ? step + WeatherYear.Hours : step;
            var ofDay = hour % 24;
            var air = Vector256.Create(outside[hour]);
            var sun = Vector256.LoadUnsafe(ref _solar[hour * Width]);
            var free = airMass * mass + (airOutside * air + airSolar * sun + _airGains[ofDay]);
            var heating = Vector256.MinNative(Vector256.MaxNative((_lower[ofDay] - free) * perKelvin, Vector256<double>.Zero), most);
            var cooling = Vector256.MaxNative(Vector256.MinNative((_upper[ofDay] - free) * perKelvin, Vector256<double>.Zero), least);
            var load = heating + cooling;
            mass = massMass * mass + (massOutside * air + massSolar * sun + _massGains[ofDay]) + massLoad * load;
            if (step >= 0)
            {
                sums.Add(hour, heating, cooling, free + airLoad * load);
                if (withLoads)
                {
                    load.StoreUnsafe(ref _loads[hour * Width]);
                }
            }
        }

        return sums;
    }

    private float[] Loads(int lane)
    {
        var loads = new float[WeatherYear.Hours];
        for (var hour = 0; hour < loads.Length; hour++)
        {
            loads[hour] = (float)_loads[hour * Width + lane];
        }

        return loads;
    }

    private static Vector256<double> Lanes(ReadOnlySpan<PreparedZone> lanes, Func<PreparedZone, double> of) =>
        Vector256.Create(of(lanes[0]), of(lanes[1]), of(lanes[2]), of(lanes[3]));
}
