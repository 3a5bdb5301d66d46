using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Sources.Payloads;
using Twin.Telemetry.Storage;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Sources;

/// <summary>Commits the points of messages: those that came together become durable together.</summary>
internal sealed partial class MessageIntake(
    TailWriter tail,
    BatchPool pool,
    PointRules rules,
    Freshness freshness,
    TelemetryStore store,
    SeriesDirectory directory,
    SeriesReader reader,
    IOptions<TelemetryOptions> options,
    TimeProvider clock,
    ILogger<MessageIntake> log)
{
    private const int PointsPerBatch = 16 * 1024;

    /// <summary>Takes messages in. When it ends, every point is durable that is not refused, and what was refused is told.</summary>
    /// <param name="tenantName">Whose points they are; null or empty for the default tenant.</param>
    /// <param name="messages">The messages, in their order.</param>
    /// <param name="cancel">Ends the waiting; points may be committed all the same.</param>
    /// <exception cref="TailUnavailableException">The store does not take points; the messages can be handed in again.</exception>
    public async Task<MessageOutcome> CommitAsync(string? tenantName, IReadOnlyList<SourceMessage> messages, CancellationToken cancel)
    {
        var tenant = await directory.GetOrCreateTenantAsync(tenantName, store, cancel);
        if (options.Value.RefuseUnknownEntities)
        {
            // An entity that was created a moment ago is known.
            await freshness.WaitAsync(cancel);
        }

        var taker = new RowTaker(directory, tenant, JsonLdContext.Core, options.Value, rules);
        var outcome = new MessageOutcome { Messages = messages.Count };
        var batch = pool.Rent(tenant);
        foreach (var message in messages)
        {
            if (message.Retained)
            {
                await TakeRetainedAsync(message, taker, tenant, batch, outcome, cancel);
            }
            else
            {
                Decode(message, taker, batch, outcome);
            }

            if (batch.Points.Count >= PointsPerBatch)
            {
                outcome.Counts += await WriteAsync(batch, cancel);
                batch = pool.Rent(tenant);
            }
        }

        if (batch.Points.Count > 0)
        {
            outcome.Counts += await WriteAsync(batch, cancel);
        }
        else
        {
            pool.Return(batch);
        }

        return outcome;
    }

    private async Task<BatchCounts> WriteAsync(PointBatch batch, CancellationToken cancel)
    {
        var counts = await tail.WriteAsync(batch, cancel);
        // One that was not committed, or not yet, is not used again.
        pool.Return(batch);
        return counts;
    }

    /// <returns>Whether points have the time at which the message came.</returns>
    private bool Decode(SourceMessage message, RowTaker taker, PointBatch batch, MessageOutcome outcome)
    {
        var points = new MessagePoints(taker, batch, message);
        try
        {
            if (message.Fault is not null)
            {
                throw new PayloadException(message.Fault);
            }

            message.Decoder.Decode(message, points);
        }
        catch (PayloadException fault)
        {
            outcome.Aside(message, clock.GetUtcNow(), fault.Message);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever it is, the message would come again and again.
            Log.Undecoded(log, fault, message.Topic);
            outcome.Aside(message, clock.GetUtcNow(), fault is InvalidOperationException ? "It holds text that is no Unicode." : "It could not be read; the log of the node says why.");
        }

        outcome.Read(message, points, clock.GetUtcNow());
        return points.HasArrivalTimes;
    }

    /// <summary>
    /// A retained message comes again with each subscription. Where it has a time of its own it is the same point again;
    /// where it has none, it says nothing new as long as the newest point has its value.
    /// </summary>
    private async ValueTask TakeRetainedAsync(SourceMessage message, RowTaker taker, Tenant tenant, PointBatch batch, MessageOutcome outcome, CancellationToken cancel)
    {
        var own = new PointBatch(tenant);
        var arrival = Decode(message, taker, own, outcome);
        for (var i = 0; i < own.Points.Count; i++)
        {
            var (series, form, bits, extra) = (own.Series[i], own.Points.Forms[i], own.Points.Bits[i], own.Points.ExtraAt(i));
            var latest = arrival ? await reader.LatestAsync(series, cancel) : null;
            if (latest is { Count: > 0 } && SameValue(form, bits, extra, latest.Forms[0], latest.Bits[0], latest.ExtraAt(0)))
            {
                outcome.Counts += new BatchCounts(0, 1, 0);
            }
            else
            {
                batch.Add(series, own.Points.Times[i], form, bits, extra);
            }
        }
    }

    private static bool SameValue(byte formA, long bitsA, PointExtra? extraA, byte formB, long bitsB, PointExtra? extraB) =>
        PointValue.Same(formA, bitsA, null, formB, bitsB, null)
        && (!PointForm.IsText(formA) || (extraA is not null && extraB is not null && extraA.Text.Span.SequenceEqual(extraB.Text.Span)));

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "A message of {Topic} could not be read and is set aside")]
        public static partial void Undecoded(ILogger logger, Exception fault, string topic);
    }
}
