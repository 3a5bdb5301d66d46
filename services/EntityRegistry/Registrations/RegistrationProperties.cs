using System.Text;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Registrations;

/// <summary>What a registration says of its source, as an entity: so it is filtered by csf, scopeQ and geoqueries (GS CIM 009 5.10.2.4).</summary>
internal static class RegistrationProperties
{
    /// <summary>
    /// What is no property of the source: what an entity understands otherwise, what is matched by other parameters, and
    /// headers, which may be secrets and must not be found out by asking.
    /// </summary>
    private static readonly string[] Others =
        ["expiresAt", "datasetId", "information", "observationInterval", "managementInterval", "management", "contextSourceInfo"];

    /// <summary>Reads the properties.</summary>
    /// <param name="registration">The registration with names as IRIs.</param>
    /// <exception cref="NgsiLdException">BadRequestData: a property cannot be one, such as a location that is no geometry.</exception>
    public static EntityDocument Of(JsonObject registration)
    {
        var entity = new JsonObject();
        foreach ((string name, JsonNode? value) in registration)
        {
            if (!Others.Contains(name))
            {
                entity[name] = value?.DeepClone();
            }
        }

        return EntityDocument.Pack(EntityParser.ParseEntity(Encoding.UTF8.GetBytes(entity.ToJsonString()), JsonLdContext.Core, ParseOptions.Simplified));
    }

    /// <summary>The properties of a registration that was taken when less was asked of them: none where they cannot be read.</summary>
    public static EntityDocument OfStored(JsonObject registration)
    {
        try
        {
            return Of(registration);
        }
        catch (NgsiLdException)
        {
            return Of(new JsonObject { ["id"] = registration["id"]?.DeepClone(), ["type"] = registration["type"]?.DeepClone() });
        }
    }
}
