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
    private ScenarioContent(ScenarioBase twin, IReadOnlyList<Intervention> interventions, byte[] canonical)
    {
        (Base, Interventions, Canonical) = (twin, interventions, canonical);
        Hash = Convert.ToHexStringLower(SHA256.HashData(canonical));
    }

    /// <summary>What the interventions are laid over.</summary>
    public ScenarioBase Base { get; }

    /// <summary>The tenant whose twin it is; empty is the default one.</summary>
    public string Tenant => Base.Tenant;

    /// <summary>The interventions, in the order in which they are applied.</summary>
    public IReadOnlyList<Intervention> Interventions { get; }

    /// <summary>The canonical form, which is stored.</summary>
    public byte[] Canonical { get; }

    /// <summary>Its SHA-256, in lower-case hexadecimal.</summary>
    public string Hash { get; }

    /// <summary>Makes the content of interventions.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: what is given is no I-JSON.</exception>
    public static ScenarioContent Of(ScenarioBase twin, IReadOnlyList<Intervention> interventions)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(json, NgsiLdResponse.JsonOptions))
        {
            writer.WriteStartObject();
            twin.WriteStored(writer);
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
            return new ScenarioContent(twin, interventions, CanonicalJson.Of(document.RootElement));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw NgsiLdException.BadRequest($"The interventions have no canonical form (RFC 8785): {fault.Message}", "/interventions");
        }
    }

    /// <summary>What tells an intervention from others: equal ones have the same.</summary>
    public static string KeyOf(Intervention intervention) => Of(new ScenarioBase(""), [intervention]).Hash;

    /// <summary>Reads what was stored.</summary>
    public static ScenarioContent Read(byte[] canonical)
    {
        using var document = JsonDocument.Parse(canonical);
        var interventions = InterventionReader.ReadAll(document.RootElement.GetProperty("interventions"), JsonLdContext.Core, "/interventions", int.MaxValue);
        return new ScenarioContent(ScenarioBase.ReadStored(document.RootElement.GetProperty("base")), interventions, canonical);
    }
}
