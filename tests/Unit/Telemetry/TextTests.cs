using System.Text;
using System.Text.Json;
using Twin.Telemetry.Points;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>Numbers and times as they are written.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("0", 0, 0)]
    [InlineData("-0", 0, 0)]
    [InlineData("21.5", 1, 215)]
    [InlineData("-21.50", 2, -2150)]
    [InlineData("0.000000000000000001", 18, 1)]
    [InlineData("999999999999999999", 0, 999_999_999_999_999_999)]
    public void Decimals_of_up_to_18_digits_are_kept_as_they_are(string text, byte form, long bits)
    {
        Assert.True(NumberText.TryParse(Encoding.ASCII.GetBytes(text), out var readForm, out var readBits));
        Assert.Equal((form, bits), (readForm, readBits));
    }

    [Theory]
    [InlineData("1e3", 1000)]
    [InlineData("1.5E-7", 1.5e-7)]
    [InlineData("12345678901234567890", 12345678901234567890d)]
    [InlineData("0.12345678901234567890", 0.1234567890123456789)]
    [InlineData("-1e308", -1e308)]
    public void Other_numbers_are_the_nearest_double(string text, double value)
    {
        Assert.True(NumberText.TryParse(Encoding.ASCII.GetBytes(text), out var form, out var bits));
        Assert.Equal((PointForm.Double, BitConverter.DoubleToInt64Bits(value)), (form, bits));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("01")]
    [InlineData("00.5")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("+1")]
    [InlineData("1,5")]
    [InlineData(" 1")]
    [InlineData("1e")]
    [InlineData("1e999")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("0x10")]
    [InlineData("1.2.3")]
    public void What_JSON_does_not_call_a_number_is_none(string text) =>
        Assert.False(NumberText.TryParse(Encoding.ASCII.GetBytes(text), out _, out _));

    [Theory]
    [InlineData("21.5")]
    [InlineData("-0.05")]
    [InlineData("1000000")]
    [InlineData("0.000000000000000001")]
    [InlineData("-999999999999999999")]
    public void A_decimal_is_written_as_it_was_read(string text)
    {
        Assert.True(NumberText.TryParse(Encoding.ASCII.GetBytes(text), out var form, out var bits));
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            NumberText.Write(writer, form, bits);
        }

        Assert.Equal(text, Encoding.ASCII.GetString(json.ToArray()));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0000000Z")]
    [InlineData("2026-01-01T01:30:00.25+01:30", "2026-01-01T00:00:00.2500000Z")]
    [InlineData("2025-12-31T23:00:00-01:00", "2026-01-01T00:00:00.0000000Z")]
    [InlineData("2024-02-29T12:00:00.123456789Z", "2024-02-29T12:00:00.1234567Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z")]
    public void A_time_with_its_zone_is_an_instant(string text, string utc)
    {
        Assert.Null(TimeText.Read(Encoding.ASCII.GetBytes(text), out var ticks));
        Assert.Equal(utc, new DateTime(ticks, DateTimeKind.Utc).ToString("O"));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00", "time zone")]
    [InlineData("2026-01-01", "date-time")]
    [InlineData("2026-01-01 00:00:00Z", "date-time")]
    [InlineData("30000-01-01T00:00:00Z", "date-time")]
    [InlineData("2026-02-29T00:00:00Z", "no such day")]
    [InlineData("2026-01-01T00:00:60Z", "no such day")]
    [InlineData("2026-01-01T00:00:00+1:00", "date-time")]
    [InlineData("2026-01-01T00:00:00.Z", "date-time")]
    [InlineData("0001-01-01T00:00:00+01:00", "years 1 to 9999")]
    [InlineData("yyyy-mm-ddThh:mm:ssZ", "date-time")]
    public void A_time_that_names_no_instant_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, TimeText.Read(Encoding.ASCII.GetBytes(text), out _), StringComparison.Ordinal);
}
