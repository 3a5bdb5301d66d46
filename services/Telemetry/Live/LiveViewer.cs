using System.Threading.Tasks.Sources;

namespace Twin.Telemetry.Live;

/// <summary>
/// Somebody who looks on: where in the events of its group it stands, and a bell. It has no timer, no buffer and no task
/// of its own, so that ten thousand of them wait for nothing.
/// </summary>
internal sealed class LiveViewer(LiveGroup group, Action drop) : IValueTaskSource
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Rung = 2;

    private ManualResetValueTaskSourceCore<bool> bell = new() { RunContinuationsAsynchronously = true };
    private int state;
    private long sendingSince = long.MaxValue;

    /// <summary>Those who see the same.</summary>
    public LiveGroup Group { get; } = group;

    /// <summary>The number of the round of its group that it gets next.</summary>
    public long Next { get; set; }

    /// <summary>The number of the last point of the tenant that it has been told, if it was one for it.</summary>
    public long Point { get; set; }

    /// <summary>Events of its group before <see cref="Next"/>.</summary>
    public long Events { get; set; }

    /// <summary>The heartbeat that it has answered.</summary>
    public long Beat { get; set; }

    /// <summary>The heartbeat at which it was sent what it has not taken yet; far in the future when it has taken all.</summary>
    public long SendingSince
    {
        get => Volatile.Read(ref sendingSince);
        set => Volatile.Write(ref sendingSince, value);
    }

    /// <summary>Breaks its connection.</summary>
    public void Drop() => drop();

    /// <summary>Wakes it, now or when it next waits.</summary>
    public void Ring()
    {
        if (Interlocked.Exchange(ref state, Rung) == Waiting)
        {
            bell.SetResult(true);
        }
    }

    /// <summary>Ends when it is rung. One may wait.</summary>
    public ValueTask WaitAsync()
    {
        bell.Reset();
        if (Interlocked.CompareExchange(ref state, Waiting, Idle) == Rung)
        {
            Interlocked.Exchange(ref state, Idle);
            return default;
        }

        return new ValueTask(this, bell.Version);
    }

    void IValueTaskSource.GetResult(short token)
    {
        bell.GetResult(token);
        // Before it looks what there is: who rings after that has left something since.
        Interlocked.Exchange(ref state, Idle);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => bell.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        bell.OnCompleted(continuation, state, token, flags);
}
