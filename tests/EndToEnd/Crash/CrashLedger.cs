namespace Twin.Tests.EndToEnd.Crash;

/// <summary>What one client did to one thing that only it writes: values that grow, and null for a deletion.</summary>
internal sealed class CrashLedger
{
    private readonly List<long?> acknowledged = [];
    private bool underWay;
    private long? intended;

    /// <summary>Every acknowledged write, in order.</summary>
    public IReadOnlyList<long?> Acknowledged => acknowledged;

    /// <summary>Whether a write was sent of which nothing is known.</summary>
    public bool UnderWay => underWay;

    /// <summary>The value of that write.</summary>
    public long? Intended => intended;

    /// <summary>The last acknowledged value; null when there is none or it was deleted.</summary>
    public long? Last => acknowledged.Count == 0 ? null : acknowledged[^1];

    /// <summary>A write is about to be sent.</summary>
    public void Begin(long? value) => (underWay, intended) = (true, value);

    /// <summary>The node has acknowledged it.</summary>
    public void Acknowledge()
    {
        acknowledged.Add(intended);
        underWay = false;
    }

    /// <summary>After a crash: whether the write under way has happened, seen from outside.</summary>
    public void Settle(bool happened)
    {
        if (happened)
        {
            acknowledged.Add(intended);
        }

        underWay = false;
    }
}
