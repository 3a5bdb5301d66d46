using System.Text;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Xunit;

namespace Twin.Tests.Unit.Queries;

public sealed class EntityQueryTests
{
    private static readonly EntityDocument Car = Given.Entity("""
        {"id":"urn:ngsi-ld:Vehicle:A","type":"Vehicle","scope":"/City/North","speed":{"type":"Property","value":120},"brand":{"type":"Property","value":"M"},
         "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[8,40]}},"owner":{"type":"Relationship","object":"urn:x:o"}}
        """);

    [Theory]
    [InlineData("type=Vehicle", true)]
    [InlineData("type=Building", false)]
    [InlineData("type=*", true)]
    [InlineData("type=Vehicle&id=urn:ngsi-ld:Vehicle:A,urn:x:b", true)]
    [InlineData("type=Vehicle&id=urn:x:b", false)]
    [InlineData("type=Vehicle&idPattern=Vehicle", true)]
    [InlineData("type=Vehicle&idPattern=^Vehicle", false)]
    [InlineData("type=Vehicle&id=urn:ngsi-ld:Vehicle:A&idPattern=^no$", true)]
    [InlineData("q=speed>100", true)]
    [InlineData("q=speed>100;brand==\"X\"", false)]
    [InlineData("attrs=speed,nothing", true)]
    [InlineData("attrs=nothing", false)]
    [InlineData("type=Vehicle&pick=nothing", false)]
    [InlineData("type=Vehicle&pick=id,nothing", true)]
    [InlineData("type=Vehicle&omit=id,type,scope,speed,brand,location,owner", false)]
    [InlineData("type=Vehicle&scopeQ=/City/%2b", true)]
    [InlineData("type=Vehicle&scopeQ=/Town", false)]
    [InlineData("georel=near;maxDistance==1000&geometry=Point&coordinates=[8,40]", true)]
    [InlineData("georel=near;maxDistance==1000&geometry=Point&coordinates=[9,40]", false)]
    [InlineData("local=true", true)]
    [InlineData("type=Vehicle&limit=5&offset=0&count=true&options=keyValues&join=&datasetId=@none", true)]
    public void Parameters_select_entities(string url, bool expected) =>
        Assert.Equal(expected, FromUrl(url).Matches(Car, Given.Context));

    [Fact]
    public void A_member_in_pick_and_in_omit_is_named_as_it_was_written_4_21()
    {
        NgsiLdException refusal = Assert.Throws<NgsiLdException>(() =>
            EntityQueryParser.FromParameters([new("type", "Vehicle"), new("pick", "id,createdAt,name"), new("omit", "createdAt,id")], Given.Core));

        Assert.StartsWith("'id, createdAt' is in pick and in omit", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("typ=Vehicle", "typ")]
    [InlineData("type=Vehicle&type=Car", "type")]
    [InlineData("id=urn:x:a", "type")]
    [InlineData("attrs=createdAt", "attrs")]
    [InlineData("q=modifiedAt>\"2020-01-01T00:00:00Z\"", "type")]
    [InlineData("type=Vehicle&id=notauri", "id")]
    [InlineData("type=Vehicle&idPattern=x**", "idPattern")]
    [InlineData("attrs=id,type", "attrs")]
    [InlineData("type=*&local=false", "local")]
    [InlineData("type=Vehicle&local=maybe", "local")]
    [InlineData("type=Vehicle&q=owner{name}==\"x\"", "q")]
    [InlineData("type=Vehicle&q=owner{works{name}}==\"x\"&join=inline&joinLevel=1", "q")]
    [InlineData("type=Vehicle&csf=))bad((", "csf")]
    [InlineData("type=Vehicle&pick=name&omit=name", "omit")]
    [InlineData("type=Vehicle&pick=name&attrs=category", "attrs")]
    [InlineData("type=Vehicle&omit=name&attrs=category", "attrs")]
    [InlineData("type=Vehicle&pick=id;name", "pick")]
    [InlineData("type=Vehicle&pick=id,locatedAt{name", "pick")]
    [InlineData("type=Vehicle&pick=id,locatedAt{{name}", "pick")]
    [InlineData("type=Vehicle&pick=id,,name", "pick")]
    [InlineData("type=Vehicle&pick=name||level", "pick")]
    [InlineData("type=Vehicle&pick=id,locatedAt{,name}", "pick")]
    [InlineData("type=Vehicle&pick=id,locatedAt{}", "pick")]
    [InlineData("type=Vehicle&pick=locatedAt{owner{name}}&join=inline&joinLevel=1", "pick")]
    [InlineData("type=Vehicle&omit=locatedAt{owner{name}}&join=inline&joinLevel=1", "omit")]
    [InlineData("type=Vehicle&pick=locatedAt{name}", "pick")]
    [InlineData("type=Vehicle&pick=a{a{a{a{a{a{a{a{a{a{a{name}}}}}}}}}}}&join=inline&joinLevel=10", "pick")]
    [InlineData("type=Vehicle&join=sideways", "join")]
    [InlineData("type=Vehicle&join=flat&joinLevel=0", "joinLevel")]
    [InlineData("type=Vehicle&datasetId=x", "datasetId")]
    [InlineData("type=Vehicle&lang=fr;q=x", "lang")]
    [InlineData("type=Vehicle&orderBy=name&collation=!!nope", "collation")]
    [InlineData("type=Vehicle&orderBy=id&collation=not a bcp47 tag!!", "collation")]
    [InlineData("type=Vehicle&orderBy=location;dist-asc", "orderFrom")]
    [InlineData("type=Vehicle&orderBy=name;up", "orderBy")]
    [InlineData("type=Vehicle&orderBy=a{b}", "orderBy")]
    [InlineData("type=Vehicle&coordinates=[1,2]", "georel")]
    public void A_wrong_parameter_is_named(string url, string parameter)
    {
        NgsiLdException fault = Assert.Throws<NgsiLdException>(() => FromUrl(url));
        Assert.Equal(NgsiLdErrorType.BadRequestData, fault.ErrorType);
        Assert.Equal(parameter, fault.Member);
    }

    [Theory]
    [InlineData("""{"type":"Query","entities":[{"type":"Vehicle"}],"q":"speed>100"}""", true)]
    [InlineData("""{"type":"Query","entities":[{"type":"Vehicle","id":["urn:ngsi-ld:Vehicle:A","urn:x:b"]}]}""", true)]
    [InlineData("""{"type":"Query","entities":[{"type":"Vehicle","id":"urn:ngsi-ld:Vehicle:A","idPattern":"^no$"}]}""", true)]
    [InlineData("""{"type":"Query","entities":[{"type":"Vehicle","idPattern":"^no$"}]}""", false)]
    [InlineData("""{"type":"Query","entities":[{"type":"Boat"},{"type":"Building,Vehicle"}]}""", true)]
    [InlineData("""{"type":"Query","attrs":["speed"]}""", true)]
    [InlineData("""{"type":"Query","geoQ":{"georel":"near;maxDistance==1000","geometry":"Point","coordinates":[8,40]}}""", true)]
    [InlineData("""{"type":"Query","geoQ":{"georel":"within","geometry":"Polygon","coordinates":"[[[0,0],[1,0],[1,1],[0,0]]]","geoproperty":"location"}}""", false)]
    [InlineData("""{"type":"Query","entities":[{"type":"Vehicle"}],"scopeQ":"/City/#","pick":["id","speed"],"join":"inline","joinLevel":2,"lang":"fr","ordering":{"orderBy":["location;dist-asc"],"coordinates":[8,40],"geometry":"Point"}}""", true)]
    public void A_body_selects_entities(string body, bool expected) =>
        Assert.Equal(expected, EntityQueryParser.FromBody(Encoding.UTF8.GetBytes(body), Given.Core).Matches(Car, Given.Context));

    [Theory]
    [InlineData("""{"type":"Query","entities":[]}""", "/entities")]
    [InlineData("""{"type":"Query","entities":[{"type":"V"}],"attrs":[]}""", "/attrs")]
    [InlineData("""{"type":"Query","entities":[{"type":"V"}],"q":42}""", "/q")]
    [InlineData("""{"type":"Query","entities":[{"type":"V"}],"join":"inline","joinLevel":0}""", "joinLevel")]
    [InlineData("""{"type":"Query","entities":[{"type":"V"}],"temporalQ":{}}""", "/temporalQ")]
    [InlineData("""{"type":"NotQuery","entities":[{"type":"V"}]}""", "/type")]
    [InlineData("""{"type":"Query","entities":[{"id":"urn:x:a"}]}""", "/entities/0/type")]
    [InlineData("""{"type":"Query","entities":[{"type":"V","id":"not a uri"}]}""", "id")]
    [InlineData("""{"type":"Query","entities":[{"type":"V","id":["urn:x:a",5]}]}""", "/entities/0/id")]
    [InlineData("""{"type":"Query","entities":[{"type":"V"}],"ordering":{"orderBy":["location;dist-asc"]}}""", "orderFrom")]
    [InlineData("""{"type":"Query","entities":[{"type":"V"}],"ordering":{"orderBy":["location;dist-asc"],"coordinates":"8,40"}}""", "/ordering/coordinates")]
    [InlineData("""{"type":"Query","entities":[{"type":"V"}],"ordering":{"orderBy":["id;asc"],"geometry":5}}""", "/ordering/geometry")]
    [InlineData("""{"type":"Query","entities":[{"type":"V"}],"colour":1}""", "/colour")]
    [InlineData("""{"type":"Query"}""", "type")]
    public void A_wrong_member_of_a_body_is_named(string body, string member)
    {
        NgsiLdException fault = Assert.Throws<NgsiLdException>(() => EntityQueryParser.FromBody(Encoding.UTF8.GetBytes(body), Given.Core));
        Assert.Equal(NgsiLdErrorType.BadRequestData, fault.ErrorType);
        Assert.Equal(member, fault.Member);
    }

    [Fact]
    public void A_body_that_is_no_JSON_is_an_invalid_request()
    {
        foreach (string body in (string[])["", "{", "[]", "{\"type\":\"Query\"}x", new string('[', 10_000)])
        {
            Assert.Equal(NgsiLdErrorType.InvalidRequest, Assert.Throws<NgsiLdException>(() => EntityQueryParser.FromBody(Encoding.UTF8.GetBytes(body), Given.Core)).ErrorType);
        }
    }

    [Fact]
    public void An_expired_entity_does_not_match()
    {
        EntityDocument gone = Given.Entity("""{"id":"urn:x:g","type":"Vehicle","expiresAt":"2026-01-02T00:00:00Z","speed":{"type":"Property","value":1}}""");
        Assert.False(FromUrl("type=Vehicle").Matches(gone, Given.Context));
        Assert.True(FromUrl("type=Vehicle").Matches(gone, new EvaluationContext(1_767_225_600_000_000, AccessScope.Everything)));
    }

    [Fact]
    public void What_is_hidden_does_not_exist_for_any_part_of_a_query()
    {
        var context = new EvaluationContext(Given.Now, AccessScope.Of([new AccessGrant
        {
            Types = [TermName.OfIri(Given.Core.ExpandTerm("Vehicle"))],
            Attributes = new AttributeNames([TermName.OfIri(Given.Core.ExpandTerm("brand"))]),
        }]));
        Assert.True(FromUrl("type=Vehicle&q=brand").Matches(Car, context));
        foreach (string hidden in (string[])["q=speed", "q=speed!=5", "attrs=speed", "georel=disjoint&geometry=Point&coordinates=[1,1]", "type=Vehicle&pick=speed"])
        {
            Assert.True(FromUrl(hidden).Matches(Car, Given.Context), hidden);
            Assert.False(FromUrl(hidden).Matches(Car, context), hidden);
        }

        Assert.True(FromUrl("q=!speed").Matches(Car, context));
        EntityOrder order = EntityOrder.Parse("speed;desc", null, null, null, Given.Core)!;
        Assert.Equal(default, order.Key(Car, context).Keys[0]);
        Assert.False(FromUrl("type=Vehicle").Matches(Car, new EvaluationContext(Given.Now, AccessScope.Nothing)));
    }

    [Fact]
    public void Grants_add_up_and_each_covers_its_own_entities()
    {
        AccessScope scope = AccessScope.Of([
            new AccessGrant { Scopes = ScopeQuery.Parse("/City/#"), Attributes = new AttributeNames([TermName.OfIri(Given.Core.ExpandTerm("speed"))]) },
            new AccessGrant { Area = GeoQuery.Within("Polygon", "[[[7,39],[9,39],[9,41],[7,41],[7,39]]]"), Attributes = new AttributeNames([TermName.OfIri(Given.Core.ExpandTerm("brand")), TermName.OfIri(Given.Core.ExpandTerm("location"))]) },
            new AccessGrant { Types = [TermName.OfIri("urn:x:Other")] }]);
        Assert.True(scope.TrySee(Car, out VisibleAttributes visible));
        Assert.True(visible.Contains(Given.Term("speed")));
        Assert.True(visible.Contains(Given.Term("brand")));
        Assert.False(visible.Contains(Given.Term("owner")));
        Assert.False(scope.TrySee(Given.Thing("\"a\":{\"type\":\"Property\",\"value\":1}"), out _));
        Assert.True(AccessScope.OpenData(null, "/City/#").TrySee(Car, out visible));
        Assert.True(visible.IsAll);
        Assert.False(AccessScope.OpenData(["urn:x:Other"], null).TrySee(Car, out _));
    }

    [Fact]
    public void A_projection_keeps_what_is_picked_and_leaves_out_what_is_omitted()
    {
        Projection pick = Projection.Parse("id|name,locatedAt{id,name}", null, null, null, Given.Core);
        Assert.True(pick.Keeps(EntityMembers.Id));
        Assert.False(pick.Keeps(EntityMembers.Type));
        Assert.True(pick.Keeps(Given.Term("name")));
        Assert.True(pick.Keeps(Given.Term("locatedAt")));
        Assert.False(pick.Keeps(Given.Term("speed")));
        Assert.False(pick.Linked(Given.Term("locatedAt")).Keeps(EntityMembers.Type));
        Assert.True(pick.Linked(Given.Term("locatedAt")).Keeps(Given.Term("name")));
        Assert.True(pick.Linked(Given.Term("name")).IsEverything);
        Projection omit = Projection.Parse(null, "type,locatedAt{name}", null, null, Given.Core);
        Assert.True(omit.Keeps(Given.Term("locatedAt")));
        Assert.False(omit.Keeps(EntityMembers.Type));
        Assert.False(omit.Linked(Given.Term("locatedAt")).Keeps(Given.Term("name")));
        Projection attrs = Projection.Parse(null, null, "speed", "@none", Given.Core);
        Assert.True(attrs.Keeps(EntityMembers.Scope));
        Assert.False(attrs.Keeps(Given.Term("name")));
    }

    [Theory]
    [InlineData("fr;q=0.2,nl;q=0.9", "nl,fr")]
    [InlineData("fr-CH,en;q=0.8,*;q=0.5,de;q=0", "fr-CH,en,*")]
    public void Languages_are_ranked_by_weight_then_as_given(string lang, string tags) =>
        Assert.Equal(tags, string.Join(',', LanguageFilter.Parse(lang)!.Ranges));

    [Fact]
    public void The_candidates_hold_every_match()
    {
        EntityQuery query = FromUrl("type=(Vehicle;Car),Boat&id=urn:x:a,urn:x:b&q=speed>1");
        Assert.Equal(["urn:x:a", "urn:x:b"], query.CandidateIds!.Order());
        Assert.Contains(Given.Term("Vehicle"), query.CandidateTypes!);
        Assert.Equal([Given.Term("speed")], query.CandidateAttributes!);
        Assert.Null(FromUrl("local=true").CandidateTypes);
        Assert.Null(FromUrl("type=*").CandidateTypes);
    }

    private static EntityQuery FromUrl(string url) => EntityQueryParser.FromParameters(
        url.Split('&').Select(p => KeyValuePair.Create(p[..p.IndexOf('=', StringComparison.Ordinal)], p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..].Replace("%2b", "+", StringComparison.Ordinal))), Given.Core);
}
