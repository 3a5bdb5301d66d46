using System.Text.Json.Nodes;
using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Xunit;

namespace Twin.Tests.Unit.Registry;

/// <summary>Context source registrations as GS CIM 009 5.2.9 defines them.</summary>
public sealed class RegistrationParserTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly int Building = Terms.Intern(JsonLdContext.Core.ExpandTerm("Building"));
    private static readonly int Name = Terms.Intern(JsonLdContext.Core.ExpandTerm("name"));

    private const string Whole =
        """
        {"id":"urn:ngsi-ld:ContextSourceRegistration:1","type":"ContextSourceRegistration","mode":"inclusive",
         "information":[{"entities":[{"type":"Building","idPattern":"^urn:ngsi-ld:Building:.*$"}],"propertyNames":["name"],"relationshipNames":["owner"]}],
         "endpoint":"https://freiburg.example/api","operations":["queryEntity","retrieveEntity"],"tenant":"open","contextSourceAlias":"freiburg",
         "expiresAt":"2027-01-01T00:00:00Z","management":{"timeout":250,"cooldown":5000,"localOnly":true},
         "contextSourceInfo":[{"key":"X-Api","value":"1"}]}
        """;

    [Fact]
    public void Every_member_is_read_5_2_9()
    {
        ContextSourceRegistration registration = Parse(Whole);

        Assert.Equal("urn:ngsi-ld:ContextSourceRegistration:1", registration.Id);
        Assert.Equal(new Uri("https://freiburg.example/api"), registration.Endpoint);
        Assert.Equal(RegistrationMode.Inclusive, registration.Mode);
        Assert.Equal(["queryEntity", "retrieveEntity"], registration.Operations.Order());
        Assert.Equal(("open", "freiburg"), (registration.Tenant, registration.Alias));
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000, registration.ExpiresAt);
        Assert.Equal((TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5), true), (registration.Timeout, registration.Cooldown, registration.LocalOnly));
        Assert.Equal([KeyValuePair.Create("X-Api", "1")], registration.Headers);
        EntityInfo entity = Assert.Single(Assert.Single(registration.Information).Entities);
        Assert.Equal([Building], entity.Types);
        Assert.Equal(2, registration.Information[0].Attributes.Length);
    }

    [Fact]
    public void What_is_left_out_has_the_defaults_of_the_standard_4_3_6()
    {
        ContextSourceRegistration registration = Parse("""{"type":"ContextSourceRegistration","information":[{"entities":[{"type":"Building"}]}],"endpoint":"http://a.example"}""");

        Assert.StartsWith("urn:ngsi-ld:ContextSourceRegistration:", registration.Id, StringComparison.Ordinal);
        Assert.Equal(RegistrationMode.Inclusive, registration.Mode);
        Assert.Contains("retrieveEntity", registration.Operations.Order());
        Assert.Contains("queryEntity", registration.Operations.Order());
        Assert.DoesNotContain("createEntity", registration.Operations.Order());
        Assert.Equal(0, registration.ExpiresAt);
    }

    [Fact]
    public void A_source_is_asked_for_what_it_may_hold_and_for_nothing_else()
    {
        ContextSourceRegistration registration = Parse(Whole);
        int other = Terms.Intern("https://twin.test/other");

        Assert.True(registration.MayHold(new WantedInformation(null, null, [Building])));
        Assert.True(registration.MayHold(new WantedInformation(["urn:ngsi-ld:Building:7"], null, null, [Name])));
        Assert.True(registration.MayHold(default));
        Assert.False(registration.MayHold(new WantedInformation(null, null, [other])));
        Assert.False(registration.MayHold(new WantedInformation(["urn:ngsi-ld:Vehicle:7"], null, [Building])));
        Assert.False(registration.MayHold(new WantedInformation(null, null, [Building], [other])));
    }

    [Theory]
    [InlineData("""{"type":"Subscription"}""", "/type")]
    [InlineData("""{"id":"no uri"}""", "/id")]
    [InlineData("""{"id":7}""", "/id")]
    [InlineData("""{"information":[]}""", "/information")]
    [InlineData("""{"information":{}}""", "/information")]
    [InlineData("""{"information":[{}]}""", "/information/0")]
    [InlineData("""{"information":[{"entities":[]}]}""", "/information/0/entities")]
    [InlineData("""{"information":[{"entities":[{"id":"urn:a:1"}]}]}""", "/information/entities/type")]
    [InlineData("""{"information":[{"entities":[{"type":"T","id":"no uri"}]}]}""", "/information/0/entities/0/id")]
    [InlineData("""{"information":[{"entities":[{"type":"T","idPattern":"(("}]}]}""", "/information/0/entities/0/idPattern")]
    [InlineData("""{"information":[{"entities":[{"type":"T","idPattern":"(a)\\1"}]}]}""", "/information/0/entities/0/idPattern")]
    [InlineData("""{"information":[{"propertyNames":[7]}]}""", "/information/propertyNames")]
    [InlineData("""{"endpoint":"ftp://a.example"}""", "/endpoint")]
    [InlineData("""{"endpoint":"http://user:secret@a.example"}""", "/endpoint")]
    [InlineData("""{"endpoint":"/relative"}""", "/endpoint")]
    [InlineData("""{"endpoint":null}""", "/endpoint")]
    [InlineData("""{"mode":"sometimes"}""", "/mode")]
    [InlineData("""{"mode":"exclusive"}""", "/information/0/propertyNames")]
    [InlineData("""{"mode":"exclusive","information":[{"entities":[{"type":"T"}],"propertyNames":["a"]}]}""", "/information/0/entities")]
    [InlineData("""{"operations":["fly"]}""", "/operations")]
    [InlineData("""{"expiresAt":"tomorrow"}""", "/expiresAt")]
    [InlineData("""{"expiresAt":"2026-11-25T11:59:59Z"}""", "/expiresAt")]
    [InlineData("""{"management":{"timeout":-1}}""", "/management/timeout")]
    [InlineData("""{"management":{"timeout":"1"}}""", "/management/timeout")]
    [InlineData("""{"contextSourceInfo":[{"key":"a"}]}""", "/contextSourceInfo")]
    [InlineData("""{"contextSourceInfo":[{"key":"a","value":"b\r\nSet-Cookie: c"}]}""", "/contextSourceInfo")]
    [InlineData("""{"contextSourceInfo":"a"}""", "/contextSourceInfo")]
    public void A_member_that_is_not_allowed_is_refused_by_name_5_9_2(string change, string member)
    {
        var body = (JsonObject)JsonNode.Parse("""{"type":"ContextSourceRegistration","information":[{"entities":[{"type":"Building"}]}],"endpoint":"http://a.example"}""")!;
        foreach ((string name, JsonNode? value) in (JsonObject)JsonNode.Parse(change)!)
        {
            body[name] = value?.DeepClone();
        }

        var refusal = Assert.Throws<NgsiLdException>(() => RegistrationParser.Parse(body, JsonLdContext.Core, Now));

        Assert.Equal(NgsiLdErrorType.BadRequestData, refusal.ErrorType);
        Assert.Equal(member, refusal.Member);
    }

    [Fact]
    public void A_patch_replaces_members_and_null_removes_the_optional_ones_5_9_3()
    {
        ContextSourceRegistration before = Parse(Whole);

        ContextSourceRegistration after = Patch(before, """{"endpoint":"https://basel.example","tenant":"urn:ngsi-ld:null","expiresAt":null}""");

        Assert.Equal(new Uri("https://basel.example"), after.Endpoint);
        Assert.Null(after.Tenant);
        Assert.Equal(0, after.ExpiresAt);
        Assert.Equal(before.Id, after.Id);
        Assert.Equal(before.Timeout, after.Timeout);
        Assert.Equal("open", before.Tenant);
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"id":"urn:other:1"}""", "/id")]
    [InlineData("""{"type":"Subscription"}""", "/type")]
    [InlineData("""{"endpoint":null}""", "/endpoint")]
    [InlineData("""{"information":"urn:ngsi-ld:null"}""", "/information")]
    [InlineData("""{"mode":"exclusive"}""", "/information/0/entities")]
    [InlineData("""{"expiresAt":"2020-01-01T00:00:00Z"}""", "/expiresAt")]
    public void A_patch_that_would_leave_something_that_is_not_allowed_is_refused_5_9_3(string fragment, string? member)
    {
        var refusal = Assert.Throws<NgsiLdException>(() => Patch(Parse(Whole), fragment));

        Assert.Equal(NgsiLdErrorType.BadRequestData, refusal.ErrorType);
        Assert.Equal(member, refusal.Member);
    }

    [Fact]
    public void Compacting_gives_back_the_terms_that_were_sent()
    {
        ContextSourceRegistration registration = Parse(Whole);

        JsonObject compact = RegistrationParser.Compact(registration.Document, JsonLdContext.Core);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Whole), compact), compact.ToJsonString());
    }

    private static ContextSourceRegistration Parse(string json) => RegistrationParser.Parse((JsonObject)JsonNode.Parse(json)!, JsonLdContext.Core, Now);

    private static ContextSourceRegistration Patch(ContextSourceRegistration current, string json) =>
        RegistrationParser.Patch(current, (JsonObject)JsonNode.Parse(json)!, JsonLdContext.Core, Now);
}
