using System.Text.Json;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Writes members that may be missing.</summary>
internal static class Optional
{
    /// <summary>A text, where there is one.</summary>
    public static void Write(Utf8JsonWriter json, string member, string? text)
    {
        if (text is not null)
        {
            json.WriteString(member, text);
        }
    }

    /// <summary>A number, where there is one.</summary>
    public static void Write(Utf8JsonWriter json, string member, double? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(member, value);
        }
    }
}
