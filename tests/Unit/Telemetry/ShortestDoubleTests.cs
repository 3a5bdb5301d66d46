using System.Globalization;
using System.Text;
using Twin.Telemetry.Points;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>The platform's own formatting is the oracle: its "R" is the shortest text that reads back.</summary>
public class ShortestDoubleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(-15.4)]
    [InlineData(0.3)]
    [InlineData(14.916666666666666)]
    [InlineData(5e-324)]
    [InlineData(1.7976931348623157e308)]
    [InlineData(999999999999999.9)]
    [InlineData(0.01)]
    [InlineData(0.009999999999999998)]
    [InlineData(9007199254740993.5)]
    [InlineData(99999.99999999999)]
    [InlineData(9.999999999999998)]
    public void Single_numbers_are_written_as_the_platform_writes_them(double value) => Check(value);

    [Fact]
    public void Means_of_readings_are_written_as_the_platform_writes_them()
    {
        for (var sum = -20_000; sum < 20_000; sum++)
        {
            foreach (var count in new[] { 3, 7, 12, 60, 288 })
            {
                Check(sum / 10.0 / count);
                Check(sum / (10.0 * count));
            }
        }
    }

    [Fact]
    public void Numbers_of_all_sizes_and_lengths_are_written_as_the_platform_writes_them()
    {
        var random = new Random(42);
        for (var i = 0; i < 400_000; i++)
        {
            Check((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-4, 18)));
            Check(Math.Round((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(0, 8)), random.Next(0, 12)));
            var bits = BitConverter.Int64BitsToDouble(random.NextInt64());
            Check(double.IsFinite(bits) ? bits : 0);
        }
    }

    /// <summary>Where the rounding of the last digit is decided: next to powers of two and of ten.</summary>
    [Fact]
    public void Neighbours_of_powers_are_written_as_the_platform_writes_them()
    {
        for (var power = -8; power < 51; power++)
        {
            CheckAround(Math.Pow(2, power));
        }

        for (var power = -3; power < 16; power++)
        {
            CheckAround(Math.Pow(10, power));
        }
    }

    private static void CheckAround(double value)
    {
        var (below, above) = (value, value);
        for (var i = 0; i < 1000; i++)
        {
            Check(below);
            Check(above);
            (below, above) = (Math.BitDecrement(below), Math.BitIncrement(above));
        }
    }

    private static void Check(double value)
    {
        Span<byte> text = stackalloc byte[32];
        var written = ShortestDouble.Write(value, text);
        var expected = value.ToString("R", CultureInfo.InvariantCulture);
        if (Encoding.ASCII.GetString(text[..written]) is var actual && actual != expected)
        {
            Assert.Fail($"{actual} instead of {expected}");
        }
    }
}
