namespace Twin.Telemetry.Registry;

/// <summary>
/// Keeps deletions apart from what may be about to bring the deleted back: making points of the registry's changes, and
/// telling the registry newest values, which it answers by a change. Those pass the gate; a deletion closes it, and when it
/// is closed nothing of the kind is under way in the process.
/// </summary>
internal sealed class ChangeGate : IDisposable
{
    private const int Most = 32;

    private readonly SemaphoreSlim passes = new(Most, Most);
    private readonly SemaphoreSlim closing = new(1, 1);

    /// <summary>Passes the gate; dispose of what is given when done.</summary>
    public async Task<IDisposable> PassAsync(CancellationToken cancel)
    {
        await passes.WaitAsync(cancel);
        return new Hold(passes, 1, null);
    }

    /// <summary>Closes the gate once all who passed are done; dispose of what is given to open it again.</summary>
    public async Task<IDisposable> CloseAsync(CancellationToken cancel)
    {
        await closing.WaitAsync(cancel);
        var taken = 0;
        try
        {
            for (; taken < Most; taken++)
            {
                await passes.WaitAsync(cancel);
            }

            return new Hold(passes, Most, closing);
        }
        catch
        {
            new Hold(passes, taken, closing).Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        passes.Dispose();
        closing.Dispose();
    }

    private sealed class Hold(SemaphoreSlim passes, int taken, SemaphoreSlim? closing) : IDisposable
    {
        private int left = taken;
        private SemaphoreSlim? closed = closing;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 0) is > 0 and var count)
            {
                passes.Release(count);
            }

            Interlocked.Exchange(ref closed, null)?.Release();
        }
    }
}
