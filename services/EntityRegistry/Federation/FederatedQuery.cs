using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.Queries;
using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Federation;

/// <summary>One entity as those saw it who were asked.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Ours">What we hold of it, when it matches here.</param>
/// <param name="Theirs">What the sources told of it, in the order of their registration.</param>
internal readonly record struct Sighting(string Id, EntityDocument? Ours, List<SourceView> Theirs);

/// <summary>What one source told of an entity.</summary>
internal readonly record struct SourceView(ContextSourceRegistration Source, EntityNode Entity);

/// <summary>One query put to our index and to other sources within one budget of time, and what they answer merged (GS CIM 009 4.3.6).</summary>
internal sealed class FederatedQuery
{
    private readonly ResidentIndex _index;
    private readonly EntityQuery _query;
    private readonly EvaluationContext _evaluation;
    private readonly IReadOnlyList<ContextSourceRegistration> _sources;
    private readonly Func<ContextSourceRegistration, SourceRequest, Task<SourceAnswer<List<EntityNode>>>> _ask;
    private readonly SourceQuery _asked;
    private readonly HashSet<string> _warnings = new(StringComparer.Ordinal);
    private readonly CancellationToken _cancel;

    /// <summary>A conversation with the sources.</summary>
    /// <param name="index">Our entities.</param>
    /// <param name="query">What is asked.</param>
    /// <param name="context">The @context of the query.</param>
    /// <param name="evaluation">Who asks, when.</param>
    /// <param name="sources">Who else is asked, in the order of registration.</param>
    /// <param name="ask">Asks one of them.</param>
    /// <param name="mostUnordered">Entities that are read at most of a source that keeps no order.</param>
    /// <param name="cancel">The caller went away.</param>
    public FederatedQuery(
        ResidentIndex index,
        EntityQuery query,
        JsonLdContext context,
        in EvaluationContext evaluation,
        IReadOnlyList<ContextSourceRegistration> sources,
        Func<ContextSourceRegistration, SourceRequest, Task<SourceAnswer<List<EntityNode>>>> ask,
        int mostUnordered,
        CancellationToken cancel)
    {
        _index = index;
        _query = query;
        _evaluation = evaluation;
        _sources = sources;
        _ask = ask;
        _asked = new SourceQuery(query, context);
        _cancel = cancel;
        MostUnordered = mostUnordered;
    }

    /// <summary>Entities that are read at most of a source that keeps no order.</summary>
    public int MostUnordered { get; }

    /// <summary>Who else is asked.</summary>
    public IReadOnlyList<ContextSourceRegistration> Sources => _sources;

    /// <summary>What went wrong so far: sources that did not answer, or not to the end.</summary>
    public IReadOnlyCollection<string> Warnings => _warnings;

    /// <summary>Reads one answer's entities; one that cannot be read does not spoil the others.</summary>
    public static List<EntityNode> Read(ReadOnlyMemory<byte> body, JsonLdContext context)
    {
        ReadOnlySpan<byte> json = body.Span.Trim(" \t\r\n"u8);
        bool none = json is [(byte)'[', .., (byte)']'] && json[1..^1].Trim(" \t\r\n"u8).IsEmpty;
        return none ? [] : [.. EntityParser.ParseEntities(body, context, ParseOptions.Answer).Where(e => e.Entity is not null).Select(e => e.Entity!)];
    }

    /// <summary>Asks a source for a page.</summary>
    public Task<SourceAnswer<List<EntityNode>>> AskAsync(ContextSourceRegistration source, SourcePage page) => AskAsync(source, _asked.Page(source, page));

    /// <summary>Every entity that anyone holds to match, in the order of ids, each once.</summary>
    /// <param name="after">The id after which to begin; null for all.</param>
    /// <param name="wanted">How many are likely to be read.</param>
    /// <param name="idsOnly">Whether the sources' ids are enough.</param>
    public async IAsyncEnumerable<Sighting> WalkAsync(string? after, long wanted, bool idsOnly)
    {
        EntityQuery ourQuery = _query.SplitsEntities ? _query with { Q = null, Geo = null, Scopes = null, Projection = Projection.Everything } : _query;
        var ours = new LocalCursor(_index, ourQuery, _evaluation, after, wanted, _cancel);
        int page = (int)Math.Min(wanted, Paging.MostLimit);
        SourceCursor[] theirs = [.. _sources.Select(source => new SourceCursor(this, source, after, page, idsOnly))];
        Task asking = Task.WhenAll(theirs.Select(cursor => cursor.StartAsync()));
        ours.Start();
        await asking;
        while (Least(ours, theirs) is { } id)
        {
            EntityDocument? our = ours.Head?.Id == id ? ours.Take() : null;
            var views = new List<SourceView>();
            foreach (SourceCursor cursor in theirs)
            {
                while (cursor.Head is { } entity && entity.Id == id)
                {
                    views.Add(new SourceView(cursor.Source, entity));
                    await cursor.NextAsync();
                }
            }

            yield return new Sighting(id, our, views);
        }
    }

    /// <summary>The entities themselves, merged; only those that match as a whole, and that the caller may see.</summary>
    /// <param name="after">The id after which to begin; null for all.</param>
    /// <param name="wanted">How many are likely to be read.</param>
    public async IAsyncEnumerable<EntityDocument> MatchesAsync(string? after, long wanted)
    {
        await foreach (Sighting seen in WalkAsync(after, wanted, idsOnly: false))
        {
            if (Merge(seen) is { } entity)
            {
                yield return entity;
            }
        }
    }

    /// <summary>Some entities by their ids, merged; only those that match. Those are left out that a silent source might have told of.</summary>
    /// <param name="wanted">For each id the sources to be asked.</param>
    /// <returns>The entities, and the sources that did not answer.</returns>
    public async Task<(Dictionary<string, EntityDocument> Entities, HashSet<string> Silent)> FindAsync(IReadOnlyCollection<KeyValuePair<string, string[]>> wanted)
    {
        IEnumerable<Task<SourceAnswer<List<EntityNode>>>> asking =
            from source in _sources
            let ids = wanted.Where(w => w.Value.Contains(source.Id)).Select(w => w.Key).ToArray()
            where ids.Length > 0
            from request in _asked.Entities(source, ids)
            select AskAsync(source, request);
        SourceAnswer<List<EntityNode>>[] answers = await Task.WhenAll(asking);
        ILookup<string, SourceView> views = answers
            .SelectMany(a => (a.Value ?? []).Select(e => new SourceView(a.Source, e)))
            .ToLookup(v => v.Entity.Id, StringComparer.Ordinal);
        var found = new Dictionary<string, EntityDocument>(StringComparer.Ordinal);
        foreach ((string id, _) in wanted)
        {
            if (Merge(new Sighting(id, null, [.. views[id]])) is { } entity)
            {
                found[id] = entity;
            }
        }

        return (found, [.. answers.Where(a => a.Warning is not null).Select(a => a.Source.Id)]);
    }

    /// <summary>Takes a warning for the answer; one that is known already adds nothing.</summary>
    public void Warn(string warning)
    {
        lock (_warnings)
        {
            _warnings.Add(warning);
        }
    }

    private EntityDocument? Merge(in Sighting seen)
    {
        EntityDocument? ours = seen.Ours ?? _index.Find(seen.Id);
        EntityDocument? whole = seen.Theirs.Count == 0 ? ours : FederatedMerge.Merge(ours, seen.Theirs);
        return whole is not null && _query.Matches(whole, _evaluation) ? whole : null;
    }

    private async Task<SourceAnswer<List<EntityNode>>> AskAsync(ContextSourceRegistration source, SourceRequest? request)
    {
        SourceAnswer<List<EntityNode>> answer = request is null
            ? SourceClient.Unanswered<List<EntityNode>>(source, 299, "cannot be asked this: it is not registered for queryBatch")
            : await _ask(source, request);
        if (answer.Warning is not null)
        {
            Warn(answer.Warning);
        }

        return answer;
    }

    private static string? Least(LocalCursor ours, SourceCursor[] theirs)
    {
        string? least = ours.Head?.Id;
        foreach (SourceCursor cursor in theirs)
        {
            if (cursor.Head is { } head && (least is null || EntityIdOrder.Compare(head.Id, least) < 0))
            {
                least = head.Id;
            }
        }

        return least;
    }
}
