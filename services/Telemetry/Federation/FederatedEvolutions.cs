using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Federation;

/// <summary>What is wanted of evolutions.</summary>
/// <param name="Query">Which entities, and which members of them.</param>
/// <param name="Temporal">Which instances.</param>
/// <param name="Context">The @context of the query.</param>
/// <param name="Evaluation">Who asks, when.</param>
/// <param name="MostInstances">Instances in one answer.</param>
internal sealed record EvolutionsWanted(EntityQuery Query, TemporalQuery Temporal, JsonLdContext Context, EvaluationContext Evaluation, int MostInstances)
{
    /// <summary>Whether aggregates are wanted, and not instances.</summary>
    public bool Aggregates { get; init; }

    /// <summary>Whether the greatest ids come first.</summary>
    public bool Descending { get; init; }
}

/// <summary>
/// Evolutions that several hold (GS CIM 009 4.3.6, 5.7.3.4, 5.7.4.4). First everybody is asked for the ids of what matches, all at
/// once; then, for the entities of the page, for their instances, of which one evolution is made.
/// </summary>
internal sealed class FederatedEvolutions(ContextSources sources, TemporalReader reader)
{
    /// <summary>Ids in one URL.</summary>
    private const int IdsAtOnce = 40;

    /// <summary>Ids that are read at most of one source.</summary>
    private const int MostIds = 10_000;

    /// <summary>Begins to ask other sources; null when there is nobody to ask.</summary>
    public SourceConversation? Open(HttpContext http, string operation, EvolutionsWanted wants, string? id) =>
        sources.Open(http, operation, wants.Query, id, wants.Temporal, wants.Context);

    /// <summary>What this node holds of one entity; null when nothing that may be seen.</summary>
    public Task<EntityWindow?> OursAsync(Tenant tenant, string id, EvolutionsWanted wants, CancellationToken cancel) =>
        tenant.FindEntity(id) is { } entity
            ? reader.For(wants.Query, wants.Temporal, wants.Evaluation, wants.MostInstances + 1).RetrieveAsync(entity, !wants.Aggregates, cancel)
            : Task.FromResult<EntityWindow?>(null);

    /// <summary>What all hold of one entity; null when nothing that may be seen.</summary>
    /// <returns>The evolution, and how far it is known (<see cref="EvolutionPart.Cut"/>).</returns>
    public async Task<(EntityWindow? Window, long? Known)> RetrieveAsync(SourceConversation told, Tenant tenant, string id, EvolutionsWanted wants)
    {
        var asking = told.AskAsync(new EvolutionQuestion(wants.Query, wants.Context).Entity(id, wants.Temporal, wants.Aggregates));
        var ours = await OursAsync(tenant, id, wants, told.Cancel);
        var answers = await asking;
        var parts = Parts(told, answers, isList: false, wants).Where(part => part.Entity.Id == id).ToList();
        if (wants.Aggregates)
        {
            return (await new FederatedAggregates(told, tenant, wants, reader).MergeAsync(id, ours, parts, Refused(answers)), null);
        }

        return (MergeOf(tenant, wants).Merge(id, ours, parts), Known(parts, wants.Temporal));
    }

    /// <summary>The ids of what matches anywhere, in their order.</summary>
    /// <param name="told">Who else is asked.</param>
    /// <param name="tenant">Whose entities.</param>
    /// <param name="candidates">The entities of this node that may match, in the order of their ids.</param>
    /// <param name="wants">What is wanted.</param>
    /// <param name="wanted">How many ids are needed; there may be more in the answer.</param>
    public async Task<string[]> IdsAsync(SourceConversation told, Tenant tenant, IEnumerable<SeriesEntity> candidates, EvolutionsWanted wants, int wanted)
    {
        var query = wants.Query;
        if (!query.SplitsEntities || (query.Q is null && query.Geo is null))
        {
            return await IdsAsync(told, candidates, wants, wanted);
        }

        // No source can judge a part of an entity: all parts of all that may match are read, and judged together.
        var maybe = await IdsAsync(told, candidates, wants with { Query = query with { Q = null, Geo = null } }, int.MaxValue);
        var whole = wants with { Query = query with { Projection = Projection.Everything, Texts = query.Texts.Where(static one => one.Key is "scopeQ").ToDictionary(StringComparer.Ordinal) } };
        var reading = new WholeEvolutions(told);
        var ids = new List<string>();
        foreach (var some in maybe.Chunk(IdsAtOnce))
        {
            var windows = await WholeAsync(told, reading, tenant, some, whole);
            ids.AddRange(windows.Where(window => TemporalReader.Passes(window, query, wants.Evaluation)).Select(static window => window.Entity.Id));
            if (ids.Count >= wanted)
            {
                break;
            }
        }

        return [.. ids];
    }

    private async Task<List<EntityWindow>> WholeAsync(SourceConversation told, WholeEvolutions reading, Tenant tenant, string[] ids, EvolutionsWanted wants)
    {
        var asking = Task.WhenAll(told.Registrations.Select(registration => reading.ReadAsync(registration, ids, wants)).ToArray());
        wants = wants with { Temporal = wants.Temporal with { LastN = null } };
        var judge = reader.For(wants.Query with { Q = null, Geo = null }, wants.Temporal, wants.Evaluation, WholeEvolutions.Most);
        var ours = new Dictionary<string, EntityWindow>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            if (tenant.FindEntity(id) is { } entity && await judge.TakeAsync(entity, reads: true, told.Cancel) is { } window)
            {
                ours.Add(id, window);
            }
        }

        var parts = (await asking).SelectMany(static some => some).ToLookup(static part => part.Entity.Id, StringComparer.Ordinal);
        var merge = MergeOf(tenant, wants);
        return [.. ids.Select(id => merge.Merge(id, ours.GetValueOrDefault(id), parts[id])).OfType<EntityWindow>()];
    }

    private async Task<string[]> IdsAsync(SourceConversation told, IEnumerable<SeriesEntity> candidates, EvolutionsWanted wants, int wanted)
    {
        var asking = TheirIdsAsync(told, wants, wanted);
        var judge = reader.For(wants.Query, wants.Temporal, wants.Evaluation, 1);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entity in candidates)
        {
            if (await judge.TakeAsync(entity, reads: false, told.Cancel) is not null && ids.Add(entity.Id) && ids.Count >= wanted)
            {
                break;
            }
        }

        ids.UnionWith(await asking);
        return wants.Descending ? [.. ids.OrderDescending(StringComparer.Ordinal)] : [.. ids.Order(StringComparer.Ordinal)];
    }

    /// <summary>What all hold of some entities.</summary>
    /// <returns>The evolutions in the order of the ids, and how far they are known (<see cref="EvolutionPart.Cut"/>).</returns>
    public async Task<(List<EntityWindow> Windows, long? Known)> FindAsync(SourceConversation told, Tenant tenant, IReadOnlyList<string> ids, EvolutionsWanted wants)
    {
        var question = new EvolutionQuestion(wants.Query, wants.Context);
        var asking = Task.WhenAll(ids.Chunk(IdsAtOnce).Select(some => told.AskAsync(question.Entities(new EvolutionPage(some.Length) { Ids = some }, wants.Temporal, wants.Aggregates), null, some)));
        // Who matched somewhere is told whole, whatever a part of it would be judged as.
        var judge = reader.For(wants.Query with { Q = null, Geo = null }, wants.Temporal, wants.Evaluation, wants.MostInstances + 1);
        var ours = new Dictionary<string, EntityWindow>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            if (tenant.FindEntity(id) is { } entity && await judge.TakeAsync(entity, !wants.Aggregates, told.Cancel) is { } window)
            {
                ours.Add(id, window);
            }
        }

        var answered = await asking;
        var parts = answered.SelectMany(answers => Parts(told, answers, isList: true, wants)).ToLookup(static part => part.Entity.Id, StringComparer.Ordinal);
        if (wants.Aggregates)
        {
            var aggregates = new FederatedAggregates(told, tenant, wants, reader);
            var refused = Refused(answered.SelectMany(static answers => answers));
            var made = await Task.WhenAll(ids.Select(id => aggregates.MergeAsync(id, ours.GetValueOrDefault(id), [.. parts[id]], refused)));
            return ([.. made.OfType<EntityWindow>()], null);
        }

        var merge = MergeOf(tenant, wants);
        var windows = ids.Select(id => merge.Merge(id, ours.GetValueOrDefault(id), parts[id])).OfType<EntityWindow>().ToList();
        return (windows, Known(ids.SelectMany(id => parts[id]), wants.Temporal));
    }

    private static async Task<HashSet<string>> TheirIdsAsync(SourceConversation told, EvolutionsWanted wants, int wanted)
    {
        wants = wants with { Aggregates = false };
        var first = new EvolutionPage(Math.Min(wanted, Paging.MostLimit)) { Descending = wants.Descending };
        var answers = await told.AskAsync(new EvolutionQuestion(wants.Query, wants.Context).Entities(first, OneOfEach(wants)));
        return [.. (await Task.WhenAll(answers.Select(answer => TheirIdsAsync(told, answer, first, wants, wanted)))).SelectMany(static ids => ids)];
    }

    /// <summary>The ids of one source, page by page; of one that keeps no order all of them.</summary>
    private static async Task<List<string>> TheirIdsAsync(SourceConversation told, Told answer, EvolutionPage page, EvolutionsWanted wants, int wanted)
    {
        var question = new EvolutionQuestion(wants.Query, wants.Context);
        var merge = MergeOf(new Tenant(0, ""), wants);
        var ids = new List<string>();
        string? last = null;
        var (ordered, read) = (true, 0);
        while (true)
        {
            if (answer.IsRefused && page.Descending is not null)
            {
                (ordered, page) = (false, new EvolutionPage(Paging.MostLimit));
            }
            else
            {
                foreach (var part in Parts(told, [answer], isList: true, wants))
                {
                    ordered = ordered && (last is null || string.CompareOrdinal(last, part.Entity.Id) < 0 != wants.Descending);
                    (last, read) = (part.Entity.Id, read + 1);
                    if (merge.Sees(part))
                    {
                        ids.Add(part.Entity.Id);
                    }
                }

                if (!answer.HasNext || (ordered && ids.Count >= wanted))
                {
                    return ids;
                }

                if (read >= MostIds)
                {
                    told.Warn(199, answer.Registration, $"has more than {MostIds} entities that match: the others are missing");
                    return ids;
                }

                page = page with { Limit = Paging.MostLimit, Offset = page.Offset + page.Limit };
            }

            if (await told.AskAsync(question.Entities(page, OneOfEach(wants)), answer.Registration) is not [var next])
            {
                return ids;
            }

            answer = next;
        }
    }

    /// <summary>An instance of each series is enough to know that there are any.</summary>
    private static TemporalQuery OneOfEach(EvolutionsWanted wants) => wants.Temporal with { LastN = 1 };

    private static EvolutionMerge MergeOf(Tenant tenant, EvolutionsWanted wants) => new(tenant, wants.Query.Projection, wants.Temporal, wants.Evaluation);

    private static HashSet<string> Refused(IEnumerable<Told> answers) =>
        answers.Where(static answer => answer.IsRefused).Select(static answer => answer.Registration).ToHashSet(StringComparer.Ordinal);

    /// <summary>The parts of answers; one that is none is warned of.</summary>
    public static List<EvolutionPart> Parts(SourceConversation told, IEnumerable<Told> answers, bool isList, EvolutionsWanted wants)
    {
        var parts = new List<EvolutionPart>();
        foreach (var answer in answers)
        {
            try
            {
                parts.AddRange(wants.Aggregates ? AggregateRows.Read(answer, wants.Context) : EvolutionPart.Read(answer, isList, wants.Context, wants.Temporal));
            }
            catch (NgsiLdException)
            {
                told.Warn(111, answer.Registration, "sent a payload that cannot be used");
            }
        }

        return parts;
    }

    /// <summary>Nothing is known beyond the earliest cut; backwards, before the latest.</summary>
    private static long? Known(IEnumerable<EvolutionPart> parts, TemporalQuery temporal)
    {
        var cuts = parts.Where(static part => part.Cut is not null).Select(static part => part.Cut!.Value).ToList();
        return cuts.Count == 0 ? null : temporal.LastN is null ? cuts.Min() : cuts.Max();
    }
}
