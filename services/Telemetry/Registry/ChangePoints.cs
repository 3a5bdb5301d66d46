using Twin.Contracts.Registry.V1;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Keeping;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;
using Twin.Telemetry.Tail;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Registry;

/// <summary>
/// What a change of an entity adds to its history: the instances that it made, and for those that it took away an instance
/// that says when (GS CIM 009 4.5.7). The same change gives the same points, so that one which comes twice changes nothing.
/// </summary>
internal sealed class ChangePoints(SeriesDirectory directory, SeriesReader reader, TelemetryStore store, Deletions deletions)
{
    /// <summary>Adds the points of a change to a batch.</summary>
    /// <param name="batch">The batch of the tenant.</param>
    /// <param name="change">The change.</param>
    /// <param name="time">When it happened, in ticks UTC.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task AddAsync(PointBatch batch, EntityChanged change, long time, CancellationToken cancel)
    {
        if (deletions.Covers(batch.Tenant.Name, change.Id, time))
        {
            return;
        }

        var node = change.Entity.IsEmpty ? null : EntityParser.ParseEntity(change.Entity.Memory, JsonLdContext.Core, ParseOptions.Stored);
        if (node is null && batch.Tenant.FindEntity(change.Id) is null)
        {
            return;
        }

        var entity = directory.GetOrCreateEntity(batch.Tenant, change.Id);
        var changed = node is { ModifiedAt: > 0 } ? Instance.Ticks(node.ModifiedAt) : time;
        var alive = new HashSet<(string Attribute, string Dataset)>();
        foreach (var attribute in node?.Attributes ?? [])
        {
            var iri = Terms.Iri(attribute.Name);
            alive.Add((iri, attribute.DatasetId ?? ""));
            if (change.ChangedAttributes.Contains(iri) && attribute.ModifiedAt >= node!.ModifiedAt)
            {
                var at = attribute.ObservedAt is { } observedAt ? Instance.Ticks(observedAt) : changed;
                if (deletions.Covers(batch.Tenant, change.Id, iri, attribute.DatasetId ?? "", at, time))
                {
                    continue;
                }

                var series = directory.GetOrCreate(batch.Tenant, change.Id, iri, attribute.DatasetId ?? "");
                if (attribute.ObservedAt is not null && await IsThereAsync(series, at, attribute))
                {
                    // The registry has it from here.
                    continue;
                }

                // Storing it anew takes its times for those of the carrier.
                var (created, modified) = (attribute.CreatedAt, attribute.ModifiedAt);
                InstanceCodec.Add(
                    batch, series, attribute, at,
                    new InstanceCodec.Origin(created > 0 ? Instance.Ticks(created) : changed, modified > 0 ? Instance.Ticks(modified) : changed));
            }
        }

        foreach (var series in entity.Series)
        {
            var touched = node is null || change.DeletedAttributes.Contains(series.Attribute) || change.ChangedAttributes.Contains(series.Attribute);
            if (touched && series.Term != CoreTerms.Scope && !alive.Contains((series.Attribute, series.Dataset))
                && !deletions.Covers(batch.Tenant, change.Id, series.Attribute, series.Dataset, changed, time))
            {
                await EndAsync(batch, series, changed, cancel);
            }
        }

        await DescribeAsync(batch, entity, change, node, changed, cancel);
    }

    private async Task<bool> IsThereAsync(TimeSeries series, long at, AttributeNode attribute)
    {
        await using var known = new KnownPoints(store, series, at, at);
        return await known.AtAsync(at) is { } there && there.Form < PointForm.Null
            && InstanceCodec.SameValue(new Instance(series, at, there.Form, there.Bits, there.Extra), attribute);
    }

    private async Task DescribeAsync(PointBatch batch, SeriesEntity entity, EntityChanged change, EntityNode? node, long changed, CancellationToken cancel)
    {
        string[] scopes = [.. node?.Scopes ?? []];
        if (!scopes.SequenceEqual(entity.Scopes, StringComparer.Ordinal))
        {
            var series = directory.GetOrCreate(batch.Tenant, entity.Id, TemporalWriter.ScopeAttribute, "");
            if (scopes.Length > 0)
            {
                InstanceCodec.Add(batch, series, TemporalWriter.ScopeNode(scopes), changed, new InstanceCodec.Origin(changed, changed));
            }
            else
            {
                await EndAsync(batch, series, changed, cancel);
            }
        }

        entity.Types = [.. entity.Types.Union(change.Types_, StringComparer.Ordinal)];
        entity.Scopes = scopes;
        entity.CreatedAt = entity.CreatedAt == 0 ? node is { CreatedAt: > 0 } ? Instance.Ticks(node.CreatedAt) : changed : entity.CreatedAt;
        entity.ModifiedAt = Math.Max(entity.ModifiedAt, changed);
        batch.ChangedEntities.Add(entity);
    }

    /// <summary>Says that a series ended, unless its newest instance says so already.</summary>
    private async Task EndAsync(PointBatch batch, TimeSeries series, long changed, CancellationToken cancel)
    {
        var latest = await reader.LatestAsync(series, cancel);
        var kind = AttributeKind.Property;
        if (latest.Count > 0)
        {
            var instance = new Instance(series, latest.Times[0], latest.Forms[0], latest.Bits[0], latest.ExtraAt(0));
            if (instance.IsDeletion)
            {
                return;
            }

            kind = TemporalAnswer.KindOf(instance);
        }

        InstanceCodec.Add(
            batch, series, new AttributeNode { Name = series.Term, Kind = kind, Removed = RemovedMembers.Value }, changed, new InstanceCodec.Origin(changed, changed, changed));
    }
}
