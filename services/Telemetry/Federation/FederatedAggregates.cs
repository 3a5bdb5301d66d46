using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Federation;

/// <summary>
/// Aggregates of what several hold (GS CIM 009 4.5.19). A series that one source alone holds is told with the aggregates of that
/// source. Of one that several hold, aggregates cannot be made of aggregates (instances that two hold count once, and there is no
/// mean of means): its instances are asked for, and aggregated here. The same holds for the whole entity when several hold parts
/// of it and the query does not say where periods begin, which is then with the first instance of all.
/// </summary>
internal sealed class FederatedAggregates(SourceConversation told, Tenant tenant, EvolutionsWanted wants, TemporalReader reader)
{
    private readonly WholeEvolutions whole = new(told);

    /// <summary>Whether periods begin and end by the query alone.</summary>
    private bool IsFixed => wants.Temporal.Relation == TimeRelation.Between || (wants.Temporal.Relation == TimeRelation.After && !wants.Temporal.Period.IsZero);

    /// <summary>One entity.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="ours">What is held here; the instances themselves are not looked at.</param>
    /// <param name="theirs">What sources tell of it, with their aggregates.</param>
    /// <param name="refused">Sources that do not understand the aggregation.</param>
    /// <returns>Series with aggregates, or with all their points as if they were of this node; null when there is nothing that may be seen.</returns>
    public async Task<EntityWindow?> MergeAsync(string id, EntityWindow? ours, IReadOnlyList<EvolutionPart> theirs, IReadOnlyCollection<string> refused)
    {
        var merged = MergeOf(wants).Merge(id, ours, theirs);
        var holders = merged?.Attributes.SelectMany(static one => one.Holders).ToHashSet(StringComparer.Ordinal) ?? [];
        if (holders.Count == 0 && refused.Count == 0)
        {
            return merged;
        }

        var all = refused.Count > 0 || (!IsFixed && holders.Count > 1);
        var apart = merged?.Attributes.Where(one => !all && one.Holders.Count == 1).ToList() ?? [];
        if (merged is not null && apart.Count == merged.Attributes.Count)
        {
            return merged;
        }

        var narrowed = all ? wants : Narrowed(merged!.Attributes.Except(apart).Select(static one => one.Series));
        string[] asked = [.. theirs.Select(static part => part.Source.Registration).Concat(refused).Distinct(StringComparer.Ordinal)];
        var reading = Task.WhenAll(asked.Select(registration => whole.ReadAsync(registration, [id], narrowed)));
        var held = tenant.FindEntity(id) is { } entity
            ? await reader.For(narrowed.Query with { Q = null, Geo = null }, narrowed.Temporal, narrowed.Evaluation, WholeEvolutions.Most + 1).TakeAsync(entity, reads: true, told.Cancel)
            : null;
        if (held?.Count > WholeEvolutions.Most)
        {
            throw new NgsiLdException(NgsiLdErrorType.TooComplexQuery, $"This takes more than {WholeEvolutions.Most} instances that several sources hold; narrow the time (timerel).", "timerel");
        }

        var together = MergeOf(narrowed).Merge(id, held, (await reading).SelectMany(static parts => parts).Where(part => part.Entity.Id == id));
        return together is null && merged is null
            ? null
            : new EntityWindow((merged ?? together)!.Entity, [.. Ordered(merged, apart, together?.Attributes.Select(AsSeries) ?? [])]);
    }

    /// <summary>In the order in which the series were met first.</summary>
    private static IEnumerable<SeriesWindow> Ordered(EntityWindow? merged, List<SeriesWindow> apart, IEnumerable<SeriesWindow> together)
    {
        // All datasets of an attribute were asked for, also those that one source alone holds.
        var left = apart.Concat(together).DistinctBy(static one => (one.Series.Term, one.Series.Dataset)).ToDictionary(static one => (one.Series.Term, one.Series.Dataset));
        foreach (var one in merged?.Attributes ?? [])
        {
            if (left.Remove((one.Series.Term, one.Series.Dataset), out var found))
            {
                yield return found;
            }
        }

        foreach (var one in left.Values)
        {
            yield return one;
        }
    }

    private EvolutionMerge MergeOf(EvolutionsWanted some) => new(tenant, some.Query.Projection, some.Temporal, some.Evaluation);

    /// <summary>The same of a few attributes.</summary>
    private EvolutionsWanted Narrowed(IEnumerable<TimeSeries> series)
    {
        var names = string.Join(',', series.Select(static one => one.Term).Distinct().Select(wants.Context.Compact));
        var datasets = wants.Query.Texts.GetValueOrDefault("datasetId");
        var texts = wants.Query.Texts.Where(static one => one.Key is not ("pick" or "omit")).ToDictionary(StringComparer.Ordinal);
        texts["attrs"] = names;
        return wants with { Query = wants.Query with { Texts = texts, Projection = Projection.Parse(null, null, names, datasets, wants.Context) } };
    }

    /// <summary>Instances as the points of a series that lies in memory alone.</summary>
    private static SeriesWindow AsSeries(SeriesWindow window)
    {
        var points = new PointColumns(Math.Max(1, window.Instances.Count));
        var last = -1L;
        foreach (var one in window.Instances.OrderBy(static one => one.Time).Where(one => one.Time > last))
        {
            points.Append(one.Time, one.Form, one.Bits, one.Extra);
            last = one.Time;
        }

        return window with { Series = new TimeSeries(0, window.Series.Entity, window.Series.Attribute, window.Series.Dataset) { Tail = points }, Rows = null };
    }
}
