using Twin.EntityRegistry.Index;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Queries;

/// <summary>Reads our own matches in the order of ids, some at a time, each time going on after the last.</summary>
/// <param name="index">The entities.</param>
/// <param name="query">What is asked.</param>
/// <param name="evaluation">Who asks, when.</param>
/// <param name="after">The id after which to begin; null for all.</param>
/// <param name="wanted">How many are likely to be read.</param>
/// <param name="cancel">The caller went away.</param>
internal sealed class LocalCursor(ResidentIndex index, EntityQuery query, EvaluationContext evaluation, string? after, long wanted, CancellationToken cancel)
{
    private List<EntityDocument> _some = [];
    private int _at;
    private string? _last = after;
    private bool _ended;

    /// <summary>The next entity; null when there are no more.</summary>
    public EntityDocument? Head => _at < _some.Count ? _some[_at] : null;

    /// <summary>Reads the first of them.</summary>
    public void Start() => Fill();

    /// <summary>The next entity; goes on to the one after it.</summary>
    public EntityDocument Take()
    {
        EntityDocument taken = _some[_at++];
        if (_at == _some.Count && !_ended)
        {
            Fill();
        }

        return taken;
    }

    private void Fill()
    {
        _some = QueryExecutor.InIdOrder(index, query, evaluation, _last, wanted, false, cancel, out _);
        _at = 0;
        _ended = _some.Count < wanted;
        _last = _some.Count > 0 ? _some[^1].Id : _last;
    }
}
