using System.Text.Json;
using System.Threading.Channels;

namespace Twin.Node.Import;

/// <summary>What to import, and how.</summary>
internal sealed record ImportPlan(string File, SourceOptions Source, int BatchSize, int Lanes, bool Resume);

/// <summary>
/// Imports one file: reads, converts and sends at the same time, with a bounded number of records in memory; keeps where
/// it stands in a small file, so that an import that was broken off goes on from there.
/// </summary>
/// <param name="plan">What to import.</param>
/// <param name="node">Where to; null is a dry run.</param>
/// <param name="refused">Told of every refused record.</param>
/// <param name="time">For the state's pace.</param>
internal sealed class ImportRun(ImportPlan plan, NodeClient? node, Action<Refusal> refused, TimeProvider time)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan StatePace = TimeSpan.FromSeconds(1);

    private readonly string _stateFile = ImportState.FileOf(plan.File);
    private long _rows, _sent, _refused, _skipped;

    /// <summary>How much of the file is read, from 0 to 1.</summary>
    public double Share { get; private set; }

    /// <summary>Records read.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Entities that the node took, or in a dry run would have been sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Records refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Records that an earlier run had done.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>
    /// Runs to the end. On cancellation, what is on its way is awaited for a few seconds, the state is written, and
    /// <see cref="OperationCanceledException"/> is thrown.
    /// </summary>
    /// <exception cref="InputException">The file as a whole cannot be read.</exception>
    /// <exception cref="NodeException">The node does not take entities.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (node is null)
        {
            await foreach (var row in EntitySource.ReadAsync(plan.File, plan.Source with { Progress = share => Share = share }, cancellationToken))
            {
                Interlocked.Increment(ref _rows);
                var valid = EntityChecks.Thoroughly(row);
                Count(valid, valid.Refusal is null ? 1 : 0);
            }

            return;
        }

        var content = await ImportState.HashAsync(plan.File, cancellationToken);
        var earlier = plan.Resume ? await ImportState.ReadAsync(_stateFile, cancellationToken) : null;
        var skip = earlier is { } state && state.Content == content && state.Target == node.Node.ToString() ? state.Rows : 0;
        var lanes = new Lanes(node, plan.Lanes, plan.BatchSize, OnSent);
        using var stop = new CancellationTokenSource();
        await using var grace = cancellationToken.Register(() => stop.CancelAfter(Grace));
        var sending = lanes.RunAsync(stop.Token);
        try
        {
            await FeedAsync(lanes, skip, content, cancellationToken);
            await lanes.FlushAsync(cancellationToken);
            lanes.Complete();
            await sending;
            File.Delete(_stateFile);
        }
        catch (Exception error)
        {
            lanes.Complete();
            await SettleAsync(sending);
            await StateAt(lanes, content).WriteAsync(_stateFile);
            // A lane that failed closed its queue: what it failed of is the cause.
            if (error is ChannelClosedException)
            {
                await sending;
            }

            throw;
        }
    }

    private async Task FeedAsync(Lanes lanes, long skip, string content, CancellationToken cancellationToken)
    {
        var written = time.GetTimestamp();
        await foreach (var row in EntitySource.ReadAsync(plan.File, plan.Source with { Progress = share => Share = share }, cancellationToken))
        {
            if (row.Row <= skip)
            {
                Interlocked.Increment(ref _rows);
                Interlocked.Increment(ref _skipped);
                continue;
            }

            if (row.Refusal is null)
            {
                await lanes.AddAsync(row, cancellationToken);
            }
            else
            {
                Count(row, 0);
            }

            Interlocked.Increment(ref _rows);
            if (time.GetElapsedTime(written) > StatePace)
            {
                await StateAt(lanes, content).WriteAsync(_stateFile);
                written = time.GetTimestamp();
            }
        }
    }

    private ImportState StateAt(Lanes lanes, string content) => new(content, node!.Node.ToString(), (lanes.FirstPending() - 1) ?? Rows, Refused);

    private void OnSent(Batch batch, List<Refusal> some)
    {
        foreach (var refusal in some)
        {
            refused(refusal);
        }

        Interlocked.Add(ref _refused, some.Count);
        Interlocked.Add(ref _sent, batch.Rows.Count - some.Count);
    }

    private void Count(EntityRow row, int sent)
    {
        if (row.Refusal is { } refusal)
        {
            refused(refusal);
            Interlocked.Increment(ref _refused);
        }

        Interlocked.Add(ref _sent, sent);
    }

    /// <summary>Waits for what is on its way; its own fault is not what broke the import off, or is told by the caller.</summary>
    private static async Task SettleAsync(Task sending) => await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
