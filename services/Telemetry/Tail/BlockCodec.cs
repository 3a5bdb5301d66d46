using System.Buffers;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Tail;

/// <summary>A block of the tail: the number of points, the key of the series of each, and the points.</summary>
internal static class BlockCodec
{
    public static void Write(ByteWriter writer, PointBatch batch)
    {
        var keys = ArrayPool<long>.Shared.Rent(batch.Points.Count);
        try
        {
            for (var i = 0; i < batch.Points.Count; i++)
            {
                keys[i] = batch.Series[i].Key;
            }

            writer.Varint((ulong)batch.Points.Count);
            LongColumn.Write(writer, keys.AsSpan(0, batch.Points.Count));
            PointCodec.Write(writer, batch.Points, 0, batch.Points.Count, oneSeries: false);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(keys);
        }
    }

    /// <exception cref="InvalidDataException">The block is broken.</exception>
    public static (long[] Keys, PointColumns Points) Read(TailBlock block)
    {
        var reader = new ByteReader(block.Data);
        var keys = new long[reader.Count(PointCodec.MostPoints)];
        LongColumn.Read(ref reader, keys);
        var points = PointCodec.Read(ref reader);
        return points.Count == keys.Length ? (keys, points) : throw ByteReader.Broken();
    }
}
