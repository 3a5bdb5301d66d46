using CsCheck;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

public sealed class PointCodecTests
{
    [Fact]
    public void Any_sequence_of_numbers_comes_back_from_a_column() => Gen.Select(
        Gen.OneOf(Gen.Long.Array[0, 400], Gen.Long[-5, 5].Array[0, 400], Gen.Double.Select(BitConverter.DoubleToInt64Bits).Array[0, 400]), Gen.Bool).Sample((values, doubles) =>
        {
            var writer = new ByteWriter();
            LongColumn.Write(writer, values, doubles);
            writer.Take(BitFrame.Slack);
            var reader = new ByteReader(writer.Written);
            var read = new long[values.Length];
            LongColumn.Read(ref reader, read);
            Assert.Equal(values, read);
            Assert.Equal(BitFrame.Slack, reader.Left);
        });

    [Fact]
    public void Any_list_of_points_comes_back_bit_for_bit() => Points.Mixed.Sample(points =>
    {
        var read = RoundTrip(points, oneSeries: false);
        Assert.Equal(points.Times, read.Times);
        Assert.Equal(points.Forms, read.Forms);
        Assert.Equal(points.Bits, read.Bits);
        for (var i = 0; i < points.Count; i++)
        {
            Assert.Equal(points.ExtraAt(i), read.ExtraAt(i));
        }
    });

    [Fact]
    public void Points_of_one_series_come_back_with_the_same_values_at_one_scale() => Gen.OneOf(Points.Mixed, Points.Readings, Points.Numbers).Sample(points =>
    {
        var read = RoundTrip(points, oneSeries: true);
        Assert.Equal(points.Times, read.Times);
        for (var i = 0; i < points.Count; i++)
        {
            Assert.True(PointValue.Same(
                points.Forms[i], points.Bits[i], points.ExtraAt(i), read.Forms[i], read.Bits[i], read.ExtraAt(i)));
        }
    });

    [Fact]
    public void A_run_in_the_middle_is_written_alone() => Points.Mixed.Sample(points =>
    {
        var start = points.Count / 3;
        var length = points.Count - start - (points.Count / 4);
        var writer = new ByteWriter();
        PointCodec.Write(writer, points, start, length, oneSeries: false);
        var reader = new ByteReader(writer.Written);
        var read = PointCodec.Read(ref reader);
        Assert.Equal(points.Times.Slice(start, length), read.Times);
        Assert.Equal(points.Bits.Slice(start, length), read.Bits);
    });

    [Fact]
    public void A_broken_block_is_refused_and_never_read_past_its_end() => Gen.Select(Points.Mixed, Gen.Int[0, 1 << 20], Gen.Byte).Sample((points, place, change) =>
    {
        var writer = new ByteWriter();
        PointCodec.Write(writer, points, 0, points.Count, oneSeries: true);
        var bytes = writer.ToArray();
        bytes[place % bytes.Length] ^= change;
        foreach (var block in new[] { bytes, bytes[..(place % bytes.Length)] })
        {
            try
            {
                var reader = new ByteReader(block);
                PointCodec.Read(ref reader);
            }
            catch (InvalidDataException)
            {
                // Refused; what is read in spite of the change is some other list of points.
            }
        }
    });

    [Fact]
    public void Regular_times_one_unit_and_a_constant_value_cost_no_more_for_many_points_than_for_few()
    {
        var unit = new PointExtra(default, "CEL", PointQuality.Good, null);
        var points = new PointColumns();
        for (var i = 0; i < 10_000; i++)
        {
            points.Append(Points.Year2025 + (i * TimeSpan.TicksPerMinute), 1, 214, unit);
        }

        var writer = new ByteWriter();
        PointCodec.Write(writer, points, 0, points.Count, oneSeries: true);
        Assert.InRange(writer.Length, 1, 64);
    }

    [Fact]
    public void A_random_walk_of_tenths_every_five_minutes_takes_less_than_a_byte_a_point()
    {
        var random = new Random(7);
        var points = new PointColumns();
        var value = 214L;
        for (var i = 0; i < Chunk.MostPoints; i++)
        {
            value += random.Next(-3, 4);
            points.Append(Points.Year2025 + (i * TimeSpan.TicksPerMinute * 5), 1, value, null);
        }

        var chunk = Chunk.Of(points, 0, points.Count, new ByteWriter());
        Assert.InRange(chunk.Data.Length / (double)points.Count, 0.1, 0.5);
        Assert.InRange(chunk.Bytes / (double)points.Count, 0.1, 0.9);
    }

    private static PointColumns RoundTrip(PointColumns points, bool oneSeries)
    {
        var writer = new ByteWriter();
        PointCodec.Write(writer, points, 0, points.Count, oneSeries);
        var reader = new ByteReader(writer.Written);
        var read = PointCodec.Read(ref reader);
        Assert.Equal(0, reader.Left);
        return read;
    }
}
