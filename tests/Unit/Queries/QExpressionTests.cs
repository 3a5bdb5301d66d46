using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Xunit;

namespace Twin.Tests.Unit.Queries;

public sealed class QExpressionTests
{
    private static readonly EntityDocument Tower = Given.Entity("""
        {
          "id": "urn:ngsi-ld:Building:1", "type": "Building",
          "name": {"type": "Property", "value": "Eiffel \"Tower\" é"},
          "level": {"type": "Property", "value": 4, "unitCode": "MTR", "observedAt": "2026-01-01T12:00:00.5Z",
                    "accuracy": {"type": "Property", "value": 0.5, "by": {"type": "Relationship", "object": "urn:x:sensor"}}},
          "almostFull": {"type": "Property", "value": false},
          "colours": {"type": "Property", "value": ["red", "green", 7]},
          "address": {"type": "Property", "value": {"city": "Berlin", "geo": {"lat": 52.5}, "tenants": [{"name": "Ann"}, {"name": "Bob"}]}},
          "built": {"type": "Property", "value": "1889-03-31T00:00:00Z"},
          "typed": {"type": "Property", "value": {"@type": "DateTime", "@value": "2020-01-01T00:00:00Z"}},
          "locatedIn": {"type": "Relationship", "object": "urn:ngsi-ld:City:Paris"},
          "owners": {"type": "Relationship", "object": ["urn:x:a", "urn:x:b"]},
          "colour": {"type": "LanguageProperty", "languageMap": {"en": "red", "fr": "rouge", "de-AT": ["rot", "Rot"]}},
          "category": {"type": "VocabProperty", "vocab": "commercial"},
          "doc": {"type": "JsonProperty", "json": {"a": {"b": [1, 2, {"c": 3}]}}},
          "route": {"type": "ListProperty", "valueList": ["550", "551"]},
          "stops": {"type": "ListRelationship", "objectList": [{"object": "urn:x:s1"}, {"object": "urn:x:s2"}]},
          "price": [{"type": "Property", "value": 10}, {"type": "Property", "value": 20, "datasetId": "urn:x:high"}],
          "gone": {"type": "Property", "value": 1, "expiresAt": "2026-01-02T00:00:00Z"}
        }
        """);

    [Theory]
    // Existence, also of parts; nothing there matches no operator.
    [InlineData("name", true)]
    [InlineData("nothing", false)]
    [InlineData("!nothing", true)]
    [InlineData("!name", false)]
    [InlineData("nothing!=1", false)]
    [InlineData("level.accuracy", true)]
    [InlineData("level.nothing", false)]
    [InlineData("address[city]", true)]
    [InlineData("address[postcode]", false)]
    [InlineData("address[postcode]!=\"x\"", false)]
    // Equality by JSON type.
    [InlineData("level==4", true)]
    [InlineData("level==4.0", true)]
    [InlineData("level==\"4\"", false)]
    [InlineData("level!=\"4\"", true)]
    [InlineData("level!=4", false)]
    [InlineData("almostFull==false", true)]
    [InlineData("almostFull==\"false\"", false)]
    [InlineData("almostFull!=true", true)]
    [InlineData("name==\"Eiffel \\\"Tower\\\" é\"", true)]
    [InlineData("name==\"Eiffel \\\"Tower\\\" \\u00e9\"", true)]
    [InlineData("name==\"eiffel\"", false)]
    [InlineData("locatedIn==urn:ngsi-ld:City:Paris", true)]
    [InlineData("locatedIn==\"urn:ngsi-ld:City:Paris\"", true)]
    [InlineData("locatedIn!=urn:ngsi-ld:City:Rome", true)]
    [InlineData("locatedIn>\"urn:a\"", false)]
    [InlineData("locatedIn~=\"Paris\"", false)]
    [InlineData("owners==urn:x:b", true)]
    [InlineData("owners==urn:x:c", false)]
    // Lists and ranges.
    [InlineData("level==3,4", true)]
    [InlineData("level==\"x\",4", true)]
    [InlineData("level!=3,5", true)]
    [InlineData("level!=3,4", false)]
    [InlineData("level==4..5", true)]
    [InlineData("level==1..4", true)]
    [InlineData("level==5..6", false)]
    [InlineData("level!=5..6", true)]
    [InlineData("level==-1.5..4.5", true)]
    [InlineData("built==1889-01-01T00:00:00Z..1889-12-31T00:00:00Z", true)]
    [InlineData("name==\"E\"..\"F\"", true)]
    // Order.
    [InlineData("level>3.9", true)]
    [InlineData("level>=4", true)]
    [InlineData("level<4", false)]
    [InlineData("level<=4", true)]
    [InlineData("level>\"1\"", false)]
    [InlineData("name>\"Eif\"", true)]
    [InlineData("name<\"Eif\"", false)]
    [InlineData("built<1900-01-01T00:00:00Z", true)]
    [InlineData("built==\"1889-03-31T00:00:00.000Z\"", true)]
    [InlineData("typed>\"2019-12-31T23:59:59Z\"", true)]
    // Patterns.
    [InlineData("name~=\"^Eiffel\"", true)]
    [InlineData("name~=Tower", true)]
    [InlineData("name~=(Ei|Pi)f", true)]
    [InlineData("name!~=\"^Pisa\"", true)]
    [InlineData("name!~=\"^Eiffel\"", false)]
    [InlineData("level~=\"4\"", false)]
    [InlineData("level!~=\"4\"", false)]
    [InlineData("colours~=\"^gre\"", true)]
    // Arrays.
    [InlineData("colours==\"green\"", true)]
    [InlineData("colours==7", true)]
    [InlineData("colours==\"blue\"", false)]
    [InlineData("colours!=\"green\"", false)]
    [InlineData("colours!=\"blue\"", true)]
    [InlineData("colours>6", true)]
    // Paths.
    [InlineData("level.accuracy==0.5", true)]
    [InlineData("level.accuracy.by==urn:x:sensor", true)]
    [InlineData("level.unitCode==\"MTR\"", true)]
    [InlineData("level.observedAt==2026-01-01T12:00:00.500Z", true)]
    [InlineData("level.observedAt>=\"2026-01-01T12:00:01Z\"", false)]
    [InlineData("name.observedAt", false)]
    [InlineData("createdAt==2026-01-01T00:00:00Z", true)]
    [InlineData("modifiedAt>2026-01-01T00:00:00Z;level", true)]
    [InlineData("level.createdAt<2026-01-01T00:00:01Z", true)]
    [InlineData("address[city]==\"Berlin\"", true)]
    [InlineData("address[geo.lat]>52", true)]
    [InlineData("address[tenants.name]==\"Bob\"", true)]
    [InlineData("address[tenants.0.name]==\"Bob\"", false)]
    [InlineData("address[tenants.1.name]==\"Bob\"", true)]
    [InlineData("doc[a.b]==2", true)]
    [InlineData("doc[a.b.c]==3", true)]
    [InlineData("doc[a.b.d]", false)]
    // Languages.
    [InlineData("colour[en]==\"red\"", true)]
    [InlineData("colour[EN]==\"red\"", true)]
    [InlineData("colour[en]==\"rouge\"", false)]
    [InlineData("colour[*]==\"rouge\"", true)]
    [InlineData("colour[*]!=\"red\"", false)]
    [InlineData("colour[*]!=\"blue\"", true)]
    [InlineData("colour[de-AT]==\"Rot\"", true)]
    [InlineData("colour[it]", false)]
    [InlineData("colour==\"red\"", false)]
    // The other attribute types.
    [InlineData("category==commercial", false)]
    [InlineData("category==https://uri.etsi.org/ngsi-ld/default-context/commercial", true)]
    [InlineData("route==\"551\"", true)]
    [InlineData("route==\"552\",\"550\"", true)]
    [InlineData("stops==urn:x:s2", true)]
    [InlineData("stops==urn:x:s3", false)]
    // Several instances: any of them.
    [InlineData("price==10", true)]
    [InlineData("price>15", true)]
    [InlineData("price>25", false)]
    [InlineData("price.datasetId==urn:x:high", true)]
    [InlineData("gone", false)]
    [InlineData("!gone", true)]
    // ; binds tighter than |.
    [InlineData("level==4|level==5;level==6", true)]
    [InlineData("(level==4|level==5);level==6", false)]
    [InlineData("((level==4));(name|nothing)", true)]
    [InlineData("https://uri.etsi.org/ngsi-ld/default-context/level.accuracy==0.5", true)]
    public void A_term_follows_clause_4_9(string q, bool expected) =>
        Assert.Equal(expected, QExpression.Parse(q, Given.Core).Matches(Tower, Given.Context));

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("==4", "character 0: expected an attribute name, found '='")]
    [InlineData("level=4", "character 5: expected an operator, ';', '|' or the end, found '='")]
    [InlineData("level==", "character 7: expected a value, found the end")]
    [InlineData("level>4..5", "character 7: expected a single value: ranges go with == and != only")]
    [InlineData("level>4,5", "character 7: expected a single value: lists")]
    [InlineData("level>true", "character 6")]
    [InlineData("level>fast", "character 6: expected a number, a text in double quotes")]
    [InlineData("(level==4", "character 9: expected ';', '|' or ')', found the end")]
    [InlineData("level==4)", "character 8")]
    [InlineData("))bad((", "character 0")]
    [InlineData("name==\"open", "character 11: expected a closing '\"'")]
    [InlineData("name==Eiffel Tower", "character 12")]
    [InlineData("name==\"a\\x\"", "character 6: expected a JSON string")]
    [InlineData("a..b==1", "character 2: expected a name between the dots")]
    [InlineData("a.b.==1", "character 4")]
    [InlineData("a[b==1", "character 3: expected ']'")]
    [InlineData("a[]==1", "character 2: expected a member name")]
    [InlineData("rel{name==1", "character 8: expected '}'")]
    [InlineData("rel{}==1", "character 4")]
    [InlineData("level==4;", "character 9")]
    [InlineData("level==4;;name", "character 9")]
    [InlineData("level==4..\"x\"", "character 10: expected the end of the range")]
    [InlineData("observedAt>4", "character 0: expected an attribute before")]
    [InlineData("level.observedAt.x", "character 16")]
    [InlineData("name~=\"(\"", "is not a regular expression")]
    [InlineData("name~=\"(?=x)y\"", "look-around")]
    [InlineData("id==\"x\"", "'id' stands for @id")]
    [InlineData("!level==4", "character 6")]
    public void A_syntax_error_says_where_and_what_was_expected(string q, string message)
    {
        NgsiLdException fault = Assert.Throws<NgsiLdException>(() => QExpression.Parse(q, Given.Core));
        Assert.Equal(NgsiLdErrorType.BadRequestData, fault.ErrorType);
        Assert.Equal("q", fault.Member);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_beyond_the_limits_is_too_complex()
    {
        foreach (string q in (string[])[
            new string('a', 5000), new string('(', 40) + "a" + new string(')', 40), string.Join(';', Enumerable.Repeat("a==1", 300)),
            "a" + string.Concat(Enumerable.Repeat(".b", 20)), "name~=\"" + new string('a', 600) + "\""])
        {
            Assert.Equal(NgsiLdErrorType.TooComplexQuery, Assert.Throws<NgsiLdException>(() => QExpression.Parse(q, Given.Core)).ErrorType);
        }
    }

    [Fact]
    public void An_exploding_pattern_returns_at_once()
    {
        EntityDocument entity = Given.Thing($$""" "name":{"type":"Property","value":"{{new string('a', 20_000)}}!"} """);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(QExpression.Parse("name~=\"(a+)+$\"", Given.Core).Matches(entity, Given.Context));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed}");
    }

    [Fact]
    public void ExpandValues_expands_the_constants_of_the_named_attributes_only()
    {
        Assert.True(QExpression.Parse("category==commercial", Given.Core, ["category"]).Matches(Tower, Given.Context));
        Assert.True(QExpression.Parse("category==\"commercial\"", Given.Core, ["https://uri.etsi.org/ngsi-ld/default-context/category"]).Matches(Tower, Given.Context));
        Assert.False(QExpression.Parse("category==commercial", Given.Core, ["name"]).Matches(Tower, Given.Context));
    }

    [Fact]
    public void A_linked_entity_is_asked_through_its_relationship()
    {
        EntityDocument paris = Given.Entity("""{"id":"urn:ngsi-ld:City:Paris","type":"City","name":{"type":"Property","value":"Paris"},"in":{"type":"Relationship","object":"urn:x:France"}}""");
        EntityDocument france = Given.Entity("""{"id":"urn:x:France","type":"Country","population":{"type":"Property","value":68}}""");
        var context = new EvaluationContext(Given.Now, AccessScope.Everything, id => id == paris.Id ? paris : id == france.Id ? france : null);
        Assert.True(QExpression.Parse("locatedIn{name}==\"Paris\"", Given.Core).Matches(Tower, context));
        Assert.True(QExpression.Parse("locatedIn{City:name}==\"Paris\"", Given.Core).Matches(Tower, context));
        Assert.True(QExpression.Parse("locatedIn{City|Town:name}==\"Paris\"", Given.Core).Matches(Tower, context));
        Assert.False(QExpression.Parse("locatedIn{Vehicle:name}==\"Paris\"", Given.Core).Matches(Tower, context));
        Assert.True(QExpression.Parse("locatedIn{in{population}}>60", Given.Core).Matches(Tower, context));
        Assert.False(QExpression.Parse("locatedIn{in{population}}>70", Given.Core).Matches(Tower, context));
        Assert.False(QExpression.Parse("owners{name}", Given.Core).Matches(Tower, context));
        Assert.Equal(2, QExpression.Parse("name;locatedIn{in{population}}>60", Given.Core).LinkDepth);
    }

    [Fact]
    public void The_analysis_names_what_every_match_must_fulfil()
    {
        QExpression q = QExpression.Parse("level>20;name==\"ok\";(a|b);level.accuracy==1;!c", Given.Core);
        Assert.Equal(["level", "name", "level"], q.Conjuncts.Select(c => c.Attribute.Iri[(c.Attribute.Iri.LastIndexOf('/') + 1)..]));
        Assert.Equal([ComparisonOperator.Greater, ComparisonOperator.Equal, ComparisonOperator.Exists], q.Conjuncts.Select(c => c.Operator));
        Assert.Equal(20, q.Conjuncts[0].Number);
        Assert.Equal("ok"u8.ToArray(), q.Conjuncts[1].Text!.Value.ToArray());
        Assert.Empty(QExpression.Parse("a|b", Given.Core).Conjuncts);
        Assert.False(QExpression.Parse("modifiedAt>2020-01-01T00:00:00Z", Given.Core).HasUserAttribute);
    }

    [Fact]
    public void A_name_that_appears_later_is_found_by_an_older_query()
    {
        string name = "neverSeen" + Guid.CreateVersion7().ToString("N");
        QExpression q = QExpression.Parse($"{name}==1", Given.Core);
        Assert.False(q.Matches(Tower, Given.Context));
        Assert.True(q.Matches(Given.Thing($$""" "{{name}}":{"type":"Property","value":1} """), Given.Context));
    }
}
