using System.Text;
using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.ScenarioEngine.Interventions;
using Twin.ScenarioEngine.Scenarios;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>The canonical form of RFC 8785, with its own examples, and what stands on it.</summary>
public sealed class CanonicalJsonTests
{
    /// <summary>RFC 8785, appendix B: doubles by their bits.</summary>
    [Theory]
    [InlineData(0x0000000000000000UL, "0")]
    [InlineData(0x8000000000000000UL, "0")]
    [InlineData(0x0000000000000001UL, "5e-324")]
    [InlineData(0x8000000000000001UL, "-5e-324")]
    [InlineData(0x7fefffffffffffffUL, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffffUL, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000UL, "9007199254740992")]
    [InlineData(0xc340000000000000UL, "-9007199254740992")]
    [InlineData(0x4430000000000000UL, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5UL, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6UL, "1e+23")]
    [InlineData(0x44b52d02c7e14af7UL, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4eUL, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4fUL, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50UL, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8cUL, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8dUL, "0.000001")]
    [InlineData(0x41b3de4355555553UL, "333333333.3333332")]
    [InlineData(0x41b3de4355555557UL, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696UL, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959UL, "1424953923781206.2")]
    public void A_number_is_written_as_ECMAScript_does(ulong bits, string expected) =>
        Assert.Equal(expected, CanonicalJson.Number(BitConverter.UInt64BitsToDouble(bits)));

    /// <summary>RFC 8785, 3.2.2 and 3.2.3.</summary>
    [Fact]
    public void The_sample_of_the_standard_gets_its_canonical_form()
    {
        const string Sample = """
            {"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
             "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}
            """;

        Assert.Equal(
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""",
            Canonical(Sample));
    }

    /// <summary>RFC 8785, 3.2.3.</summary>
    [Fact]
    public void Members_stand_in_the_order_of_their_UTF_16_code_units()
    {
        const string Sample = """{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}""";

        using var canonical = JsonDocument.Parse(Canonical(Sample));

        Assert.Equal(
            ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"],
            canonical.RootElement.EnumerateObject().Select(static member => member.Value.GetString()));
    }

    [Fact]
    public void A_member_that_occurs_twice_is_refused() => Assert.Throws<JsonException>(() => Canonical("""{"a":1,"a":2}"""));

    [Fact]
    public void Content_has_one_hash_however_it_is_written_and_comes_back_from_its_canonical_form()
    {
        var one = Content("""[{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":{"a":1.0,"b":[1e1]}}]""");
        var other = Content("""[{"value":{"b":[10],"a":1},"attribute":"https://uri.etsi.org/ngsi-ld/default-context/height","entity":"urn:b:1","type":"changeAttribute"}]""");

        Assert.Equal(one.Hash, other.Hash);
        Assert.Equal(one.Hash, ScenarioContent.Read(one.Canonical).Hash);
        Assert.NotEqual(one.Hash, Content("[]").Hash);
    }

    [Theory]
    [InlineData("""[{"type":"raze","entity":"urn:b:1"}]""", "/interventions/0/type")]
    [InlineData("""[{"type":"retrofit","entity":"urn:b:1"}]""", "/interventions/0")]
    [InlineData("""[{"type":"retrofit","entity":"urn:b:1","wall":{"uValue":-1}}]""", "/interventions/0/wall/uValue")]
    [InlineData("""[{"type":"retrofit","entity":"urn:b:1","walls":{"uValue":1}}]""", "/interventions/0")]
    [InlineData("""[{"type":"retrofit","entity":"urn:b:1","infiltration":1,"walls":{"uValue":1}}]""", "/interventions/0/walls")]
    [InlineData("""[{"type":"addPhotovoltaics","entity":"urn:b:1","peakPower":5000,"tilt":30,"azimuth":180}]""", "/interventions/0/losses")]
    [InlineData("""[{"type":"addPhotovoltaics","entity":"b1","peakPower":5000,"tilt":30,"azimuth":180,"losses":0.14}]""", "/interventions/0/entity")]
    [InlineData("""[{"type":"changeAttribute","entity":"urn:b:1","attribute":"height"}]""", "/interventions/0/value")]
    [InlineData("""[{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":1,"validFrom":"tomorrow"}]""", "/interventions/0/validFrom")]
    [InlineData("{}", "/interventions")]
    public void What_is_no_intervention_is_refused_with_the_member_at_fault(string json, string member) =>
        Assert.Equal(member, Assert.Throws<NgsiLdException>(() => Content(json)).Member);

    [Fact]
    public void A_difference_keeps_what_both_have_in_order()
    {
        var lines = ScenarioDiff.Between(Content(Changes(1, 2, 3, 4)), Content(Changes(2, 5, 4, 6)));

        Assert.Equal(["-1", "=2", "-3", "+5", "=4", "+6"], lines.Select(static line =>
            (line.Kind switch { DiffKind.Same => "=", DiffKind.Removed => "-", _ => "+" }) + Encoding.UTF8.GetString(((ChangeAttribute)line.Intervention).Value.Span)));
    }

    private static string Changes(params int[] values) =>
        $"[{string.Join(',', values.Select(static value => $$"""{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":{{value}}}"""))}]";

    private static ScenarioContent Content(string json)
    {
        using var document = JsonDocument.Parse(json);
        return ScenarioContent.Of(new ScenarioBase(""), InterventionReader.ReadAll(document.RootElement, JsonLdContext.Core, "/interventions", 100));
    }

    private static string Canonical(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Encoding.UTF8.GetString(CanonicalJson.Of(document.RootElement));
    }
}
