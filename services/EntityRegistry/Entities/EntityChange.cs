using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Entities;

/// <summary>One entity's step from a state to the next, with what the store and the events need of it.</summary>
/// <param name="Tenant">Whose entity.</param>
/// <param name="Id">The entity id.</param>
/// <param name="Sequence">Its place in creation order.</param>
/// <param name="Before">The state before; null when it is created.</param>
/// <param name="After">The state after; null when it is deleted.</param>
/// <param name="Stored">The stored form of <paramref name="After"/>; empty when it is deleted.</param>
internal sealed record EntityChange(
    Tenant Tenant,
    string Id,
    long Sequence,
    EntityDocument? Before,
    EntityDocument? After,
    byte[] Stored);

/// <summary>Changes that are committed together or not at all: what one request did.</summary>
internal sealed class ChangeSet(long epoch)
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The writer's epoch when the changes were made; those of a failed epoch stand on sand.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The changes in order.</summary>
    public List<EntityChange> Changes { get; } = [];

    /// <summary>W3C trace context of the request, carried into its events.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Ends when the store has committed the changes and readers see them.</summary>
    public Task Committed => _committed.Task;

    /// <summary>The changes are durable and visible.</summary>
    public void Complete() => _committed.TrySetResult();

    /// <summary>The changes did not happen.</summary>
    public void Fail(Exception why) => _committed.TrySetException(why);
}
