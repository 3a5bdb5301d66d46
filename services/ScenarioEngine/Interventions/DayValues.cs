using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>A value for each hour of the day, or one for all of them.</summary>
/// <param name="Hours">One number, or 24.</param>
internal sealed record DayValues(IReadOnlyList<double> Hours)
{
    /// <summary>Reads it; null when it is not there.</summary>
    public static DayValues? Read(InterventionMembers members, string name, double least, double most)
    {
        if (members.Find(name) is not { ValueKind: JsonValueKind.Array })
        {
            return members.OptionalNumber(name, least, most) is { } number ? new DayValues([number]) : null;
        }

        return new DayValues([.. members.Items(name, 24, 24)!.Select(item =>
            item.Item.ValueKind == JsonValueKind.Number && item.Item.TryGetDouble(out var value) && value >= least && value <= most
                ? value
                : throw NgsiLdException.BadRequest($"An hour is a number from {least} to {most}.", item.Path))]);
    }

    /// <summary>The value at an hour from 0 to 23.</summary>
    public double At(int hour) => Hours.Count == 1 ? Hours[0] : Hours[hour];

    /// <summary>As JSON.</summary>
    public JsonNode Node() => Hours.Count == 1 ? JsonValue.Create(Hours[0]) : new JsonArray([.. Hours.Select(static hour => (JsonNode)JsonValue.Create(hour))]);

    /// <summary>Writes it where there is one.</summary>
    public static void Write(Utf8JsonWriter json, string name, DayValues? values)
    {
        if (values is not null)
        {
            json.WritePropertyName(name);
            values.Node().WriteTo(json);
        }
    }
}
