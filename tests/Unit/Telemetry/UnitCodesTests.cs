using System.Text;
using Twin.Telemetry.Ingest.Units;
using Twin.Telemetry.Points;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>Units of UN/CEFACT Recommendation 20. Expected factors are those that its annexes print.</summary>
public sealed class UnitCodesTests
{
    [Theory]
    [InlineData("68", "FAH", "CEL", "20")]
    [InlineData("212", "FAH", "CEL", "100")]
    [InlineData("-40", "FAH", "CEL", "-40")]
    [InlineData("20.1", "CEL", "KEL", "293.25")]
    [InlineData("293.25", "KEL", "CEL", "20.1")]
    [InlineData("37.5", "CEL", "FAH", "99.5")]
    [InlineData("0", "KEL", "FAH", "-459.67")]
    [InlineData("20.1", "A97", "PAL", "2010")]
    [InlineData("1013.25", "MBR", "ATM", "1")]
    [InlineData("1.5", "KMT", "MTR", "1500")]
    [InlineData("12", "INH", "MMT", "304.8")]
    [InlineData("1", "SMI", "KMT", "1.609344")]
    [InlineData("1", "KNT", "KMH", "1.852")]
    [InlineData("10", "MTS", "KMH", "36")]
    [InlineData("36", "KMH", "MTS", "10")]
    [InlineData("1.5", "KWH", "KJO", "5400")]
    [InlineData("0.25", "GV", "KJO", "250000")]
    [InlineData("-0.3", "MAW", "KWT", "-300")]
    [InlineData("12.5", "GQ", "GP", "0.0125")]
    [InlineData("0.412", "59", "61", "412")]
    [InlineData("55.5", "P1", "C62", "0.555")]
    [InlineData("7.2", "MQH", "L2", "120")]
    [InlineData("1", "GLI", "LTR", "4.54609")]
    [InlineData("1", "LBR", "KGM", "0.45359237")]
    [InlineData("90", "MIN", "HUR", "1.5")]
    [InlineData("1000", "P93", "C74", "8")]
    public void A_decimal_is_converted_as_a_decimal(string value, string from, string to, string expected) => Assert.Equal(expected, Converted(value, from, to));

    [Theory]
    [InlineData("68.1", "FAH", "CEL", "20.05556")]
    [InlineData("5", "H67", "H81", "0.08333")]
    [InlineData("100", "KMH", "MTS", "27.7778")]
    [InlineData("-0.1", "KMH", "MTS", "-0.02778")]
    [InlineData("90", "DD", "C81", "1.5708")]
    public void A_result_without_end_is_rounded_far_behind_the_digits_of_the_reading(string value, string from, string to, string expected) =>
        Assert.Equal(expected, Converted(value, from, to));

    [Theory]
    [InlineData("1e3", "KMT", "MTR", 1e6)]
    [InlineData("123456789012345678", "KMT", "MMT", 1.23456789012345678e23)]
    [InlineData("1.5e-9", "TNE", "MGM", 1.5)]
    public void What_is_no_short_decimal_becomes_the_nearest_double(string value, string from, string to, double expected)
    {
        Assert.True(NumberText.TryParse(Encoding.ASCII.GetBytes(value), out var form, out var bits));
        Assert.True(UnitCodes.Between(from, to)!.TryApply(ref form, ref bits));
        Assert.Equal(expected, PointValue.ToDouble(form, bits), Math.Abs(expected) * 1e-15);
    }

    [Fact]
    public void A_number_beyond_all_doubles_stays_what_it_was()
    {
        var (form, bits) = (PointForm.Double, BitConverter.DoubleToInt64Bits(1e308));
        Assert.False(UnitCodes.Between("KMT", "MMT")!.TryApply(ref form, ref bits));
        Assert.Equal(1e308, PointValue.ToDouble(form, bits));
    }

    [Theory]
    [InlineData("CEL", "MTR")]
    [InlineData("CEL", "HPA")]
    [InlineData("°C", "CEL")]
    [InlineData("D46", "WTT")]
    [InlineData("D44", "D46")]
    [InlineData("cel", "KEL")]
    [InlineData("RPM", "HTZ")]
    [InlineData("GQ", "59")]
    public void Between_unlike_quantities_and_unknown_codes_there_is_no_conversion(string from, string to) => Assert.Null(UnitCodes.Between(from, to));

    [Theory]
    [InlineData("BHP", "WTT", 7.457e2)]
    [InlineData("WHR", "JOU", 3.6e3)]
    [InlineData("MWH", "JOU", 3.6e9)]
    [InlineData("D32", "JOU", 3.6e15)]
    [InlineData("BTU", "JOU", 1.055056e3)]
    [InlineData("E14", "JOU", 4.1868e3)]
    [InlineData("PS", "PAL", 6.894757e3)]
    [InlineData("HN", "PAL", 133.3224)]
    [InlineData("F79", "PAL", 3.38639e3)]
    [InlineData("KMH", "MTS", 0.277778)]
    [InlineData("KNT", "MTS", 0.514444)]
    [InlineData("H81", "MTS", 1.666666667e-5)]
    [InlineData("ACR", "MTK", 4046.873)]
    [InlineData("GLL", "MTQ", 3.785412e-3)]
    [InlineData("FTQ", "MTQ", 2.831685e-2)]
    [InlineData("MQH", "MQS", 2.77778e-4)]
    [InlineData("L2", "MQS", 1.66667e-5)]
    [InlineData("E32", "MQS", 2.77778e-7)]
    [InlineData("G52", "MQS", 1.15741e-5)]
    [InlineData("2L", "MQS", 4.719474e-4)]
    [InlineData("ONZ", "KGM", 2.834952e-2)]
    [InlineData("E18", "KGS", 2.77778e-1)]
    [InlineData("MON", "SEC", 2.6298e6)]
    [InlineData("ANN", "SEC", 3.15576e7)]
    [InlineData("AMH", "COU", 3.6e3)]
    [InlineData("G42", "D10", 1e-4)]
    [InlineData("DD", "C81", 1.745329e-2)]
    [InlineData("D61", "C81", 2.908882e-4)]
    [InlineData("D62", "C81", 4.848137e-6)]
    [InlineData("A91", "C81", 1.570796e-2)]
    [InlineData("P70", "P65", 2.77778e-4)]
    [InlineData("NMI", "MTR", 1852)]
    [InlineData("HJ", "WTT", 735.49875)]
    public void A_factor_is_the_one_that_the_Recommendation_prints_to_its_last_digit(string from, string to, double printed)
    {
        var (form, bits) = (PointForm.Double, BitConverter.DoubleToInt64Bits(1));
        Assert.True(UnitCodes.Between(from, to)!.TryApply(ref form, ref bits));
        Assert.Equal(printed, PointValue.ToDouble(form, bits), printed * 3e-6);
    }

    private static string Converted(string value, string from, string to)
    {
        Assert.True(NumberText.TryParse(Encoding.ASCII.GetBytes(value), out var form, out var bits));
        Assert.True(UnitCodes.Between(from, to)!.TryApply(ref form, ref bits));
        Span<byte> text = stackalloc byte[32];
        return Encoding.ASCII.GetString(text[..NumberText.FormatJson(form, bits, text)]);
    }
}
