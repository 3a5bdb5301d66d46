using System.Threading.Channels;

namespace Twin.Telemetry.Registry;

/// <summary>Says that changes have arrived, or are about to be committed.</summary>
internal sealed class ArrivalSignal
{
    private readonly Channel<bool> raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Raises it.</summary>
    public void Raise() => raised.Writer.TryWrite(true);

    /// <summary>Waits until it is raised, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan most, TimeProvider clock, CancellationToken cancel)
    {
        try
        {
            await raised.Reader.ReadAsync(cancel).AsTask().WaitAsync(most, clock, cancel);
        }
        catch (TimeoutException)
        {
            // Nobody raised it here; another process may have.
        }
    }
}
