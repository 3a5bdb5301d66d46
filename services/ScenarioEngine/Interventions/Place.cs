using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>A position in degrees (WGS 84), as GeoJSON has it.</summary>
/// <param name="Longitude">From -180 to 180.</param>
/// <param name="Latitude">From -90 to 90.</param>
internal readonly record struct Place(double Longitude, double Latitude)
{
    /// <summary>Reads a member.</summary>
    public static Place Read(InterventionMembers members, string name) => members.Find(name) is { } json ? Read(json, members.PathOf(name)) : throw members.Missing(name);

    /// <summary>Reads a position.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: it is none.</exception>
    public static Place Read(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 2
            && json[0].ValueKind == JsonValueKind.Number && json[1].ValueKind == JsonValueKind.Number
            && json[0].GetDouble() is >= -180 and <= 180 and var longitude && json[1].GetDouble() is >= -90 and <= 90 and var latitude)
        {
            return new Place(longitude, latitude);
        }

        throw NgsiLdException.BadRequest("A position is [longitude, latitude] in degrees.", path);
    }

    /// <summary>As JSON.</summary>
    public JsonArray Node() => [Longitude, Latitude];

    /// <summary>Writes it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteNumberValue(Longitude);
        json.WriteNumberValue(Latitude);
        json.WriteEndArray();
    }
}
