using System.Buffers.Binary;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Chunks;

/// <summary>What a chunk says of all its points, and its first and last value.</summary>
/// <param name="Step">The length in ticks of the steps that each of its points stands for at least; 0 when any may be as it was measured.</param>
internal sealed record ChunkHead(PointSummary Summary, byte FirstForm, long FirstBits, byte LastForm, long LastBits, long Step = 0)
{
    private const byte Exact = 1;
    private const byte Stepped = 2;

    public static ChunkHead Of(PointColumns points, long step = 0)
    {
        var summary = new PointSummary();
        summary.Add(points, 0, points.Count);
        return new ChunkHead(summary, points.Forms[0], points.Bits[0], points.Forms[^1], points.Bits[^1], step);
    }

    public byte[] Write(ByteWriter writer)
    {
        writer.Clear();
        var exact = Summary is { OtherSum: 0, OtherSquares: 0 };
        writer.Byte((byte)((exact ? Exact : 0) | (Step > 0 ? Stepped : 0)));
        writer.Byte(Summary.Scale);
        writer.Byte(FirstForm);
        writer.Byte(LastForm);
        writer.Zigzag(FirstBits);
        writer.Zigzag(LastBits);
        writer.Varint((ulong)Summary.Count);
        writer.Varint((ulong)Summary.Numbers);
        writer.Int64(BitConverter.DoubleToInt64Bits(Summary.Min));
        writer.Int64(BitConverter.DoubleToInt64Bits(Summary.Max));
        BinaryPrimitives.WriteInt128LittleEndian(writer.Take(16), Summary.ExactSum);
        BinaryPrimitives.WriteInt128LittleEndian(writer.Take(16), Summary.ExactSquares);
        if (!exact)
        {
            writer.Int64(BitConverter.DoubleToInt64Bits(Summary.OtherSum));
            writer.Int64(BitConverter.DoubleToInt64Bits(Summary.OtherSquares));
        }

        if (Step > 0)
        {
            writer.Varint((ulong)Step);
        }

        return writer.ToArray();
    }

    public static ChunkHead Read(ReadOnlySpan<byte> block)
    {
        var reader = new ByteReader(block);
        var flags = reader.Byte();
        var summary = new PointSummary { Scale = reader.Byte() };
        var (firstForm, lastForm) = (reader.Byte(), reader.Byte());
        var (first, last) = (reader.Zigzag(), reader.Zigzag());
        summary.Count = (long)reader.Varint();
        summary.Numbers = (long)reader.Varint();
        summary.Min = BitConverter.Int64BitsToDouble(reader.Int64());
        summary.Max = BitConverter.Int64BitsToDouble(reader.Int64());
        summary.ExactSum = BinaryPrimitives.ReadInt128LittleEndian(reader.Take(16));
        summary.ExactSquares = BinaryPrimitives.ReadInt128LittleEndian(reader.Take(16));
        if ((flags & Exact) == 0)
        {
            summary.OtherSum = BitConverter.Int64BitsToDouble(reader.Int64());
            summary.OtherSquares = BitConverter.Int64BitsToDouble(reader.Int64());
        }

        return new ChunkHead(summary, firstForm, first, lastForm, last, (flags & Stepped) == 0 ? 0 : (long)reader.Varint());
    }
}
