using Twin.EntityRegistry.Index;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Queries;

/// <summary>One page of entities.</summary>
/// <param name="Entities">The page.</param>
/// <param name="Total">How many match in all when that was counted, else how many were seen.</param>
/// <param name="More">Whether something follows the page.</param>
/// <param name="Last">The place of the page's last entity in creation order; null when it is empty or in another order.</param>
internal sealed record EntityPage(List<EntityDocument> Entities, int Total, bool More, long? Last)
{
    /// <summary>Where the next page starts (<see cref="Http.Paging.After"/>), when there is one and it can be said.</summary>
    public string? Next => !More || Entities.Count == 0 ? null
        : IsById ? Entities[^1].Id
        : Last?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether the page is in the order of ids.</summary>
    public bool IsById { get; init; }
}

/// <summary>
/// Answers a query from the resident index: takes the narrowest of the lookups that the query allows, walks its candidates in creation
/// order and lets the one evaluator decide about each. It stops when the page is full, unless all are to be counted.
/// </summary>
internal static class QueryExecutor
{
    /// <summary>Runs a query.</summary>
    /// <param name="index">The tenant's entities.</param>
    /// <param name="query">What is asked.</param>
    /// <param name="context">Who asks, when.</param>
    /// <param name="skip">Matches before the page.</param>
    /// <param name="take">Matches on the page.</param>
    /// <param name="after">The sequence after which to start; null for the beginning.</param>
    /// <param name="count">Whether to count all matches.</param>
    /// <param name="cancel">The caller went away.</param>
    public static EntityPage Run(
        ResidentIndex index,
        EntityQuery query,
        in EvaluationContext context,
        int skip,
        int take,
        long? after,
        bool count,
        CancellationToken cancel)
    {
        int from = after is { } sequence ? index.OrdinalAfter(sequence) : 0;
        var page = new List<EntityDocument>(Math.Min(take, 64));
        long? last = null;
        int seen = 0;
        bool more = false;
        int looked = 0;
        int toSkip = after is null ? skip : 0;
        if (count && from > 0)
        {
            // The count is of all that match, not of what is left of the walk.
            seen = Run(index, query, context, 0, 0, null, count: true, cancel).Total;
            count = false;
            toSkip += seen;
        }

        int total = seen;
        var candidates = new Candidates(Narrowest(index, query), from);
        while (candidates.TryNext(out int ordinal))
        {
            Resident resident = index.At(ordinal);
            if (resident.Document is not { } entity || !query.Matches(entity, context))
            {
                if ((++looked & 0xFFF) == 0)
                {
                    cancel.ThrowIfCancellationRequested();
                }

                continue;
            }

            seen++;
            if (seen <= toSkip)
            {
                continue;
            }

            if (page.Count < take)
            {
                page.Add(entity);
                last = resident.Sequence;
                continue;
            }

            more = true;
            if (!count)
            {
                break;
            }
        }

        return new EntityPage(page, Math.Max(total, seen), more, last);
    }

    /// <summary>Every match, for orders that are not the order of creation.</summary>
    public static IEnumerable<EntityDocument> All(ResidentIndex index, EntityQuery query, EvaluationContext context, CancellationToken cancel)
    {
        foreach (EntityDocument entity in Candidates(index, query, cancel))
        {
            if (query.Matches(entity, context))
            {
                yield return entity;
            }
        }
    }

    /// <summary>
    /// Matches in the order of ids: the first so many after an id. It passes over all candidates and holds at most twice as many as
    /// are taken.
    /// </summary>
    /// <param name="index">The tenant's entities.</param>
    /// <param name="query">What is asked.</param>
    /// <param name="context">Who asks, when.</param>
    /// <param name="after">The id after which to begin; null for all.</param>
    /// <param name="take">How many.</param>
    /// <param name="count">Whether those before are counted too.</param>
    /// <param name="cancel">The caller went away.</param>
    /// <param name="total">How many match in all, when they are counted.</param>
    public static List<EntityDocument> InIdOrder(
        ResidentIndex index,
        EntityQuery query,
        EvaluationContext context,
        string? after,
        long take,
        bool count,
        CancellationToken cancel,
        out int total)
    {
        total = 0;
        var kept = new List<EntityDocument>();
        string? bound = null;
        foreach (EntityDocument entity in Candidates(index, query, cancel))
        {
            bool wanted = (after is null || EntityIdOrder.Compare(entity.Id, after) > 0) && (bound is null || EntityIdOrder.Compare(entity.Id, bound) < 0);
            if ((!wanted && !count) || !query.Matches(entity, context))
            {
                continue;
            }

            total++;
            if (!wanted || take == 0)
            {
                continue;
            }

            kept.Add(entity);
            if (kept.Count >= 2 * take)
            {
                Cut(kept, take);
                bound = kept[^1].Id;
            }
        }

        Cut(kept, take);
        return kept;
    }

    private static void Cut(List<EntityDocument> entities, long take)
    {
        entities.Sort(static (x, y) => EntityIdOrder.Compare(x.Id, y.Id));
        if (entities.Count > take)
        {
            entities.RemoveRange((int)take, entities.Count - (int)take);
        }
    }

    private static IEnumerable<EntityDocument> Candidates(ResidentIndex index, EntityQuery query, CancellationToken cancel)
    {
        var candidates = new Candidates(Narrowest(index, query));
        for (int looked = 0; candidates.TryNext(out int ordinal); looked++)
        {
            if ((looked & 0xFFF) == 0xFFF)
            {
                cancel.ThrowIfCancellationRequested();
            }

            if (index.At(ordinal).Document is { } entity)
            {
                yield return entity;
            }
        }
    }

    /// <summary>The lookup with the fewest candidates.</summary>
    private static List<Posting.View> Narrowest(ResidentIndex index, EntityQuery query)
    {
        if (query.CandidateIds is { Count: > 0 } ids)
        {
            return [OfIds(index, ids)];
        }

        List<Posting.View> best = [index.All];
        long least = index.Count;
        if (query.CandidateTypes is { } types)
        {
            Consider([.. types.Select(index.OfType)], ref best, ref least);
        }

        if (query.Geo?.SearchBoxes is { } boxes)
        {
            int property = query.Geo.Property.Id;
            Consider([.. boxes.SelectMany(box => index.Near(property, box))], ref best, ref least);
        }

        if (query.CandidateAttributes is { } attributes)
        {
            Consider([.. attributes.Select(index.WithAttribute)], ref best, ref least);
        }

        return best;
    }

    private static void Consider(List<Posting.View> lists, ref List<Posting.View> best, ref long least)
    {
        long candidates = lists.Sum(l => (long)l.Count);
        if (candidates < least)
        {
            best = lists;
            least = candidates;
        }
    }

    private static Posting.View OfIds(ResidentIndex index, IReadOnlyCollection<string> ids)
    {
        var ordinals = new SortedSet<int>();
        foreach (string id in ids)
        {
            if (index.FindResident(id) is { } resident)
            {
                ordinals.Add(resident.Ordinal);
            }
        }

        return new Posting.View([.. ordinals], ordinals.Count);
    }
}
