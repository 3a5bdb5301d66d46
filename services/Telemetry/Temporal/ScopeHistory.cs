using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Temporal;

/// <summary>When which scopes of an entity were valid: each from when it was set until it was changed (GS CIM 009 4.18).</summary>
internal sealed class ScopeHistory(SeriesReader reader)
{
    /// <summary>The times within a query at which the entity's scopes fulfilled a scope query; null when never.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="scopes">The scope query.</param>
    /// <param name="query">The times that are looked at.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<List<(long From, long Until)>?> ValidAsync(SeriesEntity entity, ScopeQuery scopes, TemporalQuery query, CancellationToken cancel)
    {
        if (entity.Tenant.Find(entity, TemporalWriter.ScopeAttribute, "") is not { } series)
        {
            return null;
        }

        var valid = new List<(long From, long Until)>();
        long? since = null;
        await foreach (var run in reader.ScanAsync(series, 0, query.Until, cancel))
        {
            for (var i = run.Start; i < run.Start + run.Length; i++)
            {
                Add(run.Points.Times[i]);
                var instance = new Instance(series, run.Points.Times[i], run.Points.Forms[i], run.Points.Bits[i], run.Points.ExtraAt(i));
                since = Matches(entity, scopes, instance) ? instance.Time : null;
            }
        }

        Add(query.Until);
        return valid.Count == 0 ? null : valid;

        void Add(long until)
        {
            if (since is { } from && until > query.From)
            {
                valid.Add((from, until));
            }
        }
    }

    private static bool Matches(SeriesEntity entity, ScopeQuery query, in Instance instance)
    {
        if (instance.Form == PointForm.Null)
        {
            return false;
        }

        var scopes = TemporalWriter.Scopes(InstanceCodec.ToNode(instance).Value.Span);
        return scopes is { Count: > 0 } && query.Matches(EntityDocument.Pack(new EntityNode { Id = entity.Id, Scopes = scopes }));
    }
}
