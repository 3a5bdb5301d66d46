using System.Text;
using CsCheck;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.Tests.Unit.Queries;

/// <summary>Entities and contexts for the tests of queries.</summary>
internal static class Given
{
    public const long Now = 1_780_000_000_000_000;

    public static JsonLdContext Core => JsonLdContext.Core;

    public static EvaluationContext Context { get; } = new(Now, AccessScope.Everything);

    public static EntityDocument Entity(string json, long createdAt = 1_767_225_600_000_000)
    {
        EntityNode node = EntityParser.ParseEntity(Encoding.UTF8.GetBytes(json), Core, ParseOptions.Entity);
        node.CreatedAt = createdAt;
        node.ModifiedAt = createdAt + 1_000_000;
        Stamp(node.Attributes, createdAt);
        return EntityDocument.Pack(node);
    }

    /// <summary>An entity of type Thing with these attributes.</summary>
    public static EntityDocument Thing(string attributes, string id = "urn:ngsi-ld:Thing:1") =>
        Entity($$"""{"id":"{{id}}","type":"Thing",{{attributes}}}""");

    public static int Term(string name) => Terms.Intern(Core.ExpandTerm(name));

    public static Gen<T> OneOf<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private static void Stamp(List<AttributeNode>? attributes, long at)
    {
        foreach (AttributeNode attribute in attributes ?? [])
        {
            attribute.CreatedAt = at;
            attribute.ModifiedAt = at;
            Stamp(attribute.SubAttributes, at);
        }
    }
}
