using CsCheck;
using Twin.NgsiLd;
using Twin.NgsiLd.Queries;
using Xunit;

namespace Twin.Tests.Unit.Queries;

public sealed class QueryFuzzTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char["abcx01.,;|()!=<>~[]{}\"\\:/#+-* é\u0000\ud800"], 0, 40],
        Given.OneOf("a", "b.c", "a[b]", "r{a}", "==", "!=", ">", ">=", "~=", "!~=", "1", "\"x\"", "true", "1..2", ",", ";", "|", "(", ")", "!", "2020-01-01T00:00:00Z", "createdAt", "urn:x:y", "..", "[*]", "{", "}").Array[0, 12].Select(string.Concat));

    [Fact]
    public void No_text_throws_anything_but_a_refusal() => Text.Sample(
        text =>
        {
            Try(() => QExpression.Parse(text, Given.Core, ["a"]).Matches(Entity, Given.Context));
            Try(() => TypeExpression.Parse(text, Given.Core).Matches(Entity.Types));
            Try(() => ScopeQuery.Parse(text).Matches(Entity));
            Try(() => GeoQuery.Parse("within", "Polygon", text, null, Given.Core).Matches(Entity));
            Try(() => GeoQuery.Parse(text, "Point", "[1,2]", text, Given.Core).Matches(Entity));
            Try(() => MemberSelection.Parse(text, Given.Core, "pick"));
            Try(() => Projection.Parse(null, null, text, text, Given.Core));
            Try(() => EntityOrder.Parse(text, text, null, null, Given.Core)?.Key(Entity, Given.Context));
            Try(() => LanguageFilter.Parse(text));
            Try(() => IdFilter.Parse(text.Split(','), text)?.Matches(Entity));
            Try(() => EntityQueryParser.FromBody(System.Text.Encoding.UTF8.GetBytes(text), Given.Core));
            Try(() => EntityQueryParser.FromBody(System.Text.Encoding.UTF8.GetBytes("""{"type":"Query","entities":""" + text + "}"), Given.Core));
        },
        iter: 3_000,
        seed: "0N0XIzNsQ0O2");

    private static readonly Twin.NgsiLd.Entities.EntityDocument Entity = Given.Entity(
        """{"id":"urn:x:1","type":"a","scope":"/a/b","a":{"type":"Property","value":{"b":[1,"x"]}},"b":{"type":"Property","value":"x","c":{"type":"Property","value":1}},"r":{"type":"Relationship","object":"urn:x:y"},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[1,2]}}}""");

    private static void Try(Action parse)
    {
        try
        {
            parse();
        }
        catch (NgsiLdException)
        {
            // Refused, as it may be.
        }
    }
}
