using System.Buffers;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Storage;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Entities;

/// <summary>
/// The one way in which entities change. A write runs its decision against the newest state under a lock, in memory,
/// then waits for the store: everything that came while the last commit was on its way to the disk goes with the next
/// one (group commit). Readers see a change when it is durable, never before.
/// </summary>
internal sealed partial class EntityWriter(
    EntityStore store,
    TenantDirectory tenants,
    TimeProvider clock,
    ILogger<EntityWriter> log) : BackgroundService
{
    /// <summary>Change sets that may wait for the store before callers are told to come back later.</summary>
    private const int MostWaiting = 4096;

    /// <summary>Changes that one commit takes along at most, so that a commit stays short.</summary>
    private const int MostPerCommit = 5_000;

    private readonly Lock _gate = new();
    private readonly Channel<ChangeSet> _queue = Channel.CreateBounded<ChangeSet>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    private long _epoch;

    /// <summary>Runs a decision and makes it durable.</summary>
    /// <param name="tenant">Whose entities.</param>
    /// <param name="decide">
    /// Reads the newest state and says what shall change. It runs under the writer's lock: pure computation, no waiting.
    /// When it throws, nothing has changed.
    /// </param>
    /// <param name="cancel">Gives up waiting; the change itself may still be committed.</param>
    /// <returns>What <paramref name="decide"/> returned, once its changes are durable and visible.</returns>
    /// <exception cref="StoreBusyException">Too many changes wait for the store.</exception>
    public async Task<T> WriteAsync<T>(Tenant tenant, Func<WriteScope, T> decide, CancellationToken cancel)
    {
        T result;
        ChangeSet changes;
        lock (_gate)
        {
            changes = new ChangeSet(_epoch) { TraceParent = Activity.Current?.Id };
            var scope = new WriteScope(tenant, store, clock.GetUtcNow(), changes.Changes);
            result = decide(scope);
            if (changes.Changes.Count == 0)
            {
                return result;
            }

            if (!_queue.Writer.TryWrite(changes))
            {
                throw new StoreBusyException();
            }

            foreach (EntityChange change in changes.Changes)
            {
                tenant.Heads[change.Id] = new Tenant.Head(change.After, change.Sequence, change);
            }
        }

        await changes.Committed.WaitAsync(cancel);
        return result;
    }

    /// <summary>Stops taking changes and waits until those that were taken are durable.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken);
        }

        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var group = new List<ChangeSet>();
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            int size = 0;
            while (size < MostPerCommit && _queue.Reader.TryRead(out ChangeSet? changes))
            {
                if (changes.Epoch == Volatile.Read(ref _epoch))
                {
                    group.Add(changes);
                    size += changes.Changes.Count;
                }
                else
                {
                    string reason = store.Database.Refusal is { } refusal ? $": {refusal.Reason}" : "";
                    changes.Fail(new StoreFailedException($"The store did not take a change before this one{reason}. Nothing has changed; try again later."));
                }
            }

            await CommitAsync(group);
            group.Clear();
        }
    }

    private async Task CommitAsync(List<ChangeSet> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        try
        {
            await store.CommitAsync(group);
            store.Database.Note(refusal: null);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Log.CommitFailed(log, failure, group.Count);
            Abandon(group, failure);
            return;
        }

        foreach (ChangeSet changes in group)
        {
            Publish(changes.Changes);
        }

        lock (_gate)
        {
            foreach (ChangeSet changes in group)
            {
                foreach (EntityChange change in changes.Changes)
                {
                    if (change.Tenant.Heads.TryGetValue(change.Id, out Tenant.Head head) && ReferenceEquals(head.Change, change))
                    {
                        change.Tenant.Heads.Remove(change.Id);
                    }
                }
            }
        }

        foreach (ChangeSet changes in group)
        {
            changes.Complete();
        }
    }

    /// <summary>Makes committed changes visible to readers.</summary>
    private static void Publish(List<EntityChange> changes)
    {
        List<Resident>? deleted = null;
        foreach (EntityChange change in changes)
        {
            ResidentIndex index = change.Tenant.Index;
            Resident? resident = index.FindResident(change.Id);
            if (change.After is null)
            {
                if (resident is not null)
                {
                    (deleted ??= []).Add(resident);
                }

                continue;
            }

            if (deleted?.Count > 0 && change.Before is null)
            {
                index.Delete(deleted);
                deleted = null;
                resident = index.FindResident(change.Id);
            }

            if (resident is null)
            {
                index.Insert(change.Sequence, change.After);
            }
            else
            {
                index.Replace(resident, change.After);
            }
        }

        if (deleted is not null)
        {
            Tenant tenant = changes[0].Tenant;
            tenant.Index.Delete(deleted);
            if (tenant.Index.IsSparse)
            {
                tenant.Index = tenant.Index.Rebuilt();
            }
        }
    }

    /// <summary>Every head stands on what could not be stored: back to what is committed.</summary>
    private void Abandon(List<ChangeSet> group, Exception failure)
    {
        lock (_gate)
        {
            _epoch++;
            foreach (Tenant tenant in tenants.All)
            {
                tenant.Heads.Clear();
            }
        }

        string reason = StoreFaults.Reason(failure) ?? "the log of the node says why";
        store.Database.Note(reason);
        foreach (ChangeSet changes in group)
        {
            changes.Fail(new StoreFailedException($"The store did not take the change: {reason}. Nothing has changed; try again later.", failure));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "A commit of {Sets} change sets failed; their callers were told")]
        public static partial void CommitFailed(ILogger logger, Exception failure, int sets);
    }
}

/// <summary>Too many changes wait for the store: 503 with Retry-After at the edge.</summary>
internal sealed class StoreBusyException() : Exception("The store has more changes waiting than it may; try again shortly.");

/// <summary>The store refused a change that was valid: 503 at the edge, and nothing has changed.</summary>
internal sealed class StoreFailedException(string message, Exception? inner = null) : Exception(message, inner);
