using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// Finds one page of entities that come in any order. Holds no more than skip + take of them at a time, so that twenty of a
/// million cost a pass and a small heap.
/// </summary>
public sealed class OrderedPage
{
    private readonly EntityOrder _order;
    private readonly int _skip;
    private readonly int _take;
    private readonly EvaluationContext _context;
    private readonly PriorityQueue<OrderedEntity, OrderedEntity> _worstFirst;

    /// <summary>An empty page.</summary>
    /// <param name="order">The order.</param>
    /// <param name="skip">How many come before the page.</param>
    /// <param name="take">How many are on it.</param>
    /// <param name="context">What the caller sees, and when.</param>
    public OrderedPage(EntityOrder order, int skip, int take, in EvaluationContext context)
    {
        _order = order;
        _skip = skip;
        _take = take;
        _context = context;
        _worstFirst = new PriorityQueue<OrderedEntity, OrderedEntity>(Comparer<OrderedEntity>.Create((x, y) => order.Compare(y, x)));
    }

    /// <summary>How many entities have come.</summary>
    public int Total { get; private set; }

    /// <summary>Takes one more entity in.</summary>
    public void Add(EntityDocument entity)
    {
        Total++;
        long wanted = (long)_skip + _take;
        if (wanted == 0)
        {
            return;
        }

        OrderedEntity keyed = _order.Key(entity, in _context);
        if (_worstFirst.Count < wanted)
        {
            _worstFirst.Enqueue(keyed, keyed);
        }
        else if (_order.Compare(keyed, _worstFirst.Peek()) < 0)
        {
            _worstFirst.DequeueEnqueue(keyed, keyed);
        }
    }

    /// <summary>The page, once all have come. It can be taken once.</summary>
    public List<EntityDocument> Take()
    {
        var page = new List<EntityDocument>(Math.Clamp(_worstFirst.Count - _skip, 0, _take));
        while (_worstFirst.Count > _skip)
        {
            page.Add(_worstFirst.Dequeue().Entity);
        }

        page.Reverse();
        return page;
    }
}
