using System.Data.Common;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Tail;

/// <summary>A point that is there at a time.</summary>
/// <param name="New">It is of the batch that asks.</param>
internal readonly record struct KnownPoint(byte Form, long Bits, PointExtra? Extra, bool New);

/// <summary>
/// Looks up the points of one series at ascending times: in the tail, in what is being sealed, then in chunks, of which it
/// reads each once and only when a time falls into what is sealed.
/// </summary>
internal sealed class KnownPoints : IAsyncDisposable
{
    private readonly PointColumns? tail;
    private readonly PointColumns? frozen;
    private IAsyncEnumerator<StoredChunk>? chunks;
    private long chunkStart = long.MinValue;
    private long chunkEnd = long.MinValue;
    private StoredChunk next;
    private PointColumns? chunk;

    public KnownPoints(TelemetryStore store, TimeSeries series, long first, long last)
    {
        tail = series.Tail;
        frozen = series.Frozen;
        if (first <= series.SealedEnd && last >= series.SealedStart)
        {
            chunks = store.ReadAsync(series.Key, first, last + 1, ChunkParts.Points).GetAsyncEnumerator();
        }
    }

    /// <summary>The point at a time, or null. Times ascend from call to call.</summary>
    public async ValueTask<KnownPoint?> AtAsync(long time) => In(tail, time) ?? In(frozen, time) ?? await InChunksAsync(time);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => chunks?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static KnownPoint? In(PointColumns? points, long time)
    {
        if (points is null)
        {
            return null;
        }

        var count = points.Count;
        var at = points.LowerBound(time, count);
        return at < count && points.Times[at] == time ? new KnownPoint(points.Forms[at], points.Bits[at], points.ExtraAt(at), New: false) : null;
    }

    private async ValueTask<KnownPoint?> InChunksAsync(long time)
    {
        while (chunks is not null && chunkEnd < time)
        {
            if (!await NextChunkAsync(chunks))
            {
                await chunks.DisposeAsync();
                (chunks, chunk) = (null, null);
                return null;
            }

            (next, chunk) = (chunks.Current, null);
            (chunkStart, chunkEnd) = (next.Start, next.End);
        }

        return chunks is null || time < chunkStart ? null : In(chunk ??= next.Points(), time);
    }

    /// <summary>
    /// The points that ask are committed already and must become visible: a store that cannot be read now makes their
    /// counts wrong, not them.
    /// </summary>
    private static async ValueTask<bool> NextChunkAsync(IAsyncEnumerator<StoredChunk> chunks)
    {
        try
        {
            return await chunks.MoveNextAsync();
        }
        catch (DbException)
        {
            return false;
        }
    }
}
