using System.Text;
using CsCheck;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;
using Xunit;

namespace Twin.Tests.Unit.Documents;

/// <summary>What holds for every entity, not only for those somebody thought of.</summary>
public sealed class RoundTripProperties
{
    private static readonly RenderOptions Plain = new() { Context = JsonLdContext.Core };
    private static readonly Gen<string> Text = Gen.String[Gen.Char["aZ 9\"\\/\n\u0001é€\u2028"], 0, 12].Select(Quote);
    private static readonly Gen<string> Scalar = Gen.OneOf(
        Text, Gen.Int.Select(i => i.ToString()), Gen.Double[-1e9, 1e9].Select(d => d.ToString("R")), Gen.Const("true"), Gen.Const("false"));

    private static readonly Gen<string> Json = Gen.OneOf(
        Scalar,
        Scalar.Array[0, 3].Select(s => $"[{string.Join(',', s)}]"),
        Gen.Select(Scalar, Scalar, (a, b) => $"{{\"x\":{a},\"y\":{{\"z\":[{b},null]}}}}"));

    private static readonly Gen<string> Point = Gen.Select(Gen.Int[-180, 180], Gen.Int[-90, 90], (x, y) => $"{{\"type\":\"Point\",\"coordinates\":[{x},{y}]}}");

    private static readonly Gen<string> Head = Gen.OneOf(
        Json.Select(v => $"\"type\":\"Property\",\"value\":{v}"),
        Point.Select(v => $"\"type\":\"Property\",\"value\":{v}"),
        Point.Select(v => $"\"type\":\"GeoProperty\",\"value\":{v}"),
        Gen.Int[0, 9].Select(i => $"\"type\":\"Relationship\",\"object\":\"urn:x:{i}\""),
        Text.Select(t => $"\"type\":\"LanguageProperty\",\"languageMap\":{{\"fr\":{t},\"de-CH\":[{t}]}}"),
        Gen.Int[0, 9].Select(i => $"\"type\":\"VocabProperty\",\"vocab\":[\"word{i}\",\"https://example.org/{i}\"]"),
        Json.Select(v => $"\"type\":\"JsonProperty\",\"json\":[{v}]"),
        Json.Select(v => $"\"type\":\"ListProperty\",\"valueList\":[{v}]"),
        Gen.Int[0, 9].Select(i => $"\"type\":\"ListRelationship\",\"objectList\":[{{\"object\":\"urn:x:{i}\"}}]"));

    private static readonly Gen<string> Observed = Gen.OneOf(Gen.Const(""), Gen.Const(",\"observedAt\":\"2026-01-01T00:00:00.120Z\""));

    private static readonly Gen<string> Instance = Gen.Select(Head, Observed, Head, Gen.Bool, (head, observed, sub, has) =>
        $"{{{head}{observed}{(has ? $",\"note\":{{{sub}}}" : "")}}}");

    private static readonly Gen<string> Attribute = Gen.OneOf(
        Instance, Gen.Select(Instance, Instance, (a, b) => $"[{a},{b.Insert(b.Length - 1, ",\"datasetId\":\"urn:d:1\"")}]"));

    private static readonly Gen<string> Scope = Gen.OneOf(Gen.Const(""), Gen.Const(",\"scope\":\"/A\""), Gen.Const(",\"scope\":[\"/A/B\",\"/C\"]"));

    private static readonly Gen<string> Entity = Gen.Select(Attribute.Array[0, 5], Scope, (list, scope) =>
        $"{{\"id\":\"urn:x:1\",\"type\":\"T\"{scope}{string.Concat(list.Select((a, i) => $",\"a{i}\":{a}"))}}}");

    [Fact]
    public void Every_form_that_keeps_all_reads_back_to_the_same_entity() => Entity.Sample(
        json =>
        {
            EntityDocument entity = EntityOperations.Create(Bodies.Parse(json), 1_767_225_600_123_456);
            string normalized = Bodies.Render(entity);
            return Bodies.Render(Bodies.Pack(normalized)) == normalized
                && Bodies.Render(Bodies.Pack(Bodies.Render(entity, Plain with { Form = EntityForm.Concise }))) == normalized
                && Bodies.Stored(Bodies.Pack(Bodies.Stored(entity), ParseOptions.Stored)) == Bodies.Stored(entity)
                && Bodies.Stored(EntityDocument.Pack(entity.Unpack())) == Bodies.Stored(entity);
        },
        iter: 2000);

    [Fact]
    public void A_merge_with_itself_changes_no_value_and_a_second_merge_nothing_more() => Gen.Select(Entity, Entity).Sample(
        (before, patch) =>
        {
            EntityDocument entity = EntityOperations.Create(Bodies.Parse(before), 1);
            string self = Bodies.Render(Merge(entity, before));
            EntityDocument once = Merge(entity, patch);
            return self == Bodies.Render(entity) && Bodies.Render(Merge(once, patch)) == Bodies.Render(once);
        },
        iter: 2000);

    [Fact]
    public void What_several_sources_know_does_not_depend_on_their_order_and_auxiliaries_only_fill_holes() => Gen.Select(Entity, Entity).Sample(
        (a, b) =>
        {
            EntityDocument older = EntityOperations.Create(Bodies.Parse(a), 1);
            EntityDocument newer = EntityOperations.Create(Bodies.Parse(b), 2);
            HashSet<int> known = [.. older.Unpack().Attributes.Select(n => n.Name)];
            EntityDocument filled = EntityMerge.Merge([new(newer, IsAuxiliary: true), new(older)]);
            return Members(EntityMerge.Merge([new(older), new(newer)])).SetEquals(Members(EntityMerge.Merge([new(newer), new(older)])))
                && Members(filled).Where(m => known.Contains(m.Name) && m.Dataset is null).All(m => Members(older).Contains(m) || Members(older).All(o => o.Name != m.Name || o.Dataset is not null));
        },
        iter: 1000);

    [Fact]
    public void Random_bytes_and_broken_entities_are_refused_and_never_fail_otherwise()
    {
        ParseOptions[] all = [ParseOptions.Entity, ParseOptions.Fragment, ParseOptions.Patch, ParseOptions.SimplifiedPatch, ParseOptions.Simplified, ParseOptions.Stored, ParseOptions.Answer];
        Gen<byte[]> broken = Gen.Select(Entity, Gen.Int[0, 1000], Gen.Byte, (json, at, b) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            bytes[at % bytes.Length] = b;
            return bytes;
        });
        Gen.Select(Gen.OneOf(Gen.Byte.Array[0, 60], broken), Gen.Int[0, all.Length - 1].Select(i => all[i])).Sample(
            (bytes, options) =>
            {
                Try(() =>
                {
                    EntityNode node = EntityParser.ParseEntity(bytes, JsonLdContext.Core, options);
                    if (!options.AllowsNull)
                    {
                        Bodies.Render(EntityDocument.Pack(node));
                    }
                });
                Try(() => EntityParser.ParseEntities(bytes, JsonLdContext.Core, options));
                Try(() => EntityParser.ParseAttribute(bytes, CoreTerms.Location, JsonLdContext.Core, options));
                Try(() => EntityParser.ReadContext(bytes));
                Try(() => EntityParser.ReadContexts(bytes));
            },
            iter: 5000);
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (NgsiLdException)
        {
            // Refused, which is the one other thing that may happen.
        }
    }

    private static EntityDocument Merge(EntityDocument entity, string patch) =>
        EntityOperations.Merge(entity, Bodies.Parse(patch, ParseOptions.Patch), 2, MergeOptions.None).Next ?? entity;

    private static HashSet<(int Name, string? Dataset, string Value)> Members(EntityDocument entity) =>
        [.. entity.Unpack().Attributes.Select(a => (a.Name, a.DatasetId, $"{a.Kind} {Encoding.UTF8.GetString(a.Value.Span)}"))];

    private static string Quote(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] quoted = new byte[(utf8.Length * 6) + 2];
        return Encoding.UTF8.GetString(quoted, 0, JsonValues.WriteString(utf8, quoted));
    }
}
