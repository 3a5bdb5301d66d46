using Twin.NgsiLd;

namespace Twin.Telemetry.Forecasts;

/// <summary>Nobody computes now: too many others do.</summary>
internal sealed class ForecastBusyException() : Exception("Other forecasts are being computed; try again in a moment.");

/// <summary>
/// Lets a few computations run at once, so that the node stays quick for everybody else, and none for ever.
/// </summary>
internal sealed class ForecastGate(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MostWork = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim places = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Computes something when there is a place.</summary>
    /// <param name="work">The computation; it looks at the token often.</param>
    /// <param name="cancel">The caller went away.</param>
    /// <exception cref="ForecastBusyException">There was no place for a while.</exception>
    /// <exception cref="NgsiLdException">TooComplexQuery when it takes too long.</exception>
    public async Task<T> ComputeAsync<T>(Func<CancellationToken, T> work, CancellationToken cancel)
    {
        if (!await places.WaitAsync(MostWait, cancel))
        {
            throw new ForecastBusyException();
        }

        try
        {
            using var deadline = new CancellationTokenSource(MostWork, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
            return work(both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NgsiLdException(NgsiLdErrorType.TooComplexQuery, $"This takes longer than {MostWork.TotalSeconds} seconds. Take a longer step, a shorter time (from), or fewer origins.", "from");
        }
        finally
        {
            places.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => places.Dispose();
}
