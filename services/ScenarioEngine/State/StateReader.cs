using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Interventions;
using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.State;

/// <summary>Reads the state of scenarios, and says whether interventions fit the twin.</summary>
internal sealed class StateReader(BaseEntities entities, WeatherStore weather, IOptions<ScenarioOptions> options)
{
    /// <summary>Refuses interventions on what does not exist, or that do not fit what does; the whole list.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the member at fault.</exception>
    public async Task CheckAsync(ScenarioContent content, long now, CancellationToken cancel)
    {
        // All of them, also those that take effect after the time of a forecast.
        var state = new ScenarioState(content, now, long.MaxValue);
        if (state.Touched.Count > options.Value.MostEntities)
        {
            throw NgsiLdException.BadRequest($"A scenario touches at most {options.Value.MostEntities} entities (Twin:Scenarios:MostEntities); these are {state.Touched.Count}.", "/interventions");
        }

        foreach (var (at, one) in content.Interventions.Index())
        {
            if (one is SetClimate climate && await weather.FindAsync(content.Tenant, climate.Weather, cancel) is null)
            {
                throw NgsiLdException.BadRequest($"There is no weather year {climate.Weather}; keep it first (/scenarios/weather).", $"/interventions/{at}/weather");
            }
        }

        var known = await entities.SomeAsync(state.Base, state.Touched, cancel);
        foreach (var id in state.Touched)
        {
            state.Check(id, known.GetValueOrDefault(id));
        }
    }

    /// <summary>One entity; null when there is none.</summary>
    /// <exception cref="NgsiLdException">Conflict: the twin has changed so that an intervention no longer fits.</exception>
    public async Task<EntityDocument?> FindAsync(ScenarioState state, string id, CancellationToken cancel) =>
        Fit(state, id, await entities.FindAsync(state.Base, id, cancel));

    /// <summary>All entities, those of the types that are asked for: as the base has them, then those that the scenario adds.</summary>
    /// <exception cref="NgsiLdException">Conflict: the twin has changed so that an intervention no longer fits.</exception>
    public async IAsyncEnumerable<EntityDocument> AllAsync(ScenarioState state, IReadOnlyList<int>? types, [EnumeratorCancellation] CancellationToken cancel)
    {
        // First of all, since an entity that is gone would be missing without a word.
        var known = await entities.SomeAsync(state.Base, state.Touched, cancel);
        var touched = state.Touched.ToDictionary(static id => id, id => Fit(state, id, known.GetValueOrDefault(id)), StringComparer.Ordinal);
        await foreach (var entity in entities.AllAsync(state.Base, types, cancel))
        {
            if (!touched.TryGetValue(entity.Id, out var changed))
            {
                yield return entity;
            }
            else if (changed is not null && known.ContainsKey(entity.Id))
            {
                yield return changed;
            }
        }

        foreach (var id in state.Touched)
        {
            if (!known.ContainsKey(id) && touched[id] is { } added && (types is null || types.Any(type => added.Types.Contains(type))))
            {
                yield return added;
            }
        }
    }

    /// <summary>What the interventions make of an entity of the twin.</summary>
    /// <exception cref="NgsiLdException">Conflict: the twin has changed so that an intervention no longer fits.</exception>
    public static EntityDocument? Fit(ScenarioState state, string id, EntityDocument? entity)
    {
        try
        {
            return state.Apply(id, entity);
        }
        catch (NgsiLdException fault)
        {
            throw new NgsiLdException(NgsiLdErrorType.Conflict, $"The twin has changed under the scenario: {fault.Message} Replace the interventions.", fault.Member);
        }
    }
}
