using System.Text;
using System.Text.Json;
using CsCheck;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Xunit;

namespace Twin.Tests.Unit.Contexts;

/// <summary>Names to IRIs and back: JSON-LD 1.1 API 4.1, 4.2, 5.2, 6.2 and GS CIM 009 V1.9.1, 4.4.</summary>
public sealed class ExpansionTests
{
    private const string Default = "https://uri.etsi.org/ngsi-ld/default-context/";

    [Theory]
    [InlineData("Building", Default + "Building")]
    [InlineData("location", "https://uri.etsi.org/ngsi-ld/location")]
    [InlineData("description", "http://purl.org/dc/terms/description")]
    [InlineData("value", "https://uri.etsi.org/ngsi-ld/hasValue")]
    [InlineData("id", "@id")]
    [InlineData("type", "@type")]
    [InlineData("@id", "@id")]
    [InlineData("ngsi-ld:name", "https://uri.etsi.org/ngsi-ld/name")]
    [InlineData("geojson:Point", "https://purl.org/geojson/vocab#Point")]
    [InlineData("https://example.org/a", "https://example.org/a")]
    [InlineData("urn:x:y", "urn:x:y")]
    [InlineData("ngsi-ld://authority", "ngsi-ld://authority")]
    [InlineData("1st:name", Default + "1st:name")]
    [InlineData("Gebäude", Default + "Gebäude")]
    public void The_core_context_expands_a_name(string name, string iri)
    {
        Assert.Equal(iri, JsonLdContext.Core.ExpandTerm(name));
        if (iri[0] != '@')
        {
            int id = JsonLdContext.Core.Expand(Encoding.UTF8.GetBytes(name));
            Assert.Equal(iri, Terms.Iri(id));
            Assert.Equal(iri, Encoding.UTF8.GetString(Terms.Utf8(id)));
            Assert.True(JsonLdContext.Core.TryExpand(name, out int found));
            Assert.Equal(id, found);
        }
    }

    [Theory]
    [InlineData("https://uri.etsi.org/ngsi-ld/default-context/Building", "Building")]
    [InlineData("https://uri.etsi.org/ngsi-ld/location", "location")]
    [InlineData("https://uri.etsi.org/ngsi-ld/unheardOf", "ngsi-ld:unheardOf")]
    [InlineData("https://uri.etsi.org/ngsi-ld/default-context/location", "ngsi-ld:default-context/location")]
    [InlineData("https://uri.etsi.org/ngsi-ld/default-context/", "ngsi-ld:default-context/")]
    [InlineData("https://example.org/a", "https://example.org/a")]
    public void The_core_context_compacts_an_iri(string iri, string name)
    {
        int id = Terms.Intern(iri);

        Assert.Equal(name, JsonLdContext.Core.CompactIri(iri));
        Assert.Equal(name, JsonLdContext.Core.Compact(id));
        Assert.Equal(name, Encoding.UTF8.GetString(JsonLdContext.Core.CompactUtf8(id)));
        Assert.Equal($"\"{name}\":", Encoding.UTF8.GetString(JsonLdContext.Core.PropertyName(id)));
        Assert.Equal($"\"{name}\"", Encoding.UTF8.GetString(JsonLdContext.Core.Quoted(id)));
    }

    [Fact]
    public void A_property_name_is_escaped_for_json_and_not_more()
    {
        int id = Terms.Intern(Default + "a\"b\\c\nGebäude'<");

        Assert.Equal("""
            "a\"b\\c\nGebäude'<":
            """, Encoding.UTF8.GetString(JsonLdContext.Core.PropertyName(id)));
        Assert.Equal("a\"b\\c\nGebäude'<", Encoding.UTF8.GetString(JsonLdContext.Core.CompactUtf8(id)));
    }

    [Fact]
    public void A_query_for_names_nobody_used_interns_nothing()
    {
        int before = Terms.Count;

        Assert.False(JsonLdContext.Core.TryExpand($"never{before}heardOf", out _));
        Assert.False(JsonLdContext.Core.TryExpand("https://example.org/neverHeardOf", out _));
        Assert.False(JsonLdContext.Core.TryExpand("id", out _));
        Assert.False(JsonLdContext.Core.TryExpand(string.Empty, out _));
        Assert.False(Terms.TryGet($"{Default}never{before}heardOf", out _));
    }

    [Fact]
    public void A_keyword_and_an_empty_name_are_no_attribute()
    {
        Assert.Throws<NgsiLdException>(() => JsonLdContext.Core.Expand("id"u8));
        Assert.Throws<NgsiLdException>(() => JsonLdContext.Core.Expand("@graph"u8));
        Assert.Throws<NgsiLdException>(() => JsonLdContext.Core.Expand(""u8));
        NgsiLdException nothing = Assert.Throws<NgsiLdException>(() => Compiling.Compile("""{"gone": null}""").Expand("gone"u8));
        Assert.Contains("'gone'", nothing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Core_terms_win_over_the_users()
    {
        JsonLdContext context = Compiling.Compile("""{"description": "https://smartdatamodels.org/description", "type": "https://example.org/type", "@vocab": "https://example.org/"}""");

        Assert.Equal("http://purl.org/dc/terms/description", context.ExpandTerm("description"));
        Assert.Equal("@type", context.ExpandTerm("type"));
        Assert.Equal(Default + "other", context.ExpandTerm("other"));
        Assert.Equal("https://smartdatamodels.org/description", context.CompactIri("https://smartdatamodels.org/description"));
    }

    [Fact]
    public void The_users_terms_shadow_the_default_vocabulary_which_falls_back_to_a_compact_iri()
    {
        JsonLdContext context = Compiling.Compile("""{"almostFull": "https://ngsi-ld-test-suite/context#almostFull"}""");

        Assert.Equal("https://ngsi-ld-test-suite/context#almostFull", context.ExpandTerm("almostFull"));
        Assert.Equal("ngsi-ld:default-context/almostFull", context.CompactIri(Default + "almostFull"));
        Assert.Equal("almostFull", context.CompactIri("https://ngsi-ld-test-suite/context#almostFull"));
    }

    [Fact]
    public void Of_two_terms_the_shorter_and_then_the_lesser_is_taken()
    {
        JsonLdContext context = Compiling.Compile("""{"longer": "https://example.org/a", "bb": "https://example.org/a", "ab": "https://example.org/a"}""");

        Assert.Equal("ab", context.CompactIri("https://example.org/a"));
        Assert.Equal("ab", context.Compact(Terms.Intern("https://example.org/a")));
    }

    [Fact]
    public void A_term_coerced_to_an_id_comes_before_a_plain_one_and_that_before_one_of_a_datatype()
    {
        JsonLdContext context = Compiling.Compile("""
            {"p": "https://example.org/b", "byId": {"@id": "https://example.org/b", "@type": "@id"},
             "plain": "https://example.org/c", "d": {"@id": "https://example.org/c", "@type": "https://example.org/date"},
             "only": {"@id": "https://example.org/e", "@type": "@json"}}
            """);

        Assert.Equal("byId", context.CompactIri("https://example.org/b"));
        Assert.Equal("plain", context.CompactIri("https://example.org/c"));
        Assert.Equal("only", context.CompactIri("https://example.org/e"));
    }

    /// <summary>Whatever a @context says, a name it gives to an IRI leads back to that IRI.</summary>
    [Fact]
    public void What_is_compacted_expands_to_itself()
    {
        Gen<string> name = Gen.OneOf(OneOf("a", "b", "ab", "urn", "https", "ngsi-ld", "value", "name", "é"), Gen.String[Gen.Char["abc-:/#.@é"], 1, 5]);
        Gen<string> iri = Gen.Select(
            OneOf("https://example.org/", "https://example.org/x#", Default, "https://uri.etsi.org/ngsi-ld/", "urn:a:"),
            Gen.String[Gen.Char["abc/#:-é"], 0, 4],
            (start, end) => start + end);
        Gen<(string Term, string Iri, int Form)[]> terms = Gen.Select(name, iri, Gen.Int[0, 3]).Array[0, 6];

        Gen.Select(terms, iri, name).Sample((definitions, some, asked) =>
        {
            JsonLdContext context;
            try
            {
                context = Compiling.Compile(Json(definitions));
            }
            catch (NgsiLdException)
            {
                return;
            }

            string[] iris = [some, .. definitions.Select(d => d.Iri), .. Expandable(context, asked)];
            foreach (string one in iris)
            {
                string compact = context.CompactIri(one);
                // An IRI that no name fits stays whole. Where its scheme is a prefix of the @context, JSON-LD has no way
                // to write it at all ("IRI confused with prefix"); everything else leads back.
                bool confused = compact == one && context.ExpandTerm(one) != one;
                Assert.True(confused || context.ExpandTerm(compact) == one, $"{Json(definitions)}: {one} -> {compact} -> {context.ExpandTerm(compact)}");
            }
        });

        static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

        static string Json((string Term, string Iri, int Form)[] definitions) => "{" + string.Join(',', definitions.DistinctBy(d => d.Term).Select(d => JsonSerializer.Serialize(d.Term) + ":" + d.Form switch
        {
            0 => $$"""{"@id":"{{d.Iri}}","@prefix":true}""",
            1 => $$"""{"@id":"{{d.Iri}}","@type":"@id"}""",
            _ => JsonSerializer.Serialize(d.Iri),
        })) + "}";

        static IEnumerable<string> Expandable(JsonLdContext context, string name)
        {
            string iri;
            try
            {
                iri = context.ExpandTerm(name);
            }
            catch (NgsiLdException)
            {
                yield break;
            }

            if (iri[0] != '@')
            {
                yield return iri;
            }
        }
    }

    [Fact]
    public void Only_a_simple_term_that_ends_like_a_namespace_or_one_marked_prefix_stands_before_a_colon()
    {
        JsonLdContext context = Compiling.Compile("""
            {"s": "https://schema.org/", "word": "https://example.org/word", "marked": {"@id": "https://example.org/m-", "@prefix": true}, "plain": {"@id": "https://example.org/p/"}}
            """);

        Assert.Equal("https://schema.org/name", context.ExpandTerm("s:name"));
        Assert.Equal("s:name", context.CompactIri("https://schema.org/name"));
        Assert.Equal("word:name", context.ExpandTerm("word:name"));
        Assert.Equal("https://example.org/words", context.CompactIri("https://example.org/words"));
        Assert.Equal("https://example.org/m-1", context.ExpandTerm("marked:1"));
        Assert.Equal("plain:1", context.ExpandTerm("plain:1"));
        Assert.Equal("https://example.org/p/1", context.CompactIri("https://example.org/p/1"));
    }

    [Fact]
    public void Definitions_lean_on_each_other_in_any_order()
    {
        JsonLdContext context = Compiling.Compile("""
            {"c": "b", "b": "a:b", "a": "https://example.org/", "d": {"@type": "dt:date"}, "dt": "https://www.w3.org/2001/XMLSchema#", "a:e": {"@type": "@vocab"}}
            """);

        Assert.Equal("https://example.org/b", context.ExpandTerm("c"));
        Assert.Equal(Default + "d", context.ExpandTerm("d"));
        Assert.True(context.TryGetDefinition("d", out TermDefinition date));
        Assert.Equal("https://www.w3.org/2001/XMLSchema#date", date.Datatype);
        Assert.True(context.TryGetDefinition("a:e", out TermDefinition vocab));
        Assert.Equal(TermCoercion.Vocab, vocab.Coercion);
        Assert.Equal("https://example.org/e", vocab.Iri);
    }

    [Fact]
    public void A_users_vocabulary_reaches_the_terms_it_defines()
    {
        JsonLdContext context = Compiling.Compile("""{"@vocab": "https://example.org/v#", "height": {"@type": "@json"}, "size": "magnitude"}""");

        Assert.Equal("https://example.org/v#height", context.ExpandTerm("height"));
        Assert.Equal("https://example.org/v#magnitude", context.ExpandTerm("size"));
    }

    [Fact]
    public void Coercions_and_containers_are_known()
    {
        JsonLdContext context = Compiling.Compile("""{"list": {"@id": "https://example.org/l", "@container": ["@list"]}}""");

        Assert.True(context.TryGetDefinition("languageMap", out TermDefinition language));
        Assert.Equal(TermContainers.Language, language.Containers);
        Assert.True(context.TryGetDefinition("list", out TermDefinition list));
        Assert.Equal(TermContainers.List, list.Containers);
        Assert.True(context.TryGetDefinition("object", out TermDefinition target));
        Assert.Equal(TermCoercion.Id, target.Coercion);
        Assert.True(context.TryGetDefinition("json", out TermDefinition json));
        Assert.Equal(TermCoercion.Json, json.Coercion);
    }

    [Fact]
    public void Ids_expand_without_terms_and_vocabulary_values_with_them()
    {
        JsonLdContext context = Compiling.Compile("""{"open": "https://example.org/open", "ex": "https://example.org/"}""");

        Assert.Equal("https://example.org/open", context.ExpandIri("open", vocab: true));
        Assert.Equal("open", context.ExpandIri("open", vocab: false));
        Assert.Equal("https://example.org/1", context.ExpandIri("ex:1", vocab: false));
        Assert.Equal("urn:ngsi-ld:Building:1", context.ExpandIri("urn:ngsi-ld:Building:1", vocab: false));
        Assert.Equal(string.Empty, context.ExpandIri(string.Empty, vocab: false));
    }

    [Fact]
    public void Known_names_cost_no_memory()
    {
        JsonLdContext context = Compiling.Compile("""{"height": "https://example.org/height"}""");
        int id = context.Expand("height"u8);
        context.Expand("ngsi-ld:some"u8);
        context.Expand("notDefinedAnywhere"u8);
        _ = context.PropertyName(id);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++)
        {
            _ = context.Expand("height"u8) + context.Expand("ngsi-ld:some"u8) + context.Expand("notDefinedAnywhere"u8);
            _ = context.TryExpand("height", out _);
            _ = context.PropertyName(id);
            _ = context.Compact(id);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
