using System.Text.Json;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Results;

/// <summary>Scenarios side by side: each indicator in each of them, and what is better or worse than in the first.</summary>
internal static class ComparedResults
{
    /// <summary>Writes them.</summary>
    public static void Write(Utf8JsonWriter json, List<(Scenario Scenario, DistrictResult Result)> compared)
    {
        json.WriteStartObject();
        json.WriteStartArray("scenarios"u8);
        foreach (var (scenario, result) in compared)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, scenario.Id);
            json.WriteString("name"u8, scenario.Name);
            json.WriteNumber("revision"u8, scenario.Head.Number);
            json.WriteString("hash"u8, result.Hash);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("indicators"u8);
        var first = compared[0].Result.Indicators;
        foreach (var name in compared.SelectMany(static one => one.Result.Indicators).DistinctBy(static one => one.Name))
        {
            double? reference = Find(first, name.Name)?.Value;
            json.WriteStartObject();
            json.WriteString("name"u8, name.Name);
            json.WriteString("unit"u8, name.Unit);
            json.WriteString("better"u8, ResultJson.Word(name.Better));
            json.WriteStartArray("values"u8);
            foreach (var (_, result) in compared)
            {
                Write(json, Find(result.Indicators, name.Name)?.Value, reference, name.Better);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A value beside that of the first scenario; null where a scenario has no such indicator.</summary>
    private static void Write(Utf8JsonWriter json, double? value, double? reference, Better better)
    {
        if (value is not { } number)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("value"u8, number);
        if (reference is { } of)
        {
            json.WriteNumber("difference"u8, number - of);
            json.WriteString("verdict"u8, Verdict(number - of, better));
        }

        json.WriteEndObject();
    }

    private static string Verdict(double difference, Better better) => (Math.Sign(difference), better) switch
    {
        (0, _) => "same",
        (_, Better.Neither) => "different",
        (< 0, Better.Less) or (> 0, Better.More) => "better",
        _ => "worse",
    };

    private static Indicator? Find(IReadOnlyList<Indicator> indicators, string name)
    {
        foreach (var one in indicators)
        {
            if (one.Name == name)
            {
                return one;
            }
        }

        return null;
    }
}
