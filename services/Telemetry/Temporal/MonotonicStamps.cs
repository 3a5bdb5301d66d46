namespace Twin.Telemetry.Temporal;

/// <summary>Times of arrival that differ from each other: instances without an observedAt are told apart by them.</summary>
internal sealed class MonotonicStamps(TimeProvider clock)
{
    private long last;

    /// <summary>Now in ticks UTC, in whole microseconds, later than every time given before.</summary>
    public long Next()
    {
        while (true)
        {
            var known = Volatile.Read(ref last);
            var now = clock.GetUtcNow().UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond;
            var next = Math.Max(now, known + TimeSpan.TicksPerMicrosecond);
            if (Interlocked.CompareExchange(ref last, next, known) == known)
            {
                return next;
            }
        }
    }
}
