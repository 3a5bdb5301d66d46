using System.Buffers;
using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Gives the default instance of an attribute another value; what else is known of it, such as its unit, stays.</summary>
/// <param name="Entity">The id of the entity.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Attribute">The attribute's full IRI.</param>
/// <param name="Value">The value as JSON: a Relationship's object, a LanguageProperty's languageMap, and so on.</param>
/// <param name="UnitCode">The unit that the value is in, which must be the attribute's own; null: the attribute's own, unsaid.</param>
internal sealed record ChangeAttribute(string Entity, long? ValidFrom, string Attribute, ReadOnlyMemory<byte> Value, string? UnitCode) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "changeAttribute";

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes => [Attribute];

    /// <summary>Reads it.</summary>
    public static ChangeAttribute Read(InterventionMembers members)
    {
        var (entity, from, name) = (members.Entity, members.ValidFrom, members.Text("attribute"));
        var iri = name.Length <= Terms.MaximumLength ? Expand(name, members) : "";
        return Uris.IsAbsolute(iri)
            ? new ChangeAttribute(entity, from, iri, members.Json("value"), members.OptionalText("unitCode"))
            : throw members.Fault("attribute", $"'{name}' is no attribute name.");
    }

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now)
    {
        var term = Terms.Intern(Attribute);
        if (!entity.TryFind(term, out var current) || current.HasDatasetId)
        {
            throw NgsiLdException.BadRequest($"The entity {Entity} has no attribute {Attribute}, or none without a dataset.", "attribute");
        }

        if (UnitCode is not null && !current.UnitCode.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(UnitCode)))
        {
            var own = System.Text.Encoding.UTF8.GetString(current.UnitCode);
            throw NgsiLdException.BadRequest(own.Length > 0 ? $"The attribute is in {own}, not in {UnitCode}; nothing is converted." : $"The attribute has no unitCode, so that {UnitCode} does not fit.", "unitCode");
        }

        try
        {
            var fragment = EntityParser.ParseAttribute(Fragment(current.Kind), term, JsonLdContext.Core, ParseOptions.Patch);
            return EntityOperations.UpdateAttribute(entity, fragment, now).Next ?? entity;
        }
        catch (NgsiLdException fault)
        {
            throw NgsiLdException.BadRequest(fault.Message, "value");
        }
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteString("attribute"u8, name(Attribute));
        json.WritePropertyName("value"u8);
        json.WriteRawValue(Value.Span);
        if (UnitCode is not null)
        {
            json.WriteString("unitCode"u8, UnitCode);
        }
    }

    private static string Expand(string name, InterventionMembers members)
    {
        try
        {
            return members.Context.ExpandTerm(name);
        }
        catch (NgsiLdException fault)
        {
            throw members.Fault("attribute", fault.Message);
        }
    }

    private ReadOnlyMemory<byte> Fragment(AttributeKind kind)
    {
        var to = new ArrayBufferWriter<byte>(Value.Length + 64);
        using (var json = new Utf8JsonWriter(to))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, kind.ToString());
            json.WritePropertyName(kind switch
            {
                AttributeKind.Property or AttributeKind.GeoProperty => "value",
                AttributeKind.Relationship => "object",
                AttributeKind.LanguageProperty => "languageMap",
                AttributeKind.VocabProperty => "vocab",
                AttributeKind.JsonProperty => "json",
                AttributeKind.ListProperty => "valueList",
                AttributeKind.ListRelationship => "objectList",
                _ => throw new System.Diagnostics.UnreachableException(),
            });
            json.WriteRawValue(Value.Span);
            json.WriteEndObject();
        }

        return to.WrittenMemory;
    }
}
