using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.State;

/// <summary>The twin as a revision of a scenario has it: the base with the interventions laid over, entity by entity.</summary>
internal sealed class ScenarioState
{
    private readonly Dictionary<string, List<(int At, Intervention What)>> _byEntity = new(StringComparer.Ordinal);
    private readonly long _now;

    /// <summary>Prepares it.</summary>
    /// <param name="content">The scenario's content.</param>
    /// <param name="recordedAt">What modifiedAt of changed entities becomes, microseconds since 1970 UTC.</param>
    /// <param name="validAt">Only what is in effect then (valid time); null for everything.</param>
    public ScenarioState(ScenarioContent content, long recordedAt, long? validAt)
    {
        _now = recordedAt;
        foreach (var (at, one) in content.Interventions.Index())
        {
            if (validAt is null || one.ValidFrom is null || one.ValidFrom <= validAt)
            {
                if (!_byEntity.TryGetValue(one.Entity, out var list))
                {
                    _byEntity.Add(one.Entity, list = []);
                }

                list.Add((at, one));
            }
        }
    }

    /// <summary>The entities that interventions touch.</summary>
    public IReadOnlyCollection<string> Touched => _byEntity.Keys;

    /// <summary>The place of the first intervention on an entity that is touched.</summary>
    public int FirstOn(string entity) => _byEntity[entity][0].At;

    /// <summary>What the interventions make of an entity of the base.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the path of the member that does not fit.</exception>
    public EntityDocument Apply(EntityDocument entity)
    {
        foreach (var (at, one) in _byEntity.GetValueOrDefault(entity.Id) ?? [])
        {
            try
            {
                entity = one.Apply(entity, _now);
            }
            catch (NgsiLdException fault)
            {
                throw NgsiLdException.BadRequest(fault.Message, $"/interventions/{at}" + (fault.Member is { Length: > 0 } member ? $"/{member.TrimStart('/')}" : ""));
            }
        }

        return entity;
    }
}
