using System.Text.Json;

namespace Twin.ScenarioEngine.Models;

/// <summary>Writes cards and checks.</summary>
internal static class ModelJson
{
    /// <summary>A model's card, with how many of its checks are passed.</summary>
    public static void Write(Utf8JsonWriter json, ModelCard card, IReadOnlyList<ValidationRow> rows, bool withRows)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, card.Id);
        json.WriteString("version"u8, card.Version);
        json.WriteString("title"u8, card.Title);
        json.WriteString("use"u8, card.Use.ToString().ToLowerInvariant());
        Write(json, "inputs", card.Inputs);
        Write(json, "outputs", card.Outputs);
        json.WriteStartArray("sources"u8);
        foreach (var source in card.Sources)
        {
            json.WriteStringValue(source);
        }

        json.WriteEndArray();
        json.WriteString("validFor"u8, card.ValidFor);
        json.WriteString("notValidFor"u8, card.NotValidFor);
        json.WriteString("uncertainty"u8, card.Uncertainty);
        json.WriteNumber("checks"u8, rows.Count);
        json.WriteNumber("passed"u8, rows.Count(static row => row.Passed));
        if (withRows)
        {
            json.WritePropertyName("validation"u8);
            Write(json, rows);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<Quantity> quantities)
    {
        json.WriteStartArray(name);
        foreach (var one in quantities)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, one.Name);
            json.WriteString("unit"u8, one.Unit);
            json.WriteString("description"u8, one.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Checks.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ValidationRow> rows) =>
        JsonSerializer.Serialize(json, [.. rows], ValidationJson.Default.ListValidationRow);
}
