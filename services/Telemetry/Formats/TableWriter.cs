namespace Twin.Telemetry.Formats;

/// <summary>Writes a table batch by batch, so that no table is ever whole in memory.</summary>
internal abstract class TableWriter : IDisposable
{
    /// <summary>What comes before all rows.</summary>
    public abstract ValueTask BeginAsync(CancellationToken cancel);

    /// <summary>Writes rows.</summary>
    public abstract ValueTask WriteAsync(TableBatch batch, CancellationToken cancel);

    /// <summary>What comes after all rows.</summary>
    public abstract ValueTask EndAsync(CancellationToken cancel);

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what it holds. A table that was not ended is not made to look whole.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
