using System.Runtime.CompilerServices;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.State;

/// <summary>Reads the state of scenarios, and says whether interventions fit the twin.</summary>
internal sealed class StateReader(BaseEntities entities)
{
    /// <summary>Refuses interventions on what does not exist, or that do not fit what does; the whole list.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the member at fault.</exception>
    public async Task CheckAsync(ScenarioContent content, long now, CancellationToken cancel)
    {
        var state = new ScenarioState(content, now, null);
        foreach (var id in state.Touched)
        {
            var entity = await entities.FindAsync(content.Tenant, id, cancel)
                ?? throw NgsiLdException.BadRequest($"There is no entity {id} in the twin.", $"/interventions/{state.FirstOn(id)}/entity");
            state.Apply(entity);
        }
    }

    /// <summary>One entity; null when there is none.</summary>
    /// <exception cref="NgsiLdException">Conflict: the twin has changed so that an intervention no longer fits.</exception>
    public async Task<EntityDocument?> FindAsync(string tenant, ScenarioState state, string id, CancellationToken cancel)
    {
        var entity = await entities.FindAsync(tenant, id, cancel);
        if (entity is null && state.Touched.Contains(id))
        {
            throw Gone(state, id);
        }

        return entity is null ? null : Fit(state, entity);
    }

    /// <summary>All entities, those of the types that are asked for.</summary>
    /// <exception cref="NgsiLdException">Conflict: the twin has changed so that an intervention no longer fits.</exception>
    public async IAsyncEnumerable<EntityDocument> AllAsync(string tenant, ScenarioState state, IReadOnlyList<int>? types, [EnumeratorCancellation] CancellationToken cancel)
    {
        // An entity that is gone would be missing without a word.
        foreach (var id in state.Touched)
        {
            _ = await entities.FindAsync(tenant, id, cancel) ?? throw Gone(state, id);
        }

        await foreach (var entity in entities.AllAsync(tenant, types, cancel))
        {
            yield return Fit(state, entity);
        }
    }

    /// <summary>What the interventions make of an entity of the twin as it is now.</summary>
    /// <exception cref="NgsiLdException">Conflict: the twin has changed so that an intervention no longer fits.</exception>
    public static EntityDocument Fit(ScenarioState state, EntityDocument entity)
    {
        try
        {
            return state.Apply(entity);
        }
        catch (NgsiLdException fault)
        {
            throw new NgsiLdException(NgsiLdErrorType.Conflict, $"The twin has changed under the scenario: {fault.Message} Replace the interventions.", fault.Member);
        }
    }

    private static NgsiLdException Gone(ScenarioState state, string id) => new(
        NgsiLdErrorType.Conflict,
        $"The twin has changed under the scenario: the entity {id} is gone. Replace the interventions.",
        $"/interventions/{state.FirstOn(id)}/entity");
}
