using System.Threading.Channels;

namespace Twin.Node.Import;

/// <summary>
/// Sends batches on several connections at a time. An entity's id picks its lane and a lane sends one batch after the
/// other, so that of two records with one id the later is the one that stays.
/// </summary>
internal sealed class Lanes
{
    private const int BytesLimit = 8 * 1024 * 1024;

    private readonly Lane[] _lanes;
    private readonly int _batch;

    /// <param name="node">Where to.</param>
    /// <param name="count">How many at a time.</param>
    /// <param name="batch">Entities in a batch.</param>
    /// <param name="sent">Told of each batch that is done, with what was refused of it.</param>
    public Lanes(NodeClient node, int count, int batch, Action<Batch, List<Refusal>> sent)
    {
        _batch = batch;
        _lanes = [.. Enumerable.Range(0, count).Select(_ => new Lane(node, sent))];
    }

    /// <summary>Starts sending. Ends when <see cref="Complete"/> was called and all is sent, or one lane failed.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_lanes.Select(lane => lane.RunAsync(cancellationToken)));

    /// <summary>Adds an entity; waits when its lane is behind.</summary>
    public async ValueTask AddAsync(EntityRow row, CancellationToken cancellationToken)
    {
        var lane = _lanes[(uint)StringComparer.Ordinal.GetHashCode(row.Id!) % _lanes.Length];
        if (lane.MustFlushBefore(row))
        {
            await lane.FlushAsync(cancellationToken);
        }

        lane.Add(row);
        if (lane.Count >= _batch || lane.Bytes >= BytesLimit)
        {
            await lane.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Sends what is collected.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in _lanes)
        {
            await lane.FlushAsync(cancellationToken);
        }
    }

    /// <summary>No more comes.</summary>
    public void Complete()
    {
        foreach (var lane in _lanes)
        {
            lane.Complete();
        }
    }

    /// <summary>The first record that is not done with; null when all are.</summary>
    public long? FirstPending() => _lanes.Min(static l => l.FirstPending());

    private sealed class Lane(NodeClient node, Action<Batch, List<Refusal>> sent)
    {
        private readonly Channel<Batch> _batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true });
        private readonly Lock _gate = new();
        private readonly Queue<long> _pending = new();
        private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
        private List<EntityRow> _rows = [];

        public int Count => _rows.Count;

        public long Bytes { get; private set; }

        public bool MustFlushBefore(EntityRow row) => _rows.Count > 0 && (_rows[0].CarriesContext != row.CarriesContext || _ids.Contains(row.Id!));

        public void Add(EntityRow row)
        {
            lock (_gate)
            {
                if (_rows.Count == 0)
                {
                    _pending.Enqueue(row.Row);
                }
            }

            _rows.Add(row);
            _ids.Add(row.Id!);
            Bytes += row.Json.Length;
        }

        public async ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            if (_rows.Count > 0)
            {
                await _batches.Writer.WriteAsync(new(_rows, _rows[0].CarriesContext), cancellationToken);
                (_rows, Bytes) = ([], 0);
                _ids.Clear();
            }
        }

        public void Complete() => _batches.Writer.TryComplete();

        public long? FirstPending()
        {
            lock (_gate)
            {
                return _pending.TryPeek(out var row) ? row : null;
            }
        }

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var batch in _batches.Reader.ReadAllAsync(cancellationToken))
                {
                    var refused = await batch.UpsertAsync(node, cancellationToken);
                    sent(batch, refused);
                    lock (_gate)
                    {
                        _pending.Dequeue();
                    }
                }
            }
            catch (Exception error)
            {
                // The reader of the input must not wait for a lane that has ended.
                _batches.Writer.TryComplete(error);
                throw;
            }
        }
    }
}
