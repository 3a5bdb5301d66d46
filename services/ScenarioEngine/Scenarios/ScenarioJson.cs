using System.Text.Json;
using Twin.NgsiLd.Representations;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>Scenarios as JSON.</summary>
internal static class ScenarioJson
{
    /// <summary>What is known of a scenario, with the interventions of a revision where they are asked for.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="scenario">The scenario.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="content">Its content; null leaves it out.</param>
    /// <param name="name">How attributes are called.</param>
    public static void Write(Utf8JsonWriter json, Scenario scenario, Revision revision, ScenarioContent? content, Func<string, string> name)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, scenario.Id);
        json.WriteString("name"u8, scenario.Name);
        json.WriteString("description"u8, scenario.Description);
        json.WriteString("createdAt"u8, Timestamps.Format(scenario.CreatedAt));
        if (scenario.ForkOf is { } fork)
        {
            json.WriteStartObject("forkOf"u8);
            json.WriteString("id"u8, fork.Id);
            json.WriteNumber("revision"u8, fork.Revision);
            json.WriteEndObject();
        }

        WriteMembers(json, revision);
        if (content is not null)
        {
            content.Base.Write(json);
            json.WriteStartArray("interventions"u8);
            foreach (var one in content.Interventions)
            {
                one.Write(json, name);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>A revision.</summary>
    public static void Write(Utf8JsonWriter json, Revision revision)
    {
        json.WriteStartObject();
        WriteMembers(json, revision);
        json.WriteEndObject();
    }

    /// <summary>A difference.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<DiffLine> lines, Func<string, string> name)
    {
        json.WriteStartObject();
        json.WriteBoolean("equal"u8, lines.All(static line => line.Kind == DiffKind.Same));
        json.WriteStartArray("entities"u8);
        foreach (var entity in lines.Where(static line => line.Kind != DiffKind.Same).Select(static line => line.Intervention.Entity).Distinct().Order(StringComparer.Ordinal))
        {
            json.WriteStringValue(entity);
        }

        json.WriteEndArray();
        json.WriteStartArray("interventions"u8);
        foreach (var line in lines)
        {
            json.WriteStartObject();
            json.WriteString("change"u8, line.Kind switch
            {
                DiffKind.Same => "same",
                DiffKind.Removed => "removed",
                DiffKind.Added => "added",
                _ => throw new System.Diagnostics.UnreachableException(),
            });
            json.WritePropertyName("intervention"u8);
            line.Intervention.Write(json, name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, Revision revision)
    {
        json.WriteNumber("revision"u8, revision.Number);
        json.WriteString("recordedAt"u8, Timestamps.Format(revision.RecordedAt));
        json.WriteString("hash"u8, revision.Hash);
        if (revision.MergedFrom is { } merged)
        {
            json.WriteStartObject("mergedFrom"u8);
            json.WriteString("id"u8, merged.Id);
            json.WriteNumber("revision"u8, merged.Revision);
            json.WriteEndObject();
        }
    }
}
