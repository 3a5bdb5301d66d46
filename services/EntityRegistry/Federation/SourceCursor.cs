using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Federation;

/// <summary>
/// Reads one source's matches in the order of ids, page by page in the source's own paging, and holds no more than a page of them.
/// A node of this kind goes on after an id, so that what comes and goes meanwhile shifts nothing; any other by offset. A source
/// that does not answer in the order of ids is read whole first, up to a bound.
/// </summary>
/// <param name="federation">The conversation that this is part of.</param>
/// <param name="source">The source.</param>
/// <param name="after">The id after which to begin; null for all.</param>
/// <param name="pageSize">Entities asked for at a time.</param>
/// <param name="idsOnly">Whether ids are enough.</param>
internal sealed class SourceCursor(FederatedQuery federation, ContextSourceRegistration source, string? after, int pageSize, bool idsOnly)
{
    private readonly Queue<EntityNode> _ahead = new();
    private readonly string? _begin = after;
    private string? _last = after;
    private int _offset;
    private bool _ended;

    /// <summary>The source.</summary>
    public ContextSourceRegistration Source => source;

    /// <summary>The next entity; null when there are no more.</summary>
    public EntityNode? Head => _ahead.TryPeek(out EntityNode? next) ? next : null;

    /// <summary>Reads the first page.</summary>
    public Task StartAsync() => FillAsync();

    /// <summary>Goes on to the next entity.</summary>
    public ValueTask NextAsync()
    {
        _ahead.Dequeue();
        return _ahead.Count > 0 || _ended ? ValueTask.CompletedTask : new ValueTask(FillAsync());
    }

    private async Task FillAsync()
    {
        while (_ahead.Count == 0 && !_ended)
        {
            bool byKey = _last is not null && source.Health.PagesByKey != false;
            var page = new SourcePage(pageSize) { InOrder = true, After = byKey ? _last : null, Offset = byKey ? 0 : _offset, IdsOnly = idsOnly };
            SourceAnswer<List<EntityNode>> answer = await federation.AskAsync(source, page);
            List<EntityNode> entities = answer.Value ?? [];
            bool unusable = answer.IsRefused || !InOrder(entities, page.After);
            if (unusable && byKey)
            {
                // It does not know pageAfter: then by offset, and what comes before the beginning is passed over.
                source.Health.PagesByKey = false;
            }
            else if (unusable && _offset > 0)
            {
                End("changed its order from page to page");
            }
            else if (unusable)
            {
                await DrainAsync(answer);
            }
            else
            {
                Take(answer, entities, pageSize);
            }
        }
    }

    private void Take(SourceAnswer<List<EntityNode>> answer, List<EntityNode> entities, int asked)
    {
        bool more = answer.HasNext || entities.Count >= asked;
        if (more && source.Health.PagesByKey is null or false)
        {
            source.Health.PagesByKey = answer.PagesByKey;
        }

        _offset += entities.Count;
        foreach (EntityNode entity in entities.Where(e => _last is null || EntityIdOrder.Compare(e.Id, _last) > 0))
        {
            _ahead.Enqueue(entity);
            _last = entity.Id;
        }

        _ended = answer.Warning is not null || !more || entities.Count == 0;
    }

    /// <summary>Reads a source that keeps no order to its end, and orders what it told.</summary>
    private async Task DrainAsync(SourceAnswer<List<EntityNode>> first)
    {
        var all = new List<EntityNode>(first.Value ?? []);
        bool more = first.IsRefused || first.HasNext || all.Count >= pageSize;
        while (more)
        {
            if (all.Count >= federation.MostUnordered)
            {
                End($"keeps no order and has more than the {all.Count} entities that were read of it");
                break;
            }

            SourceAnswer<List<EntityNode>> answer = await federation.AskAsync(source, new SourcePage(pageSize) { Offset = all.Count });
            List<EntityNode> entities = answer.Value ?? [];
            all.AddRange(entities);
            more = entities.Count > 0 && (answer.HasNext || entities.Count >= pageSize);
        }

        all.Sort(static (x, y) => EntityIdOrder.Compare(x.Id, y.Id));
        foreach (EntityNode entity in all.Where(e => _begin is null || EntityIdOrder.Compare(e.Id, _begin) > 0))
        {
            _ahead.Enqueue(entity);
        }

        _ended = true;
    }

    private void End(string fault)
    {
        federation.Warn(SourceClient.Unanswered<List<EntityNode>>(source, 299, fault).Warning!);
        _ended = true;
    }

    private static bool InOrder(List<EntityNode> entities, string? after)
    {
        string? last = after;
        foreach (EntityNode entity in entities)
        {
            if (last is not null && EntityIdOrder.Compare(entity.Id, last) <= 0)
            {
                return false;
            }

            last = entity.Id;
        }

        return true;
    }
}
