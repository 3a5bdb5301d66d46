using System.Collections.Concurrent;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Buildings;

/// <summary>
/// Computes the year of many buildings. A building's result depends on its own inputs and the weather alone: it is the
/// same, bit by bit, in any company, order and number of threads.
/// </summary>
public sealed class DistrictYear
{
    private readonly WeatherYear _weather;
    private readonly PlaneYears _planes;

    /// <summary>Working memory that no thread uses now; there is as much of it as threads were ever at work.</summary>
    private readonly ConcurrentBag<ZoneBlock> _idle = [];

    /// <summary>Prepares the sun of a weather year; one instance serves any number of runs, on any threads.</summary>
    /// <param name="weather">The year.</param>
    /// <param name="albedo">What the ground reflects, from 0 to 1.</param>
    public DistrictYear(WeatherYear weather, double albedo)
        : this(weather, new SolarYear(weather, albedo))
    {
    }

    /// <summary>Takes a sun that was prepared for the year.</summary>
    internal DistrictYear(WeatherYear weather, SolarYear sun) => (_weather, _planes) = (weather, new PlaneYears(sun));

    /// <summary>Runs the year, after a December that lets the mass forget where it began.</summary>
    /// <param name="zones">The buildings.</param>
    /// <param name="withLoads">Whether hourly loads are kept.</param>
    /// <param name="threads">The most that work at the same time.</param>
    /// <param name="cancellation">Stops between buildings.</param>
    /// <returns>The results in the order of the buildings.</returns>
    /// <exception cref="ModelInputException">A building's inputs are not whole; nothing is computed.</exception>
    public ZoneYear[] Run(IReadOnlyList<BuildingZone> zones, bool withLoads, int threads, CancellationToken cancellation = default)
    {
        var prepared = new PreparedZone[zones.Count];
        for (var i = 0; i < prepared.Length; i++)
        {
            prepared[i] = PreparedZone.Of(zones[i]);
        }

        var years = new ZoneYear[prepared.Length];
        var blocks = (prepared.Length + ZoneBlock.Width - 1) / ZoneBlock.Width;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, blocks, options, () => _idle.TryTake(out var idle) ? idle : new ZoneBlock(), (index, _, block) =>
        {
            var first = index * ZoneBlock.Width;
            var count = Math.Min(ZoneBlock.Width, prepared.Length - first);
            block.Run(prepared.AsSpan(first, count), _planes, _weather.DryBulb, withLoads, years.AsSpan(first, count));
            return block;
        }, _idle.Add);
        return years;
    }

    /// <summary>One building in the plain form of the standard: what the fast one is measured and tested against.</summary>
    internal (double HeatingKwh, double CoolingKwh) RunPlainly(BuildingZone zone)
    {
        ZoneInputs.Check(zone);
        var conductances = ZoneConductances.Of(zone);
        var solar = new double[WeatherYear.Hours];
        SolarGains.Fill(zone, _planes, solar);
        double mass = ZoneBlock.FirstMass, heating = 0, cooling = 0;
        for (var step = -ZoneBlock.WarmUp; step < WeatherYear.Hours; step++)
        {
            var hour = step < 0 ? step + WeatherYear.Hours : step;
            var solved = ZoneHour.Step(conductances, zone, hour % 24, mass, _weather.DryBulb[hour], zone.InternalGains[hour % 24], solar[hour]);
            mass = solved.MassEnd;
            if (step >= 0)
            {
                heating += Math.Max(0, solved.Load);
                cooling += Math.Max(0, -solved.Load);
            }
        }

        return (heating / 1000, cooling / 1000);
    }
}
