using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Temporal;

/// <summary>
/// Finds the entities whose evolution a query asks for (GS CIM 009 5.7.3, 5.7.4). Filters are judged by the evaluator of
/// entities, on an entity that has every instance within the time.
/// </summary>
internal sealed class TemporalReader(WindowReader windows, ScopeHistory scopes)
{
    /// <summary>Makes the judge of one query.</summary>
    public Judge For(EntityQuery query, TemporalQuery temporal, EvaluationContext evaluation, int most) => new(windows, scopes, query, temporal, evaluation, most);

    /// <summary>Whether an entity that has all these instances fulfils q and the geoquery.</summary>
    /// <exception cref="NgsiLdException">TooComplexQuery when there are too many.</exception>
    public static bool Passes(EntityWindow window, EntityQuery query, EvaluationContext evaluation)
    {
        var node = Judge.Head(window.Entity);
        node.Attributes.AddRange(window.Attributes.SelectMany(static one => one.Instances).Where(static instance => !instance.IsDeletion).Select(static instance => InstanceCodec.ToNode(instance)));
        return node.Attributes.Count <= ushort.MaxValue
            ? new EntityQuery { Q = query.Q, Geo = query.Geo }.Matches(EntityDocument.Pack(node), evaluation)
            : throw Judge.TooMany();
    }

    /// <summary>Judges entities one by one.</summary>
    internal sealed class Judge(WindowReader windows, ScopeHistory scopes, EntityQuery query, TemporalQuery temporal, EvaluationContext evaluation, int most)
    {
        private readonly EntityQuery selection = new() { Selectors = query.Selectors };
        private readonly EntityQuery filter = new() { Q = query.Q, Geo = query.Geo };
        private readonly bool filters = query.Q is not null || query.Geo is not null;
        private readonly EvaluationContext evaluation = evaluation;

        /// <summary>The series of an entity that are asked for; null when it is not one of those that are, or not to be seen.</summary>
        public IReadOnlyList<TimeSeries>? SeriesOf(SeriesEntity entity) => TrySelect(entity, out _, out var answered) ? answered : null;

        /// <summary>What is answered of an entity; null when it is not asked for, or not to be seen.</summary>
        /// <param name="entity">The entity.</param>
        /// <param name="reads">Whether the instances are wanted; else only whether there are any.</param>
        /// <param name="cancel">Ends the reading.</param>
        public async Task<EntityWindow?> TakeAsync(SeriesEntity entity, bool reads, CancellationToken cancel)
        {
            while (true)
            {
                await entity.Settled.WaitAsync(cancel);
                var removals = entity.Removals;
                var window = await TakeOnceAsync(entity, reads, cancel);
                if (removals % 2 == 0 && removals == entity.Removals)
                {
                    return entity.Removed ? null : window;
                }
            }
        }

        private async Task<EntityWindow?> TakeOnceAsync(SeriesEntity entity, bool reads, CancellationToken cancel)
        {
            if (!TrySelect(entity, out var seen, out var answered))
            {
                return null;
            }

            List<(long From, long Until)>? valid = null;
            if (query.Scopes is not null && (valid = await scopes.ValidAsync(entity, query.Scopes, temporal, cancel)) is null)
            {
                return null;
            }

            var judged = new Dictionary<TimeSeries, List<Instance>>();
            if (filters && !await PassesAsync(entity, seen, judged, cancel))
            {
                return null;
            }

            var attributes = new List<SeriesWindow>();
            foreach (var series in answered)
            {
                var instances = judged.TryGetValue(series, out var known) ? Last(known) : await windows.ReadAsync(series, temporal, reads ? most : 1, cancel);
                if (valid is not null && series.Term != CoreTerms.Scope)
                {
                    instances = [.. instances.Where(instance => valid.Exists(one => instance.Time >= one.From && instance.Time < one.Until))];
                }

                if (instances.Count > 0)
                {
                    attributes.Add(new SeriesWindow(series, instances));
                }
            }

            if (attributes.Count > 0 && answered.Find(static series => series.Term == CoreTerms.Scope) is { } scope)
            {
                await CarryAsync(scope, attributes, cancel);
            }

            return attributes.Count > 0 || await LeavesMembersAsync(entity, seen, answered, cancel) ? new EntityWindow(entity, attributes) : null;
        }

        /// <summary>A scope is valid until it is changed (4.18): the one that was set before the time is told as well.</summary>
        private async Task CarryAsync(TimeSeries scope, List<SeriesWindow> attributes, CancellationToken cancel)
        {
            if (temporal.From == 0 || temporal.Property != TimeProperty.ObservedAt)
            {
                return;
            }

            var before = await windows.ReadAsync(scope, temporal with { Relation = TimeRelation.Before, From = 0, Until = temporal.From, LastN = 1 }, 1, cancel);
            if (before is not [{ IsDeletion: false } one])
            {
                return;
            }

            if (attributes.Find(other => ReferenceEquals(other.Series, scope)) is { } there)
            {
                there.Instances.Insert(0, one);
            }
            else
            {
                attributes.Add(new SeriesWindow(scope, [one]));
            }
        }

        /// <summary>What is answered of one entity that is asked for by its id: without instances too, if it has such attributes at all.</summary>
        /// <param name="entity">The entity.</param>
        /// <param name="reads">Whether the instances are wanted; else only which attributes have any.</param>
        /// <param name="cancel">Ends the reading.</param>
        public async Task<EntityWindow?> RetrieveAsync(SeriesEntity entity, bool reads, CancellationToken cancel) =>
            await TakeAsync(entity, reads, cancel)
            ?? (!entity.Removed && TrySelect(entity, out _, out var answered) && (answered.Count > 0 || query.Projection.IsEverything) ? new EntityWindow(entity, []) : null);

        /// <summary>With pick the entity may be answered by its id or type alone, if it has a history in that time at all.</summary>
        private async Task<bool> LeavesMembersAsync(SeriesEntity entity, List<TimeSeries> seen, List<TimeSeries> answered, CancellationToken cancel)
        {
            if (query.Projection.Pick is null || !(query.Projection.Keeps(EntityMembers.Id) || query.Projection.Keeps(EntityMembers.Type)))
            {
                return false;
            }

            foreach (var series in seen.Except(answered))
            {
                if (await windows.AnyAsync(series, temporal, cancel))
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>Whether the entity may be seen and is one of those that are asked for, and which of its series are.</summary>
        private bool TrySelect(SeriesEntity entity, out List<TimeSeries> seen, out List<TimeSeries> answered)
        {
            (seen, answered) = ([], []);
            var all = entity.Series;
            var node = Head(entity);
            foreach (var series in all)
            {
                node.Attributes.Add(new AttributeNode { Name = series.Term, DatasetId = series.Dataset.Length == 0 ? null : series.Dataset, Value = "0"u8.ToArray() });
            }

            var document = EntityDocument.Pack(node);
            if (!selection.Matches(document, evaluation) || !evaluation.Scope.TrySee(document, out var visible))
            {
                return false;
            }

            // Packing brings instances of one name together; their datasets tell them apart again.
            foreach (var view in document.Attributes)
            {
                if (!visible.Contains(view.Name))
                {
                    continue;
                }

                var dataset = System.Text.Encoding.UTF8.GetString(view.DatasetId);
                var series = entity.Tenant.Find(entity, Terms.Iri(view.Name), dataset);
                if (series is null)
                {
                    continue;
                }

                seen.Add(series);
                var keeps = view.Name == CoreTerms.Scope
                    ? query.Projection.Attributes is null && query.Projection.Keeps(EntityMembers.Scope)
                    : query.Projection.Keeps(view);
                if (keeps)
                {
                    answered.Add(series);
                }
            }

            return true;
        }

        private async Task<bool> PassesAsync(SeriesEntity entity, List<TimeSeries> seen, Dictionary<TimeSeries, List<Instance>> judged, CancellationToken cancel)
        {
            var node = Head(entity);
            foreach (var series in seen)
            {
                var instances = await windows.ReadAllAsync(series, temporal, cancel);
                judged.Add(series, instances);
                foreach (var instance in instances)
                {
                    if (!instance.IsDeletion)
                    {
                        node.Attributes.Add(InstanceCodec.ToNode(instance));
                    }
                }

                if (node.Attributes.Count > ushort.MaxValue)
                {
                    throw TooMany();
                }
            }

            return filter.Matches(EntityDocument.Pack(node), evaluation);
        }

        private List<Instance> Last(List<Instance> instances) =>
            temporal.LastN is { } last && instances.Count > last ? instances[^last..] : instances;

        /// <summary>What a filter is refused with that would take too many instances.</summary>
        public static NgsiLdException TooMany() =>
            new(NgsiLdErrorType.TooComplexQuery, $"A filter is judged by at most {ushort.MaxValue} instances of an entity; narrow the time (timerel).", "timerel");

        /// <summary>An entity without its attributes.</summary>
        public static EntityNode Head(SeriesEntity entity) => new()
        {
            Id = entity.Id,
            Types = [.. entity.Types.Select(Terms.Intern)],
            Scopes = entity.Scopes.Length == 0 ? null : [.. entity.Scopes],
            CreatedAt = entity.CreatedAt == 0 ? 0 : Instance.Micros(entity.CreatedAt),
            ModifiedAt = entity.ModifiedAt == 0 ? 0 : Instance.Micros(entity.ModifiedAt),
        };
    }
}
