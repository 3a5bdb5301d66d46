using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>The value of a building's thermalZone, given whole.</summary>
/// <param name="Json">The object.</param>
internal sealed record ThermalZoneValue(ReadOnlyMemory<byte> Json)
{
    private const string Name = "thermalZone";

    /// <summary>Reads the member thermalZone as the heating and cooling model does: all of it, and nothing else.</summary>
    public static ThermalZoneValue Read(InterventionMembers members)
    {
        var json = members.Json(Name);
        try
        {
            using var zone = JsonDocument.Parse(json);
            ThermalZoneReader.Read(zone.RootElement, "");
        }
        catch (ModelInputException fault)
        {
            throw members.Fault(Pointer(fault.Input), fault.Fault);
        }

        return new ThermalZoneValue(Encoding.UTF8.GetBytes(JsonNode.Parse(json.Span)!.ToJsonString()));
    }

    /// <summary>As JSON.</summary>
    public JsonNode Node() => JsonNode.Parse(Json.Span)!;

    /// <summary>The path of an input, such as /thermalZone/opaque[2]/area or /opaque[2].area, as members are named here.</summary>
    private static string Pointer(string input)
    {
        var path = input.TrimStart('/').Replace('[', '/').Replace("]", "", StringComparison.Ordinal).Replace('.', '/');
        return path.StartsWith(Name, StringComparison.Ordinal) ? path : $"{Name}/{path}";
    }
}
