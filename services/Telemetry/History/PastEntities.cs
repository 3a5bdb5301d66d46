using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>Entities as they were at a time: of every attribute the instance that was the newest then.</summary>
internal sealed class PastEntities(SeriesReader reader)
{
    /// <summary>The entity; null when it had no attribute then. Its types are those of today.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="series">The series of it that are looked at.</param>
    /// <param name="at">The time, in ticks UTC.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<EntityDocument?> AtAsync(SeriesEntity entity, IEnumerable<TimeSeries> series, long at, CancellationToken cancel)
    {
        var node = new EntityNode { Id = entity.Id, Types = [.. entity.Types.Select(Terms.Intern)] };
        foreach (var one in series)
        {
            var last = await reader.LastAsync(one, 1, 0, at + 1, cancel);
            if (last.Count == 0 || new Instance(one, last.Times[0], last.Forms[0], last.Bits[0], last.ExtraAt(0)) is not { IsDeletion: false } instance)
            {
                continue;
            }

            var attribute = InstanceCodec.ToNode(instance);
            if (one.Term == CoreTerms.Scope)
            {
                node.Scopes = TemporalWriter.Scopes(attribute.Value.Span);
                continue;
            }

            // A point that came in bulk does not know when: then its own time says it.
            attribute.CreatedAt = attribute.CreatedAt > 0 ? attribute.CreatedAt : Instance.Micros(instance.Time);
            attribute.ModifiedAt = attribute.ModifiedAt > 0 ? attribute.ModifiedAt : attribute.CreatedAt;
            node.Attributes.Add(attribute);
        }

        if (node.Attributes.Count == 0)
        {
            return null;
        }

        node.ModifiedAt = node.Attributes.Max(static attribute => attribute.ModifiedAt);
        node.CreatedAt = entity.CreatedAt > 0 && entity.CreatedAt <= at ? Instance.Micros(entity.CreatedAt) : node.Attributes.Min(static attribute => attribute.CreatedAt);
        return EntityDocument.Pack(node);
    }
}
