using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Sources;

/// <summary>
/// The messages of one source that wait for their commit. Those that come while one is on its way go with the next, and
/// each is acknowledged to its source when its points are durable, never before.
/// </summary>
/// <param name="intake">Commits them.</param>
/// <param name="state">Counts them.</param>
/// <param name="tenant">Whose points they are.</param>
/// <param name="capacity">How many may wait.</param>
/// <param name="clock">Counts pauses.</param>
/// <param name="log">Takes failures.</param>
internal sealed partial class SourceQueue(MessageIntake intake, SourceState state, string? tenant, int capacity, TimeProvider clock, ILogger log)
{
    private const int MostMessages = 1000;
    private const int MostBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly Channel<SourceMessage> queue = Channel.CreateBounded<SourceMessage>(new BoundedChannelOptions(capacity) { SingleReader = true });

    private long bytes;

    /// <summary>How many wait.</summary>
    public int Count => queue.Reader.Count;

    /// <summary>The bytes of those that wait, and of those that are being committed.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Takes a message if there is room.</summary>
    public bool TryAdd(SourceMessage message)
    {
        if (!queue.Writer.TryWrite(message))
        {
            return false;
        }

        Interlocked.Add(ref bytes, message.Payload.Length);
        return true;
    }

    /// <summary>Takes a message when there is room.</summary>
    /// <exception cref="ChannelClosedException">Nothing is taken any more.</exception>
    public async ValueTask AddAsync(SourceMessage message, CancellationToken cancel)
    {
        await queue.Writer.WriteAsync(message, cancel);
        Interlocked.Add(ref bytes, message.Payload.Length);
    }

    /// <summary>Lets nothing more in; <see cref="RunAsync"/> ends when the rest is done.</summary>
    public void Complete() => queue.Writer.TryComplete();

    /// <summary>Commits what comes until <see cref="Complete"/>.</summary>
    /// <param name="stopping">Once it is cancelled, what cannot be committed is left to its source.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        var some = new List<SourceMessage>();
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            some.Clear();
            var taken = 0L;
            for (; some.Count < MostMessages && taken < MostBytes && queue.Reader.TryRead(out var message); taken += message.Payload.Length)
            {
                some.Add(message);
            }

            if (!await TryCommitAsync(some, stopping))
            {
                return;
            }

            await AcknowledgeAsync(some);
            Interlocked.Add(ref bytes, -taken);
        }
    }

    /// <returns>False when the node stops before it succeeds.</returns>
    private async Task<bool> TryCommitAsync(List<SourceMessage> some, CancellationToken stopping)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                state.Add(await intake.CommitAsync(tenant, some, CancellationToken.None));
                return true;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                state.Fail(fault is TailUnavailableException ? fault.Message : "The points could not be kept; the log of the node says why.");
                Log.CommitFailed(log, fault, state.Name, some.Count);
            }

            try
            {
                await Task.Delay(pause, clock, stopping);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    private async Task AcknowledgeAsync(List<SourceMessage> some)
    {
        foreach (var message in some)
        {
            if (message.Acknowledge is not { } acknowledge)
            {
                continue;
            }

            try
            {
                await acknowledge(CancellationToken.None);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // The connection has gone: the source brings the rest again, and points are known by their time.
                Log.NotAcknowledged(log, state.Name, fault.Message);
                return;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{Count} messages of the source {Source} could not be committed; they wait and are tried again")]
        public static partial void CommitFailed(ILogger logger, Exception failure, string source, int count);

        [LoggerMessage(Level = LogLevel.Debug, Message = "Messages of the source {Source} were committed and could not be acknowledged, so they come again: {Reason}")]
        public static partial void NotAcknowledged(ILogger logger, string source, string reason);
    }
}
