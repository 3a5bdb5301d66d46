using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Federation;

/// <summary>
/// Makes one evolution of what several hold of an entity (GS CIM 009 4.3.6, 4.5.8). Instances of an attribute and dataset are
/// brought together; one that several hold (by its instanceId, or its observedAt) is there once, as it was changed last. What a
/// source claims for itself only it tells; an auxiliary one fills in the attributes that nobody else has.
/// </summary>
/// <param name="tenant">Whose entities.</param>
/// <param name="projection">The members that are answered.</param>
/// <param name="temporal">The times that are looked at.</param>
/// <param name="evaluation">Who asks: of each part of an entity is told what may be seen of that part.</param>
internal sealed class EvolutionMerge(Tenant tenant, Projection projection, TemporalQuery temporal, EvaluationContext evaluation)
{
    private readonly EvaluationContext evaluation = evaluation;

    /// <summary>Merges; null when there is nothing that may be seen.</summary>
    /// <param name="id">The entity.</param>
    /// <param name="ours">What is held here.</param>
    /// <param name="theirs">What sources tell, in the order of their registration.</param>
    public EntityWindow? Merge(string id, EntityWindow? ours, IEnumerable<EvolutionPart> theirs)
    {
        var parts = new List<(Told Source, List<SeriesWindow> Windows)>();
        var entity = new SeriesEntity(tenant, 0, id);
        Describe(entity, ours, theirs.Select(static part => part.Entity));
        foreach (var part in theirs)
        {
            if (Visible(part) is { } windows)
            {
                parts.Add((part.Source, part.Rows is { } rows ? Windows(entity, rows, windows) : Windows(entity, part.Entity, windows)));
            }
        }

        if (parts.Count == 0)
        {
            return ours;
        }

        HashSet<int> claimed = [.. parts.Where(static part => part.Source.IsClaim).SelectMany(static part => part.Windows).Select(static window => window.Series.Term)];
        var merged = new Dictionary<(int Term, string Dataset), Merged>();
        var ordered = new List<Merged>();
        foreach (var window in (ours?.Attributes ?? []).Where(window => !claimed.Contains(window.Series.Term)))
        {
            Into(window, "");
        }

        foreach (var part in parts.Where(static part => !part.Source.IsAuxiliary))
        {
            foreach (var window in part.Windows.Where(window => part.Source.IsClaim || !claimed.Contains(window.Series.Term)))
            {
                Into(window, part.Source.Registration);
            }
        }

        foreach (var part in parts.Where(static part => part.Source.IsAuxiliary))
        {
            foreach (var window in part.Windows.Where(window => !claimed.Contains(window.Series.Term) && !merged.ContainsKey(KeyOf(window))))
            {
                Into(window, part.Source.Registration);
            }
        }

        return new EntityWindow(entity, [.. ordered.Select(one => one.Window(temporal))]);

        void Into(SeriesWindow window, string holder)
        {
            if (!merged.TryGetValue(KeyOf(window), out var there))
            {
                merged.Add(KeyOf(window), there = new Merged(window.Series));
                ordered.Add(there);
            }

            there.Add(window, holder);
        }
    }

    /// <summary>Whether anything of what a source tells of an entity may be answered.</summary>
    public bool Sees(EvolutionPart part) => Visible(part) is { } some && (some.Count > 0 || part.Entity.Attributes.Count == 0);

    private static (int, string) KeyOf(SeriesWindow window) => (window.Series.Term, window.Series.Dataset);

    private static void Describe(SeriesEntity entity, EntityWindow? ours, IEnumerable<EntityNode> theirs)
    {
        List<string> types = [.. ours?.Entity.Types ?? []];
        List<string> scopes = [.. ours?.Entity.Scopes ?? []];
        (entity.CreatedAt, entity.ModifiedAt) = (ours?.Entity.CreatedAt ?? 0, ours?.Entity.ModifiedAt ?? 0);
        foreach (var node in theirs)
        {
            types.AddRange(node.Types.Select(Terms.Iri).Except(types, StringComparer.Ordinal));
            scopes.AddRange((node.Scopes ?? []).Except(scopes, StringComparer.Ordinal));
            var (created, modified) = (Ticks(node.CreatedAt), Ticks(node.ModifiedAt));
            entity.CreatedAt = entity.CreatedAt == 0 || (created > 0 && created < entity.CreatedAt) ? created : entity.CreatedAt;
            entity.ModifiedAt = Math.Max(entity.ModifiedAt, modified);
        }

        (entity.Types, entity.Scopes) = ([.. types], [.. scopes]);
    }

    /// <summary>The attributes of a part that are asked for, that its source is registered for, and that the caller may see; null when not even the entity.</summary>
    private HashSet<(int Term, string Dataset)>? Visible(EvolutionPart part)
    {
        var node = new EntityNode { Id = part.Entity.Id, Types = part.Entity.Types, Scopes = part.Entity.Scopes };
        node.Attributes.AddRange(part.Entity.Attributes.DistinctBy(static one => (one.Name, one.DatasetId))
            .Select(static one => new AttributeNode { Name = one.Name, DatasetId = one.DatasetId, Value = "0"u8.ToArray() }));
        var document = EntityDocument.Pack(node);
        if (!evaluation.Scope.TrySee(document, out var visible))
        {
            return null;
        }

        var answered = new HashSet<(int, string)>();
        foreach (var view in document.Attributes)
        {
            var keeps = view.Name == CoreTerms.Scope
                ? projection.Attributes is null && projection.Keeps(EntityMembers.Scope)
                : projection.Keeps(view) && part.Source.Attributes?.Contains(Terms.Iri(view.Name)) != false;
            if (keeps && visible.Contains(view.Name))
            {
                answered.Add((view.Name, System.Text.Encoding.UTF8.GetString(view.DatasetId)));
            }
        }

        return answered.Count == 0 && node.Attributes.Count > 0 && !projection.IsEverything ? null : answered;
    }

    /// <summary>The instances of a part as if they were of series of this node.</summary>
    private List<SeriesWindow> Windows(SeriesEntity entity, EntityNode node, HashSet<(int, string)> answered)
    {
        var windows = new Dictionary<(int, string), SeriesWindow>();
        var batch = new PointBatch(tenant, Math.Max(1, node.Attributes.Count));
        foreach (var one in node.Attributes)
        {
            var key = (one.Name, one.DatasetId ?? "");
            if (!answered.Contains(key))
            {
                continue;
            }

            if (!windows.TryGetValue(key, out var window))
            {
                windows.Add(key, window = new SeriesWindow(new TimeSeries(0, entity, Terms.Iri(one.Name), key.Item2), []));
            }

            var time = one.ObservedAt is { } observed ? Instance.Ticks(observed) : Ticks(one.CreatedAt);
            InstanceCodec.Add(batch, window.Series, one, time, new InstanceCodec.Origin(Ticks(one.CreatedAt), Ticks(one.ModifiedAt), Ticks(one.DeletedAt), one.InstanceId));
            var (points, at) = (batch.Points, batch.Points.Count - 1);
            window.Instances.Add(new Instance(window.Series, points.Times[at], points.Forms[at], points.Bits[at], points.ExtraAt(at)));
        }

        return [.. windows.Values];
    }

    private static List<SeriesWindow> Windows(SeriesEntity entity, Dictionary<(int Term, string Dataset), AggregateRows> rows, HashSet<(int, string)> answered) =>
        [.. rows.Where(one => answered.Contains(one.Key)).Select(one => new SeriesWindow(new TimeSeries(0, entity, Terms.Iri(one.Key.Term), one.Key.Dataset), []) { Rows = one.Value })];

    private static long Ticks(long micros) => micros > 0 ? Instance.Ticks(micros) : 0;

    /// <summary>One series while it is brought together.</summary>
    private sealed class Merged(TimeSeries series)
    {
        private readonly List<Instance> instances = [];
        private readonly List<string> holders = [];
        private AggregateRows? rows;
        private Dictionary<long, int>? observed;
        private Dictionary<string, int>? named;

        public void Add(SeriesWindow window, string holder)
        {
            holders.Add(holder);
            rows = window.Rows;
            Add(window.Instances);
        }

        private void Add(List<Instance> more)
        {
            if (instances.Count == 0)
            {
                instances.AddRange(more);
                return;
            }

            if (observed is null || named is null)
            {
                (observed, named) = ([], new Dictionary<string, int>(StringComparer.Ordinal));
                for (var i = 0; i < instances.Count; i++)
                {
                    Note(instances[i], i);
                }
            }

            foreach (var one in more)
            {
                if ((one.Observed && observed.TryGetValue(one.Time, out var at)) || named.TryGetValue(one.Id, out at))
                {
                    instances[at] = (one.Facts?.ModifiedAt ?? 0) > (instances[at].Facts?.ModifiedAt ?? 0) ? one : instances[at];
                }
                else
                {
                    at = instances.Count;
                    instances.Add(one);
                }

                Note(one, at);
            }
        }

        public SeriesWindow Window(TemporalQuery temporal)
        {
            List<Instance> sorted = [.. instances.OrderBy(one => one.Placed(temporal.Property)).ThenBy(static one => one.Time)];
            return new SeriesWindow(series, temporal.LastN is { } last && sorted.Count > last ? sorted[^last..] : sorted) { Rows = rows, Holders = holders };
        }

        private void Note(in Instance one, int at)
        {
            named!.TryAdd(one.Id, at);
            if (one.Observed)
            {
                observed!.TryAdd(one.Time, at);
            }
        }
    }
}
