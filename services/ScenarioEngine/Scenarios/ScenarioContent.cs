using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>
/// What a scenario says: a base and an ordered list of interventions. Its identity is the SHA-256 of its canonical form
/// (RFC 8785), so that the same content has the same hash in any city.
/// </summary>
internal sealed class ScenarioContent
{
    private ScenarioContent(string tenant, IReadOnlyList<Intervention> interventions, byte[] canonical)
    {
        (Tenant, Interventions, Canonical) = (tenant, interventions, canonical);
        Hash = Convert.ToHexStringLower(SHA256.HashData(canonical));
    }

    /// <summary>The tenant whose twin, as it is now, is the base; empty is the default one.</summary>
    public string Tenant { get; }

    /// <summary>The interventions, in the order in which they are applied.</summary>
    public IReadOnlyList<Intervention> Interventions { get; }

    /// <summary>The canonical form, which is stored.</summary>
    public byte[] Canonical { get; }

    /// <summary>Its SHA-256, in lower-case hexadecimal.</summary>
    public string Hash { get; }

    /// <summary>Makes the content of interventions.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: what is given is no I-JSON.</exception>
    public static ScenarioContent Of(string tenant, IReadOnlyList<Intervention> interventions)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(json, NgsiLdResponse.JsonOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("base"u8);
            writer.WriteString("tenant"u8, tenant);
            writer.WriteEndObject();
            writer.WriteStartArray("interventions"u8);
            foreach (var one in interventions)
            {
                one.Write(writer, static iri => iri);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        try
        {
            using var document = JsonDocument.Parse(json.WrittenMemory);
            return new ScenarioContent(tenant, interventions, CanonicalJson.Of(document.RootElement));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw NgsiLdException.BadRequest($"The interventions have no canonical form (RFC 8785): {fault.Message}", "/interventions");
        }
    }

    /// <summary>Reads what was stored.</summary>
    public static ScenarioContent Read(byte[] canonical)
    {
        using var document = JsonDocument.Parse(canonical);
        var interventions = InterventionReader.ReadAll(document.RootElement.GetProperty("interventions"), JsonLdContext.Core, "/interventions", int.MaxValue);
        return new ScenarioContent(document.RootElement.GetProperty("base").GetProperty("tenant").GetString()!, interventions, canonical);
    }
}
