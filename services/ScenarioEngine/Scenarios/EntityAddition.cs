using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>Adds entities. Without a given id, the id is made of what is added: the same thing has the same id in any scenario.</summary>
internal abstract record EntityAddition(string Entity, long? ValidFrom) : Intervention(Entity, ValidFrom)
{
    /// <summary>The type of what it adds, as the district's @context names it.</summary>
    protected abstract string EntityType { get; }

    /// <inheritdoc />
    public sealed override EntityDocument? Apply(string id, EntityDocument? entity, long now) => entity is null
        ? EntityOperations.Create(Make(id), now)
        : throw NgsiLdException.BadRequest($"There is an entity {id} already; give another id ('entity').", "entity");

    /// <summary>Gives it the id that follows from its content, when it has none.</summary>
    public EntityAddition Named()
    {
        if (Entity.Length > 0)
        {
            return this;
        }

        var json = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(json, NgsiLdResponse.JsonOptions))
        {
            Write(writer, static iri => iri);
        }

        using var document = JsonDocument.Parse(json.WrittenMemory);
        var hash = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(document.RootElement)));
        return this with { Entity = $"urn:ngsi-ld:{EntityType}:{hash[..24]}" };
    }

    /// <summary>Makes one of the entities that it adds.</summary>
    /// <param name="id">One of <see cref="Intervention.Touches"/>.</param>
    protected abstract EntityNode Make(string id);
}
