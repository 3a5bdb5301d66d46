using Twin.Telemetry.Points;

namespace Twin.Telemetry.Chunks;

/// <summary>
/// A sealed run of points of one series, in four blocks that are read apart: the summary of all, the sums of its hours,
/// their extremes, and the points. The chunks of a series do not overlap.
/// </summary>
/// <param name="Start">The time of the first point, in ticks UTC.</param>
/// <param name="End">The time of the last point.</param>
/// <param name="Count">How many points.</param>
/// <param name="Head">The summary of all: <see cref="ChunkHead"/>.</param>
/// <param name="Sums">The sums of its hours: <see cref="HourColumns"/>; empty when there are none.</param>
/// <param name="Extremes">The extremes of its hours; empty when there are none.</param>
/// <param name="Data">The points: <see cref="PointCodec"/>.</param>
internal sealed record Chunk(long Start, long End, int Count, byte[] Head, byte[] Sums, byte[] Extremes, byte[] Data)
{
    /// <summary>The most points of a chunk: two months of readings every five minutes.</summary>
    public const int MostPoints = 16_384;

    /// <summary>The bytes of its blocks.</summary>
    public int Bytes => Head.Length + Sums.Length + Extremes.Length + Data.Length;

    /// <summary>Seals a run of points that are ordered by time, without two of one time.</summary>
    /// <param name="points">The points.</param>
    /// <param name="start">The first of the run.</param>
    /// <param name="length">How many.</param>
    /// <param name="writer">Scratch.</param>
    /// <param name="step">The steps that each of them stands for at least, in ticks; 0 when any may be as it was measured.</param>
    public static Chunk Of(PointColumns points, int start, int length, ByteWriter writer, long step = 0)
    {
        var times = points.Times.Slice(start, length);
        writer.Clear();
        PointCodec.Write(writer, points, start, length, oneSeries: true);
        var data = writer.ToArray();
        // As they will be read: brought to one scale.
        var reader = new ByteReader(data);
        var sealedPoints = PointCodec.Read(ref reader);
        var head = ChunkHead.Of(sealedPoints, step);
        // Where points stand for others, only those say what an hour sums up to; there are few points then.
        var hours = sealedPoints.HasSteps ? null : HourColumns.Of(sealedPoints.Times, sealedPoints.Forms, sealedPoints.Bits);
        return new Chunk(
            times[0], times[^1], length, head.Write(writer), hours?.WriteSums(writer) ?? [], hours?.WriteExtremes(writer) ?? [], data);
    }

    /// <summary>Seals any number of points.</summary>
    /// <param name="points">Ordered by time, without two of one time.</param>
    /// <param name="full">
    /// Full chunks first, since what is left over grows with the next points; else chunks of about equal size, which have room
    /// for points among them.
    /// </param>
    /// <param name="writer">Scratch.</param>
    /// <param name="step">The steps that each point stands for at least; 0 when any may be as it was measured.</param>
    public static List<Chunk> SealAll(PointColumns points, bool full, ByteWriter writer, long step = 0)
    {
        var chunks = new List<Chunk>();
        var pieces = (points.Count + MostPoints - 1) / MostPoints;
        var size = full || pieces == 0 ? MostPoints : (points.Count + pieces - 1) / pieces;
        for (var start = 0; start < points.Count; start += size)
        {
            chunks.Add(Of(points, start, Math.Min(size, points.Count - start), writer, step));
        }

        return chunks;
    }

    /// <summary>The points.</summary>
    public PointColumns Points()
    {
        var reader = new ByteReader(Data);
        return PointCodec.Read(ref reader);
    }
}
