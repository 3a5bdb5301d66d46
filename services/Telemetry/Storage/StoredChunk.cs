using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Storage;

/// <summary>Which blocks of chunks a question needs.</summary>
internal enum ChunkParts
{
    /// <summary>The summary of each chunk.</summary>
    Heads,

    /// <summary>The sums of their hours as well.</summary>
    Sums,

    /// <summary>The extremes of their hours as well.</summary>
    Extremes,

    /// <summary>The points, and no summary.</summary>
    Points,
}

/// <summary>What was read of a chunk; blocks that were not asked for are empty.</summary>
internal readonly record struct StoredChunk(int Series, long Start, long End, int Count, byte[] Head, byte[] Sums, byte[] Extremes, byte[] Data)
{
    /// <summary>The points.</summary>
    public PointColumns Points()
    {
        var reader = new ByteReader(Data);
        return PointCodec.Read(ref reader);
    }
}

/// <summary>Committed points that are not sealed, as the store keeps them.</summary>
internal readonly record struct TailBlock(long Id, int Tenant, byte[] Data);

/// <summary>What sealing makes of one series.</summary>
/// <param name="Series">The series.</param>
/// <param name="Removed">Starts of chunks that are replaced.</param>
/// <param name="Chunks">The chunks in their place.</param>
/// <param name="Count">Points of the series in chunks afterwards.</param>
/// <param name="Start">The oldest of them, or older.</param>
/// <param name="End">The newest of them, or newer.</param>
internal sealed record SealedSeries(
    Series.TimeSeries Series, IReadOnlyList<long> Removed, IReadOnlyList<Chunk> Chunks, long Count, long Start, long End);
