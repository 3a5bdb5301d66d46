using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Twin.Hosting.Problems;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.State;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Results;

/// <summary>A district's results in the state of a scenario.</summary>
/// <param name="Inputs">What the models took.</param>
/// <param name="Energy">Building by building, and together.</param>
/// <param name="Indicators">What it comes to.</param>
internal sealed record DistrictResult(DistrictInputs Inputs, DistrictEnergy Energy, IReadOnlyList<Indicator> Indicators)
{
    /// <summary>The hash of everything that the result depends on: inputs, weather, models.</summary>
    public string Hash { get; } = InputHash.Of(Energy.Inputs, Inputs.Terms.Hash, InputHash.Of(EnergyIndicators.Card)).ToString();
}

/// <summary>Computes the results of scenarios.</summary>
internal sealed class ScenarioResults(DistrictReader reader, WeatherStore weather, IOptions<ScenarioOptions> options)
{
    /// <summary>Weather years whose sun is kept, 1 MB each and 70 kB for each direction.</summary>
    private const int MostYears = 8;

    private readonly ResultCache _cache = new(options.Value.CacheMegabytes * 1024L * 1024);
    private readonly ConcurrentDictionary<(string Tenant, string Weather), DistrictModel> _models = new();

    /// <summary>Computes a district, or what has changed of it.</summary>
    /// <exception cref="ModelInputException">An input is missing or wrong.</exception>
    /// <exception cref="NgsiLd.NgsiLdException">There is no such district; an intervention no longer fits the twin.</exception>
    public async Task<DistrictResult> OfAsync(string tenant, ScenarioState state, string district, CancellationToken cancel)
    {
        var inputs = await reader.ReadAsync(tenant, state, district, cancel);
        if (inputs.Buildings.Count > options.Value.MostBuildings)
        {
            throw new ProblemException(StatusCodes.Status422UnprocessableEntity, "too-many-buildings", "The district is too large", $"It has {inputs.Buildings.Count} buildings; {options.Value.MostBuildings} are computed at once (Twin:Scenarios:MostBuildings).") { Member = "district" };
        }

        var model = await ModelAsync(tenant, inputs, cancel);
        var energy = model.Run(inputs.Buildings, Environment.ProcessorCount, cancel);
        return new DistrictResult(inputs, energy, EnergyIndicators.Of(inputs, energy));
    }

    private async Task<DistrictModel> ModelAsync(string tenant, DistrictInputs inputs, CancellationToken cancel)
    {
        if (_models.TryGetValue((tenant, inputs.Weather), out var kept))
        {
            return kept;
        }

        var file = await weather.DocumentAsync(tenant, inputs.Weather, cancel)
            ?? throw new ModelInputException($"{inputs.Id}/climate/weather", $"there is no weather year {inputs.Weather}; send its EPW file to /scenarios/weather.");
        var site = await weather.FindAsync(tenant, inputs.Weather, cancel);
        using var text = new StreamReader(new MemoryStream(file), Encoding.UTF8);
        var year = EpwReader.Read(text, inputs.Weather, site!.Site.ZoneHours);
        if (_models.Count >= MostYears)
        {
            _models.Clear();
        }

        return _models.GetOrAdd((tenant, inputs.Weather), new DistrictModel(year, InputHash.Of(Encoding.UTF8.GetBytes(inputs.Weather)), _cache));
    }
}
