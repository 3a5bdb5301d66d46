namespace Twin.EntityRegistry.Federation;

/// <summary>
/// How a source has answered (output members of GS CIM 009 5.2.9), and the circuit breaker that follows from it: after
/// some failures in a row the source is left alone for a while, then tried by one request.
/// </summary>
internal sealed class SourceHealth
{
    private readonly Lock _gate = new();
    private int _failuresInRow;
    private bool _trying;

    /// <summary>Whether the source goes on after an entity (<c>pageAfter</c>), as a node of this kind does; null while it is not known.</summary>
    public bool? PagesByKey { get; set; }

    /// <summary>How often the source was asked.</summary>
    public long TimesSent { get; private set; }

    /// <summary>How often that failed.</summary>
    public long TimesFailed { get; private set; }

    /// <summary>When it last answered.</summary>
    public DateTimeOffset? LastSuccess { get; private set; }

    /// <summary>When it last failed.</summary>
    public DateTimeOffset? LastFailure { get; private set; }

    /// <summary>What went wrong last; null after a success.</summary>
    public string? LastError { get; private set; }

    /// <summary>The time the last answer took.</summary>
    public TimeSpan? Latency { get; private set; }

    /// <summary>Until when the source is left alone; null when it is asked.</summary>
    public DateTimeOffset? OpenUntil { get; private set; }

    /// <summary>Whether the source may be asked now. After the cool-down one request at a time tries it.</summary>
    public bool MayAsk(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (OpenUntil is null)
            {
                return true;
            }

            if (now < OpenUntil || _trying)
            {
                return false;
            }

            _trying = true;
            return true;
        }
    }

    /// <summary>The source answered.</summary>
    public void Succeeded(DateTimeOffset now, TimeSpan latency)
    {
        lock (_gate)
        {
            TimesSent++;
            LastSuccess = now;
            Latency = latency;
            LastError = null;
            _failuresInRow = 0;
            _trying = false;
            OpenUntil = null;
        }
    }

    /// <summary>The source did not answer, or not usably.</summary>
    /// <param name="now">The time.</param>
    /// <param name="error">What went wrong, for the operator.</param>
    /// <param name="threshold">Failures in a row that open the circuit.</param>
    /// <param name="cooldown">How long the source is then left alone.</param>
    public void Failed(DateTimeOffset now, string error, int threshold, TimeSpan cooldown)
    {
        lock (_gate)
        {
            TimesSent++;
            TimesFailed++;
            LastFailure = now;
            LastError = error;
            _failuresInRow++;
            _trying = false;
            if (_failuresInRow >= threshold)
            {
                OpenUntil = now + cooldown;
            }
        }
    }

    /// <summary>The caller gave up before the source could show anything.</summary>
    public void Abandoned()
    {
        lock (_gate)
        {
            _trying = false;
        }
    }
}
