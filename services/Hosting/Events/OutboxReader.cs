using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Twin.Hosting.Events;

/// <summary>Takes the events of one outbox to one sink, in commit order, for as long as the process runs.</summary>
internal sealed partial class OutboxReader(
    EventOutbox outbox, IEventSink sink, EventOptions options, EventLag lag, TimeProvider time, ILogger logger)
{
    /// <summary>Reads an outbox that nobody wants anything of, so that it does not grow for ever.</summary>
    public const string Nobody = "in-process/nobody";

    // Noting the place costs a durable write: it trails, and what was delivered past it is delivered again after a crash.
    private static readonly TimeSpan PassInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(5);

    // What comes within goes along in one read and one effect: a read after every commit would cost the writer dearly.
    private readonly TimeSpan linger = sink.Topics?.Count == 0 ? PassInterval : options.Linger;

    private readonly OutboxLog log = new(outbox.Database, time);
    private readonly SemaphoreSlim signal = outbox.AddReader();

    public async Task RunAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await log.OpenAsync(sink.Reader, stopping);
                if (connection is null)
                {
                    // Another process reads; when it ends, this one takes over.
                    await signal.WaitAsync(options.MaxRetryDelay, stopping);
                    continue;
                }

                // Before the sink, which may not be reached at all: what waits for it is told all the same.
                await MeasureAsync(connection, await log.PlaceOfAsync(sink.Reader, stopping), stopping);
                var start = await sink.StartAsync(log, stopping);
                failures = 0;
                await ReadAsync(connection, start, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop is where a failure ends: it is logged, shown in readiness, and tried again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                lag.Failed(outbox.Database.Service, sink.Reader, e.Message);
                Log.ReaderFailed(logger, sink.Reader, outbox.Database.Service, e);
                await PauseAsync(Backoff.Delay(options, failures++), stopping);
            }
        }
    }

    private async Task ReadAsync(DbConnection connection, OutboxPosition start, CancellationToken stopping)
    {
        var position = start;
        var passed = start;
        var passedAt = time.GetTimestamp();
        var measuredAt = 0L;
        while (true)
        {
            var batch = await log.ReadAsync(connection, position, sink.Topics, options.BatchSize, stopping);
            if (!batch.Empty)
            {
                if (measuredAt == 0L || time.GetElapsedTime(measuredAt) > MeasureInterval)
                {
                    await MeasureAsync(connection, position, stopping);
                    measuredAt = time.GetTimestamp();
                }

                await sink.DeliverAsync(log, batch, stopping);
                position = batch.End;
            }

            if (position > passed && time.GetElapsedTime(passedAt) > PassInterval)
            {
                await log.PassAsync(sink.Reader, position, options.Retention, stopping);
                (passed, passedAt) = (position, time.GetTimestamp());
            }

            if (batch.Empty)
            {
                lag.Set(outbox.Database.Service, sink.Reader, 0, null);
                measuredAt = 0L;
                await signal.WaitAsync(options.PollInterval, stopping);
            }
            else if (!batch.Full)
            {
                await Task.Delay(linger, stopping);
            }
        }
    }

    private async Task MeasureAsync(DbConnection connection, OutboxPosition position, CancellationToken stopping)
    {
        var (events, oldest) = await log.LagAsync(connection, position, stopping);
        lag.Set(outbox.Database.Service, sink.Reader, events, oldest);
    }

    private async Task PauseAsync(TimeSpan delay, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(delay, time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop ends by itself.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The reader {Reader} of the outbox of {Service} failed and will try again")]
        public static partial void ReaderFailed(ILogger logger, string reader, string service, Exception error);
    }
}

/// <summary>Pauses that double.</summary>
internal static class Backoff
{
    /// <summary>The pause after the given number of earlier failures.</summary>
    public static TimeSpan Delay(EventOptions options, int failures)
    {
        var delay = options.RetryDelay * Math.Pow(2, Math.Min(failures, 20));
        return delay < options.MaxRetryDelay ? delay : options.MaxRetryDelay;
    }
}
