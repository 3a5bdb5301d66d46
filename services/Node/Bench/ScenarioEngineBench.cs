using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Node.Districts;
using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.Results;
using Twin.ScenarioEngine.Weather;

namespace Twin.Node.Bench;

/// <summary>The engine in this process, beside the plain form of the standard.</summary>
internal sealed class ScenarioEngineBench
{
    private readonly TimeProvider _time;
    private readonly List<BuildingInputs> _buildings;
    private readonly WeatherYear _weather;

    public ScenarioEngineBench(TimeProvider time, IEnumerable<DistrictEntity> buildings, string epw)
    {
        _time = time;
        _weather = EpwReader.Read(new StringReader(epw), "bench", SyntheticWeather.ZoneHours);
        _buildings = [.. buildings.Select(static one => BuildingInputs.Read(EntityDocument.Pack(EntityParser.ParseEntity(one.Json, JsonLdContext.Core, ParseOptions.Entity)))).OrderBy(static one => one.Id, StringComparer.Ordinal)];
    }

    /// <summary>Milliseconds of the whole chain with nothing kept from before, several times.</summary>
    public List<double> Chain(int runs)
    {
        var times = new List<double>();
        for (var run = 0; run <= runs; run++)
        {
            var began = _time.GetTimestamp();
            new DistrictModel(_weather, InputHash.Of("bench"u8), new ResultCache(1L << 30)).Run(_buildings, Environment.ProcessorCount, CancellationToken.None);
            times.Add(_time.GetElapsedTime(began).TotalMilliseconds);
        }

        // The first one compiles.
        return times[1..];
    }

    /// <summary>Microseconds of a building-year in the plain form.</summary>
    public double Plain(int buildings)
    {
        var district = new DistrictYear(_weather, DistrictModel.Albedo);
        district.RunPlainly(_buildings[0].Zone);
        var began = _time.GetTimestamp();
        for (var i = 0; i < buildings; i++)
        {
            district.RunPlainly(_buildings[i % _buildings.Count].Zone);
        }

        return _time.GetElapsedTime(began).TotalMicroseconds / buildings;
    }
}
