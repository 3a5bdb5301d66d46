using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.State;

/// <summary>The twin as a revision of a scenario has it: the base with the interventions laid over, entity by entity.</summary>
internal sealed class ScenarioState
{
    /// <summary>Times at which interventions on one entity may take effect when they do not stand in the order of time.</summary>
    private const int MostTimes = 64;

    private readonly Dictionary<string, List<(int At, Intervention What)>> _byEntity = new(StringComparer.Ordinal);
    private readonly List<string> _touched = [];
    private readonly long _now;

    /// <summary>Prepares it.</summary>
    /// <param name="content">The scenario's content.</param>
    /// <param name="recordedAt">What modifiedAt of changed entities becomes, microseconds since 1970 UTC.</param>
    /// <param name="validAt">Only what is in effect then (valid time); null for everything, or what is in effect at the time of a forecast.</param>
    public ScenarioState(ScenarioContent content, long recordedAt, long? validAt)
    {
        _now = recordedAt;
        Base = content.Base;
        validAt ??= Base.Clock == BaseClock.Forecast ? Base.Time : null;
        foreach (var (at, one) in content.Interventions.Index())
        {
            if (!IsValid(one, validAt))
            {
                continue;
            }

            foreach (var id in one.Touches)
            {
                if (!_byEntity.TryGetValue(id, out var list))
                {
                    _byEntity.Add(id, list = []);
                    _touched.Add(id);
                }

                list.Add((at, one));
            }
        }
    }

    /// <summary>What it is laid over.</summary>
    public ScenarioBase Base { get; }

    /// <summary>The entities that interventions touch, in the order in which they do.</summary>
    public IReadOnlyList<string> Touched => _touched;

    /// <summary>Whether interventions touch an entity.</summary>
    public bool Touches(string id) => _byEntity.ContainsKey(id);

    /// <summary>What the interventions make of an entity.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="entity">As the base has it; null when the base does not.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="NgsiLdException">BadRequestData with the path of the member that does not fit.</exception>
    public EntityDocument? Apply(string id, EntityDocument? entity) => Apply(id, entity, null);

    /// <summary>Refuses interventions on an entity that do not fit at some time, since only what is valid then is applied.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the path of the member that does not fit.</exception>
    public void Check(string id, EntityDocument? entity)
    {
        var list = _byEntity[id];
        Apply(id, entity, null);
        var times = list.Select(static one => one.What.ValidFrom ?? long.MinValue).ToArray();
        if (times.Zip(times.Skip(1)).All(static pair => pair.First <= pair.Second))
        {
            // Each time has a beginning of the list, all of which was seen.
            return;
        }

        var distinct = times.Distinct().Order().ToArray();
        if (distinct.Length > MostTimes)
        {
            throw NgsiLdException.BadRequest(
                $"Interventions on {id} take effect at {distinct.Length} times and do not stand in the order of time. Put them in that order, or use at most {MostTimes}.", $"/interventions/{list[^1].At}/validFrom");
        }

        foreach (var time in distinct)
        {
            Apply(id, entity, time);
        }
    }

    private static bool IsValid(Intervention one, long? at) => at is null || one.ValidFrom is null || one.ValidFrom <= at;

    private EntityDocument? Apply(string id, EntityDocument? entity, long? time)
    {
        foreach (var (at, one) in _byEntity.GetValueOrDefault(id) ?? [])
        {
            if (!IsValid(one, time))
            {
                continue;
            }

            try
            {
                entity = one.Apply(id, entity, _now);
            }
            catch (NgsiLdException fault)
            {
                var when = time is null or long.MinValue ? "" : $"At {Timestamps.Format(time.Value)}: ";
                throw NgsiLdException.BadRequest(when + fault.Message, $"/interventions/{at}" + (fault.Member is { Length: > 0 } member ? $"/{member.TrimStart('/')}" : ""));
            }
        }

        return entity;
    }
}
