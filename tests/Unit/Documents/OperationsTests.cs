using System.Text;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;
using Xunit;

namespace Twin.Tests.Unit.Documents;

public sealed class OperationsTests
{
    private const long Created = 1_000_000;
    private const long Later = 2_000_000;

    [Theory]
    // 5.5.12: members that are not mentioned stay, also within an object value.
    [InlineData(""" "a":{"type":"Property","value":{"x":1,"y":2},"unitCode":"CEL"} """, """ {"a":{"value":{"y":3,"z":4}}} """, """ "a":{"type":"Property","value":{"x":1,"y":3,"z":4},"unitCode":"CEL"} """)]
    [InlineData(""" "a":{"type":"Property","value":{"x":1,"y":{"z":2,"w":3}}} """, """ {"a":{"value":{"x":"urn:ngsi-ld:null","y":{"w":"urn:ngsi-ld:null"}}}} """, """ "a":{"type":"Property","value":{"y":{"z":2}}} """)]
    [InlineData(""" "a":{"type":"Property","value":1,"unitCode":"CEL","observedAt":"2026-01-01T00:00:00.000Z"} """, """ {"a":{"unitCode":"urn:ngsi-ld:null"}} """, """ "a":{"type":"Property","value":1,"observedAt":"2026-01-01T00:00:00.000Z"} """)]
    [InlineData(""" "a":{"type":"Property","value":1},"b":{"type":"Property","value":2} """, """ {"a":"urn:ngsi-ld:null"} """, """ "b":{"type":"Property","value":2} """)]
    [InlineData(""" "a":{"type":"Relationship","object":"urn:x:1"} """, """ {"a":{"type":"Property","value":2}} """, """ "a":{"type":"Property","value":2} """)]
    [InlineData(""" "a":{"type":"LanguageProperty","languageMap":{"fr":"un","en":"one"}} """, """ {"a":{"languageMap":{"de":"eins","fr":"urn:ngsi-ld:null"}}} """, """ "a":{"type":"LanguageProperty","languageMap":{"en":"one","de":"eins"}} """)]
    [InlineData(""" "a":{"type":"LanguageProperty","languageMap":{"fr":"un"}},"b":{"type":"Property","value":2} """, """ {"a":{"type":"LanguageProperty","languageMap":{"@none":"urn:ngsi-ld:null"}}} """, """ "b":{"type":"Property","value":2} """)]
    [InlineData(""" "a":[{"type":"Property","value":1},{"type":"Property","value":2,"datasetId":"urn:d:1"}] """, """ {"a":{"value":"urn:ngsi-ld:null","datasetId":"urn:d:1"}} """, """ "a":{"type":"Property","value":1} """)]
    [InlineData(""" "a":{"type":"Property","value":1,"s":{"type":"Property","value":5},"t":{"type":"Property","value":6}} """, """ {"a":{"s":"urn:ngsi-ld:null","t":{"value":7},"u":8}} """, """ "a":{"type":"Property","value":1,"t":{"type":"Property","value":7},"u":{"type":"Property","value":8}} """)]
    [InlineData(""" "a":{"type":"GeoProperty","value":{"type":"Point","coordinates":[1,2]}} """, """ {"a":{"value":{"type":"Point","coordinates":[3,4]}}} """, """ "a":{"type":"GeoProperty","value":{"type":"Point","coordinates":[3,4]}} """)]
    public void Merge_goes_into_the_attribute(string before, string patch, string after) =>
        Assert.Equal(Bodies.With(after.Trim()), Merged(before, patch));

    [Theory]
    [InlineData(""" "a":{"type":"Relationship","object":"urn:x:1"} """, """ {"a":"urn:x:2"} """, """ "a":{"type":"Relationship","object":"urn:x:2"} """)]
    [InlineData(""" "a":{"type":"Property","value":1,"unitCode":"CEL"} """, """ {"a":2} """, """ "a":{"type":"Property","value":2,"unitCode":"CEL"} """)]
    [InlineData(""" "a":{"type":"LanguageProperty","languageMap":{"fr":"un","en":"one"}} """, """ {"a":"uno"} """, """ "a":{"type":"LanguageProperty","languageMap":{"fr":"un","en":"one","es":"uno"}} """)]
    [InlineData(""" "a":{"type":"JsonProperty","json":{"x":1}} """, """ {"a":{"json":{"x":2}}} """, """ "a":{"type":"JsonProperty","json":{"x":2}} """)]
    public void A_simplified_merge_keeps_the_type_that_is_there(string before, string patch, string after) =>
        Assert.Equal(Bodies.With(after.Trim()), Merged(before, patch, ParseOptions.SimplifiedPatch, new MergeOptions(Language: "es")));

    [Fact]
    public void The_observedAt_of_a_merge_goes_to_attributes_that_have_one_and_are_merged() =>
        Assert.Equal(
            Bodies.With("""
                "a":{"type":"Property","value":2,"observedAt":"2026-02-02T00:00:00Z"},"b":{"type":"Property","value":3}
                """.Trim()),
            Merged(
                """ "a":{"type":"Property","value":1,"observedAt":"2026-01-01T00:00:00Z"},"b":{"type":"Property","value":2} """,
                """ {"a":{"value":2},"b":{"value":3}} """,
                options: new MergeOptions("2026-02-02T00:00:00Z")));

    [Fact]
    public void A_merge_adds_types_and_sets_the_scope()
    {
        EntityUpdate update = EntityOperations.Merge(
            Create(""" "a":{"type":"Property","value":1} """),
            Bodies.Parse("""{"type":"Hall","scope":["/A","/B"]}""", ParseOptions.Patch),
            Later,
            MergeOptions.None);
        Assert.Equal("""{"id":"urn:ngsi-ld:Building:1","type":["Building","Hall"],"scope":["/A","/B"],"a":{"type":"Property","value":1}}""", Bodies.Render(update.Next!));
    }

    [Fact]
    public void A_merge_of_nothing_changes_nothing() =>
        Assert.Null(EntityOperations.Merge(Create(""" "a":{"type":"Property","value":1} """), Bodies.Parse("{}", ParseOptions.Patch), Later, MergeOptions.None).Next);

    [Fact]
    public void Times_of_creation_stay_and_only_what_is_written_is_modified()
    {
        EntityUpdate update = EntityOperations.Merge(
            Create(""" "a":{"type":"Property","value":1},"b":{"type":"Property","value":2} """),
            Bodies.Parse("""{"a":{"value":3},"c":4}""", ParseOptions.Patch),
            Later,
            MergeOptions.None);
        Assert.Equal((Created, Later), (update.Next!.CreatedAt, update.Next.ModifiedAt));
        Assert.Equal([(Created, Later), (Created, Created), (Later, Later)], update.Next.Unpack().Attributes.Select(a => (a.CreatedAt, a.ModifiedAt)));
        Assert.Equal([Id("c")], update.Added);
        Assert.Equal([Id("a"), Id("c")], update.Updated);
    }

    [Fact]
    public void Append_without_overwriting_names_what_it_kept_and_adds_scopes()
    {
        EntityDocument current = Bodies.Pack("""{"id":"urn:x:1","type":"T","scope":"/A","a":{"type":"Property","value":1}}""");
        EntityUpdate update = EntityOperations.Append(
            current, Bodies.Parse("""{"scope":"/B","a":2,"b":3}""", ParseOptions.Fragment), overwrite: false, Later);
        Assert.Equal("""{"id":"urn:x:1","type":"T","scope":["/A","/B"],"a":{"type":"Property","value":1},"b":{"type":"Property","value":3}}""", Bodies.Render(update.Next!));
        Assert.Equal([Id("a")], update.NotUpdated.Select(n => n.Name));
    }

    [Fact]
    public void Update_replaces_the_whole_instance_and_refuses_a_scope_where_there_is_none()
    {
        EntityUpdate update = EntityOperations.Update(
            Create(""" "a":{"type":"Property","value":1,"unitCode":"CEL","expiresAt":"2030-01-01T00:00:00Z"} """),
            Bodies.Parse("""{"scope":"/B","a":{"type":"Property","value":2}}""", ParseOptions.Fragment),
            Later);
        Assert.Equal(Bodies.With("""
            "a":{"type":"Property","value":2}
            """.Trim()), Bodies.Render(update.Next!));
        Assert.Equal([CoreTerms.Scope], update.NotUpdated.Select(n => n.Name));
        Assert.Equal(0, update.Next!.Unpack().Attributes[0].ExpiresAt);
    }

    [Theory]
    [InlineData("\"urn:ngsi-ld:null\"")]
    [InlineData("{\"type\":\"LanguageProperty\",\"languageMap\":{\"@none\":\"urn:ngsi-ld:null\"}}")]
    [InlineData("{\"type\":\"LanguageProperty\",\"languageMap\":\"urn:ngsi-ld:null\"}")]
    [InlineData("{\"value\":\"urn:ngsi-ld:null\"}")]
    public void Every_form_of_NGSI_LD_Null_removes_the_attribute(string removal)
    {
        EntityDocument current = Create(""" "a":{"type":"LanguageProperty","languageMap":{"fr":"un"}} """);
        EntityNode fragment = Bodies.Parse($"{{\"a\":{removal}}}", ParseOptions.Fragment);
        Assert.Equal(0, EntityOperations.Update(current, fragment, Later).Next!.InstanceCount);
        Assert.Equal(0, EntityOperations.UpdateAttribute(current, Fragment("a", removal), Later).Next!.InstanceCount);
    }

    [Fact]
    public void A_partial_update_overwrites_members_and_keeps_the_rest()
    {
        EntityUpdate update = EntityOperations.UpdateAttribute(
            Create(""" "a":{"type":"Property","value":{"x":1,"y":2},"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z","s":{"type":"Property","value":1}} """),
            Fragment("a", """{"value":{"x":5},"observedAt":"2026-01-02T00:00:00.000Z"}"""),
            Later);
        Assert.Equal(
            Bodies.With("""
                "a":{"type":"Property","value":{"x":5},"unitCode":"CEL","observedAt":"2026-01-02T00:00:00.000Z","s":{"type":"Property","value":1}}
                """.Trim()),
            Bodies.Render(update.Next!));
    }

    [Theory]
    [InlineData("a", """{"type":"Relationship","object":"urn:x:1"}""", NgsiLdErrorType.BadRequestData)]
    [InlineData("b", """{"value":1}""", NgsiLdErrorType.ResourceNotFound)]
    [InlineData("a", """{"value":1,"datasetId":"urn:d:9"}""", NgsiLdErrorType.ResourceNotFound)]
    public void A_partial_update_of_another_type_or_of_nothing_is_refused(string name, string fragment, NgsiLdErrorType type) =>
        Assert.Equal(type, Assert.Throws<NgsiLdException>(() => EntityOperations.UpdateAttribute(Create(""" "a":{"type":"Property","value":1} """), Fragment(name, fragment), Later)).ErrorType);

    [Fact]
    public void Delete_takes_the_default_instance_that_of_a_dataset_or_all()
    {
        EntityDocument current = Create(""" "a":[{"type":"Property","value":1},{"type":"Property","value":2,"datasetId":"urn:d:1"}] """);
        Assert.Equal(1, EntityOperations.DeleteAttribute(current, Id("a"), "urn:d:1", false, Later).Next!.InstanceCount);
        EntityDocument rest = EntityOperations.DeleteAttribute(current, Id("a"), null, false, Later).Next!;
        Assert.Equal("urn:d:1", rest.Unpack().Attributes[0].DatasetId);
        Assert.Equal(0, EntityOperations.DeleteAttribute(current, Id("a"), null, true, Later).Next!.InstanceCount);
        Assert.Throws<NgsiLdException>(() => EntityOperations.DeleteAttribute(rest, Id("a"), null, false, Later));
    }

    [Fact]
    public void An_expired_attribute_is_gone_and_its_siblings_stay()
    {
        EntityDocument entity = Create(""" "a":{"type":"Property","value":1,"expiresAt":"2026-01-01T00:00:00Z"},"b":{"type":"Property","value":2} """);
        Assert.True(Timestamps.TryParse("2026-01-01T00:00:00Z"u8, out long moment));
        Assert.Equal(moment, Expiry.Next(entity));
        Assert.Same(entity, Expiry.At(entity, moment - 1));
        Assert.Equal(1, Expiry.At(entity, moment)!.InstanceCount);
    }

    private static int Id(string name) => JsonLdContext.Core.Expand(name.AsSpan());

    private static List<AttributeNode> Fragment(string name, string json) =>
        EntityParser.ParseAttribute(Encoding.UTF8.GetBytes(json), Id(name), JsonLdContext.Core, ParseOptions.Patch);

    private static EntityDocument Create(string attributes) => EntityOperations.Create(Bodies.Parse(Bodies.With(attributes)), Created);

    private static string Merged(string before, string patch, ParseOptions? form = null, MergeOptions? options = null) =>
        Bodies.Render(EntityOperations.Merge(Create(before), Bodies.Parse(patch, form ?? ParseOptions.Patch), Later, options ?? MergeOptions.None).Next!);
}
