using System.Collections.Concurrent;
using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.HeatPumps;
using Twin.ScenarioEngine.Photovoltaics;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Results;

/// <summary>
/// The energy of districts under one weather year. What was computed once is found by the hash of its inputs, in whichever
/// scenario; what is new is computed on all cores. No bit depends on what was there, on threads or on order.
/// </summary>
internal sealed class DistrictModel
{
    /// <summary>What the ground reflects (EN ISO 52010-1, 6.4.3: unless measured).</summary>
    public const double Albedo = 0.2;

    private const long ZoneSize = 4L * WeatherYear.Hours + 200;
    private readonly WeatherYear _weather;
    private readonly SolarYear _sun;
    private readonly DistrictYear _zones;
    private readonly ResultCache _cache;
    private readonly HourlyTree _tree;
    private readonly InputHash _seed;
    private readonly InputHash _yearSeed;
    private readonly ConcurrentDictionary<(SurfacePlane Plane, double Losses), double[]> _yields = new();

    private readonly ConcurrentDictionary<HeatSupply, (double[] Rooms, double[] Water)> _perHeat = new();

    /// <summary>Prepares a weather year.</summary>
    /// <param name="weather">The year.</param>
    /// <param name="hash">The hash of its file.</param>
    /// <param name="cache">What was computed.</param>
    public DistrictModel(WeatherYear weather, InputHash hash, ResultCache cache)
    {
        (_weather, _cache, _tree) = (weather, cache, new HourlyTree(cache));
        _sun = new SolarYear(weather, Albedo);
        _zones = new DistrictYear(weather, _sun);
        _seed = InputHash.Of(InputHash.Of(BuildingModel.Card), hash);
        _yearSeed = InputHash.Of(_seed, InputHash.Of(PvWatts.Card), InputHash.Of(HeatPump.Card));
    }

    /// <summary>Computes a district, or finds it.</summary>
    /// <param name="buildings">Its buildings, by id.</param>
    /// <param name="threads">The most that work at the same time.</param>
    /// <param name="cancel">Stops between buildings.</param>
    /// <exception cref="ModelInputException">A building cannot be answered; nothing is computed.</exception>
    public DistrictEnergy Run(IReadOnlyList<BuildingInputs> buildings, int threads, CancellationToken cancel)
    {
        var hashes = new InputHash[buildings.Count];
        var years = new BuildingYear[buildings.Count];
        var missing = new List<int>();
        for (var i = 0; i < years.Length; i++)
        {
            hashes[i] = InputHash.Of(_yearSeed, InputHash.Of(System.Text.Encoding.UTF8.GetBytes(buildings[i].Id)), buildings[i].Hash);
            if (_cache.TryGet<BuildingYear>(hashes[i], out var kept))
            {
                years[i] = kept;
            }
            else
            {
                PerHeat(buildings[i]);
                missing.Add(i);
            }
        }

        var rooms = Rooms([.. missing.Select(i => buildings[i])], threads, cancel);
        Parallel.For(0, missing.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, at =>
        {
            var i = missing[at];
            var year = BuildingYear.Of(buildings[i], rooms[at], Production(buildings[i].Photovoltaics), PerHeat(buildings[i]));
            _cache.Keep(hashes[i], year, year.Size);
            years[i] = year;
        });
        return new DistrictEnergy(years, _tree.Sum(years, hashes), InputHash.Of(hashes), missing.Count);
    }

    /// <summary>The years of rooms; equal rooms are computed once.</summary>
    private ZoneYear[] Rooms(BuildingInputs[] buildings, int threads, CancellationToken cancel)
    {
        var found = new Dictionary<InputHash, ZoneYear>();
        var missing = new Dictionary<InputHash, BuildingZone>();
        foreach (var building in buildings)
        {
            var key = InputHash.Of(_seed, building.ZoneHash);
            if (_cache.TryGet<ZoneYear>(key, out var kept))
            {
                found[key] = kept;
            }
            else
            {
                missing.TryAdd(key, building.Zone);
            }
        }

        var computed = _zones.Run([.. missing.Values], withLoads: true, threads, cancel);
        foreach (var (key, year) in missing.Keys.Zip(computed))
        {
            _cache.Keep(key, year, ZoneSize);
            found.Add(key, year);
        }

        return [.. buildings.Select(building => found[InputHash.Of(_seed, building.ZoneHash)])];
    }

    private (double[] Rooms, double[] Water) PerHeat(BuildingInputs building)
    {
        try
        {
            return _perHeat.GetOrAdd(building.Heat, supply => supply.EnergyPerHeat(_weather));
        }
        catch (ModelInputException fault)
        {
            throw new ModelInputException($"{building.Id}/heatSupply/{fault.Input}", $"in the coldest hour: {fault.Fault}");
        }
    }

    private float[]? Production(IReadOnlyList<PhotovoltaicSystem> systems)
    {
        if (systems.Count == 0)
        {
            return null;
        }

        var sum = new float[WeatherYear.Hours];
        foreach (var system in systems)
        {
            var perWatt = _yields.GetOrAdd((system.Plane, system.Losses), key => PvWatts.Year(_sun, _weather, key.Plane, key.Losses));
            for (var hour = 0; hour < sum.Length; hour++)
            {
                sum[hour] += (float)(perWatt[hour] * system.PeakPower);
            }
        }

        return sum;
    }
}

/// <summary>A district's year.</summary>
/// <param name="Buildings">Building by building, by id.</param>
/// <param name="Hours">All of them together, hour by hour.</param>
/// <param name="Inputs">The hash of everything that it was computed from.</param>
/// <param name="Computed">How many buildings were computed for it; the others were there.</param>
internal sealed record DistrictEnergy(IReadOnlyList<BuildingYear> Buildings, HourlySum Hours, InputHash Inputs, int Computed);
