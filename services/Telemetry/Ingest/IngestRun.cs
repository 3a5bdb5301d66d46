using System.Buffers;
using System.IO.Pipelines;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Ingest;

/// <summary>
/// Takes one body: rows become batches while the body still arrives, and each batch is committed while the next one is
/// read. What it holds in memory is bounded by the size of a batch and the number of them on their way.
/// </summary>
internal sealed class IngestRun(
    TailWriter tail, BatchPool pool, Tenant tenant, RowReader rows, RowTaker taker, IngestReport report, TimeProvider clock)
{
    private const int PointsPerBatch = 16 * 1024;
    private const int MostOnTheirWay = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Queue<PointBatch> onTheirWay = new();
    private readonly ByteWriter writer = new(16 * 1024);
    private PointBatch batch = pool.Rent(tenant);
    private Task handingOver = Task.CompletedTask;
    private Task? sent;
    private long batchBegan;
    private long position;
    private byte[]? joined;

    /// <summary>The upload that the body belongs to; null when it belongs to none.</summary>
    public UploadState? Upload { get; init; }

    /// <summary>Reads the body to its end. When it ends, all that the report counts is durable.</summary>
    /// <exception cref="IngestException">The body cannot be read on.</exception>
    /// <exception cref="TailUnavailableException">The store does not take points.</exception>
    public async Task RunAsync(PipeReader body, CancellationToken cancel)
    {
        position = Upload?.Position ?? 0;
        batchBegan = clock.GetTimestamp();
        try
        {
            while (true)
            {
                var reading = body.ReadAsync(cancel);
                var read = reading.IsCompleted || batch.Points.Count == 0 ? await reading : await ReadOrSendAsync(reading.AsTask(), cancel);
                var consumed = read.Buffer.Start;
                try
                {
                    consumed = await TakeAsync(read.Buffer, read.IsCompleted, cancel);
                }
                finally
                {
                    body.AdvanceTo(consumed, read.Buffer.End);
                }

                if (read.IsCompleted)
                {
                    break;
                }
            }

            rows.End();
            report.WithoutValue = rows.WithoutValue;
            await SendAsync(complete: true, cancel);
        }
        finally
        {
            // What is not sent is nobody's.
            pool.Return(batch);
            await SettleAsync();
            if (joined is not null)
            {
                ArrayPool<byte>.Shared.Return(joined);
            }
        }
    }

    /// <summary>Waits for more; what waits for it too long is sent meanwhile, so that a slow body is acknowledged as it comes.</summary>
    private async Task<ReadResult> ReadOrSendAsync(Task<ReadResult> reading, CancellationToken cancel)
    {
        var left = Patience - clock.GetElapsedTime(batchBegan);
        try
        {
            if (left > TimeSpan.Zero)
            {
                return await reading.WaitAsync(left, clock, cancel);
            }
        }
        catch (TimeoutException)
        {
            // Nothing came: what is there goes first.
        }

        await SendAsync(complete: false, cancel);
        return await reading;
    }

    private async ValueTask<SequencePosition> TakeAsync(ReadOnlySequence<byte> data, bool last, CancellationToken cancel)
    {
        while (true)
        {
            var consumed = TakeRows(data, last);
            position += consumed;
            data = data.Slice(consumed);
            if (rows.Waits)
            {
                await rows.PrepareAsync(cancel);
                continue;
            }

            if (batch.Points.Count < PointsPerBatch)
            {
                return data.Start;
            }

            await SendAsync(complete: false, cancel);
            // A body that comes faster than it is read must not keep those waiting who ask short questions.
            await Task.Yield();
        }
    }

    /// <summary>Takes rows until the batch is full or no row is whole.</summary>
    private int TakeRows(ReadOnlySequence<byte> data, bool last)
    {
        var span = Contiguous(data);
        var at = 0;
        while (batch.Points.Count < PointsPerBatch)
        {
            var found = rows.TryRead(span[at..], last, out var consumed, out var row, out var fault);
            at += consumed;
            if (!found)
            {
                break;
            }

            fault ??= taker.Take(row, batch);
            if (fault is not null)
            {
                report.Refuse(rows.RowLine, fault, rows.PlaceOf(fault.Member));
            }
        }

        return at;
    }

    private ReadOnlySpan<byte> Contiguous(ReadOnlySequence<byte> data)
    {
        if (data.IsSingleSegment)
        {
            return data.FirstSpan;
        }

        var length = checked((int)data.Length);
        if (joined is null || joined.Length < length)
        {
            if (joined is not null)
            {
                ArrayPool<byte>.Shared.Return(joined);
            }

            joined = ArrayPool<byte>.Shared.Rent(length);
        }

        data.CopyTo(joined);
        return joined.AsSpan(0, length);
    }

    private async ValueTask SendAsync(bool complete, CancellationToken cancel)
    {
        if (batch.Points.Count == 0 && Upload is null)
        {
            return;
        }

        while (onTheirWay.Count >= MostOnTheirWay)
        {
            await TakeBackAsync();
        }

        if (Upload is { } upload)
        {
            batch.Upload = upload with
            {
                Position = position,
                Line = rows.Line,
                Header = rows.State,
                Refused = upload.Refused + report.Refused,
                Complete = complete,
            };
        }

        batch.After = sent;
        sent = batch.Committed;
        var (before, one) = (handingOver, batch);
        handingOver = HandOverAsync(before, one, cancel);
        onTheirWay.Enqueue(batch);
        batch = pool.Rent(tenant);
        batchBegan = clock.GetTimestamp();
    }

    /// <summary>Encodes a batch while the next one is read, and hands it over after the one before.</summary>
    private async Task HandOverAsync(Task before, PointBatch one, CancellationToken cancel)
    {
        // The next rows are read meanwhile.
        await Task.Yield();
        await before;
        try
        {
            one.Encode(writer);
            await tail.EnqueueAsync(one, cancel);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            one.Fail(fault);
        }
    }

    private async ValueTask TakeBackAsync()
    {
        var one = onTheirWay.Dequeue();
        report.Counts += await one.Committed;
        pool.Return(one);
    }

    private async Task SettleAsync()
    {
        while (onTheirWay.Count > 0)
        {
            await TakeBackAsync();
        }
    }
}
