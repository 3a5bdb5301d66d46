using System.Text.Json;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>What a scenario is laid over.</summary>
/// <param name="Tenant">Whose twin; empty is the default tenant's.</param>
internal sealed record ScenarioBase(string Tenant)
{
    /// <summary>Reads what was stored.</summary>
    public static ScenarioBase ReadStored(JsonElement json) => new(json.GetProperty("tenant").GetString()!);

    /// <summary>Writes it to be stored, and hashed.</summary>
    public void WriteStored(Utf8JsonWriter json)
    {
        json.WriteStartObject("base"u8);
        json.WriteString("tenant"u8, Tenant);
        json.WriteEndObject();
    }
}
