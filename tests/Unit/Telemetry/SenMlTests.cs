using System.Text;
using Microsoft.Extensions.Time.Testing;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Ingest.Mappings;
using Twin.Telemetry.Ingest.SenMl;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>SenML (RFC 8428): bodies and what they resolve to are the examples of its section 5.1.</summary>
public sealed class SenMlTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_single_data_point_of_5_1_1_is_of_its_device_and_of_now() =>
        Assert.Equal(["urn:dev:ow:10e2073a01080063|temperature|2026-01-01T00:00:00Z|23.1|CEL"], Read("""[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]"""));

    [Fact]
    public void Multiple_data_points_of_5_1_2_share_a_base_name_and_a_base_time() =>
        Assert.Equal(
            [
                "urn:dev:ow:10e2073a01080063|voltage|2011-10-31T13:24:24Z|120.1|VLT",
                "urn:dev:ow:10e2073a01080063|current|2011-10-31T13:24:24Z|1.2|AMP",
            ],
            Read("""
                [{"bn":"urn:dev:ow:10e2073a01080063:","bt":1.320067464e+09,
                  "n":"voltage","u":"V","v":120.1},
                 {"n":"current","u":"A","v":1.2}]
                """));

    [Fact]
    public void Times_of_5_1_2_count_from_the_base_time_and_units_from_the_base_unit() =>
        Assert.Equal(
            [
                "urn:dev:ow:10e2073a0108006|voltage|2010-06-08T18:01:16.001Z|120.1|VLT",
                "urn:dev:ow:10e2073a0108006|current|2010-06-08T18:01:11.001Z|1.2|AMP",
                "urn:dev:ow:10e2073a0108006|current|2010-06-08T18:01:12.001Z|1.3|AMP",
                "urn:dev:ow:10e2073a0108006|current|2010-06-08T18:01:13.001Z|1.4|AMP",
                "urn:dev:ow:10e2073a0108006|current|2010-06-08T18:01:14.001Z|1.5|AMP",
                "urn:dev:ow:10e2073a0108006|current|2010-06-08T18:01:15.001Z|1.6|AMP",
                "urn:dev:ow:10e2073a0108006|current|2010-06-08T18:01:16.001Z|1.7|AMP",
            ],
            Read("""
                [{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":10,
                  "n":"voltage","u":"V","v":120.1},
                 {"n":"current","t":-5,"v":1.2},
                 {"n":"current","t":-4,"v":1.3},
                 {"n":"current","t":-3,"v":1.4},
                 {"n":"current","t":-2,"v":1.5},
                 {"n":"current","t":-1,"v":1.6},
                 {"n":"current","v":1.7}]
                """));

    [Fact]
    public void Relative_times_of_5_1_2_are_before_now() =>
        Assert.Equal(
            ["urn:dev:ow:10e2073a01080063|relativeHumidity|2026-01-01T00:00:00Z|21.2|P1", "urn:dev:ow:10e2073a01080063|relativeHumidity|2025-12-31T23:59:50Z|21.3|P1", "urn:dev:ow:10e2073a01080063|relativeHumidity|2025-12-31T23:59:40Z|21.4|P1"],
            Read("""[{"bn":"urn:dev:ow:10e2073a01080063","u":"%RH","v":21.2},{"u":"%RH","t":-10,"v":21.3},{"u":"%RH","t":-20,"v":21.4}]"""));

    [Fact]
    public void Multiple_data_types_of_5_1_4_are_numbers_texts_booleans_and_data() =>
        Assert.Equal(
            [
                "urn:dev:ow:10e2073a01080063|temp|2026-01-01T00:00:00Z|23.1|CEL",
                "urn:dev:ow:10e2073a01080063|label|2026-01-01T00:00:00Z|'Machine Room",
                "urn:dev:ow:10e2073a01080063|open|2026-01-01T00:00:00Z|false",
                "urn:dev:ow:10e2073a01080063|nfc-reader|2026-01-01T00:00:00Z|'aGkgCg",
            ],
            Read("""[{"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},{"n":"label","vs":"Machine Room"},{"n":"open","vb":false},{"n":"nfc-reader","vd":"aGkgCg"}]"""));

    [Fact]
    public void A_collection_of_5_1_5_has_names_that_are_no_URIs_and_names_of_devices() =>
        Assert.Equal(
            [
                "urn:ngsi-ld:Device:2001:db8::2|temperature|2010-06-07T01:21:16Z|25.2|CEL",
                "urn:ngsi-ld:Device:2001:db8::2|humidity|2010-06-07T01:21:16Z|30|P1",
                "urn:ngsi-ld:Device:2001:db8::1|temperature|2010-06-07T01:21:16Z|12.3|CEL",
            ],
            Read("""[{"bn":"2001:db8::2/","bt":1.275873676e+09,"n":"temperature","u":"Cel","v":25.2},{"n":"humidity","u":"%RH","v":30},{"bn":"2001:db8::1/","n":"temperature","u":"Cel","v":12.3}]"""));

    [Fact]
    public void Base_values_are_added_as_decimals_and_sums_are_an_attribute_of_their_own() =>
        Assert.Equal(
            ["urn:d:1|power|2026-01-01T00:00:00Z|20.3|WTT", "urn:d:1|powerSum|2026-01-01T00:00:00Z|100.5|JOU", "urn:d:1|energySum|2026-01-01T00:00:00Z|7|Wh.s"],
            Read("""[{"bn":"urn:d:1:","bv":20.1,"bs":100},{"n":"power","u":"W","v":0.2,"s":0.5},{"n":"energy","u":"Wh","s":-93}]"""));

    [Fact]
    public void What_is_fixed_for_a_pack_goes_on_in_its_next_part_and_the_cut_may_be_anywhere()
    {
        var body = Encoding.UTF8.GetBytes(""" [ {"bn":"urn:d:1:","bt":1767225600,"bu":"Cel","n":"a","vs":"}]\"{"} , {"n":"b","v":1},{"n":"c","v":2} ] """);
        var whole = RowReading.Read(Reader(), body);
        Assert.Equal(["urn:d:1|a|2026-01-01T00:00:00Z|'}]\"{|CEL", "urn:d:1|b|2026-01-01T00:00:00Z|1|CEL", "urn:d:1|c|2026-01-01T00:00:00Z|2|CEL"], whole);
        for (var piece = 1; piece < body.Length; piece++)
        {
            Assert.Equal(whole, RowReading.Read(Reader(), body, piece));
        }

        var first = Reader();
        first.TryRead(body, true, out var consumed, out _, out _);
        Assert.Equal(0, consumed);
        first.TryRead(body, true, out consumed, out _, out _);
        var second = Reader();
        second.Resume(first.Line, first.State);
        Assert.Equal(whole[1..], RowReading.Read(second, body[consumed..]));
    }

    [Fact]
    public void A_mapping_says_what_the_parts_of_a_name_are()
    {
        var mapping = """{"format":"senml","name":"city/{area}/{device}/{measured}","entity":"urn:ngsi-ld:Device:{area}-{device}","attribute":"{measured}","attributes":{"t":"temperature"}}""";

        var rows = RowReading.Read(
            new SenMlRows(new SenMlNames((SenMlMapping)MappingReader.Read(Encoding.UTF8.GetBytes(mapping))), new FakeTimeProvider(Now)),
            Encoding.UTF8.GetBytes("""[{"n":"city/north/17/t","u":"Cel","v":1},{"n":"north/17/t","v":1},{"n":"city/a/b/humidity","v":2}]"""));

        Assert.Equal("urn:ngsi-ld:Device:north-17|temperature|2026-01-01T00:00:00Z|1|CEL", rows[0]);
        Assert.StartsWith("2: n: 'north/17/t' is not of the form", rows[1], StringComparison.Ordinal);
        Assert.Equal("urn:ngsi-ld:Device:a-b|humidity|2026-01-01T00:00:00Z|2", rows[2]);
    }

    [Theory]
    [InlineData("""[{"n":"urn:d:1:a"}]""", "none of v, vs, vb, vd and s")]
    [InlineData("""[{"n":"urn:d:1:a","v":1,"vs":"a"}]""", "one of v, vs, vb and vd")]
    [InlineData("""[{"n":"urn:d:1:a","v":"1"}]""", "it is a number")]
    [InlineData("""[{"n":"urn:d:1:a","vb":1}]""", "it is true or false")]
    [InlineData("""[{"n":"urn:d:1:a","vd":"a+/="}]""", "base64url")]
    [InlineData("""[{"n":"a b","v":1}]""", "no name of SenML")]
    [InlineData("""[{"v":1}]""", "no name of SenML")]
    [InlineData("""[{"n":"urn:d:1:a","t":1e30,"v":1}]""", "beyond the numbers")]
    [InlineData("""[{"n":"urn:d:1:a","t":1e12,"v":1}]""", "years 1 to 9999")]
    [InlineData("""[{"n":"urn:d:1:a","v":NaN}]""", "not JSON")]
    public void A_record_that_is_none_is_refused_with_its_field(string body, string expected) => Assert.Contains(expected, Assert.Single(Read(body)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""[{"n":"urn:d:1:a","v":1,"bver":11}]""", "version")]
    [InlineData("""[{"n":"urn:d:1:a","v":1,"new_":11}]""", "must be understood")]
    [InlineData("""[{"n":"urn:d:1:a","v":1}""" + " ", "ends within")]
    [InlineData("""[{"n":"urn:d:1:a","v":1},""", "ends within")]
    [InlineData("""[{"n":"urn:d:1:a","v":""", "ends within")]
    [InlineData("""[{"n":"urn:d:1:a","v":1}{}]""", "no JSON array")]
    [InlineData("1", "no JSON array")]
    public void A_pack_that_cannot_be_read_on_says_why(string body, string expected) =>
        Assert.Contains(expected, Assert.Throws<IngestException>(() => Read(body)).Message, StringComparison.Ordinal);

    private static SenMlRows Reader() => new(new SenMlNames(null), new FakeTimeProvider(Now));

    private static List<string> Read(string body) => RowReading.Read(Reader(), Encoding.UTF8.GetBytes(body));
}
