using System.Text.Json;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Merging;

/// <summary>Conflicts as a problem (RFC 9457).</summary>
internal static class MergeConflictJson
{
    /// <summary>Writes them.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<MergeConflict> conflicts, Func<string, string> name)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "https://uri.etsi.org/ngsi-ld/errors/Conflict");
        json.WriteString("title"u8, "The scenarios contradict each other");
        json.WriteNumber("status"u8, 409);
        json.WriteString("detail"u8, $"{conflicts.Count} conflicts. Send 'resolutions': for each conflict its id with take (ours, theirs, both), or with interventions that stand in the place of both.");
        json.WriteStartArray("conflicts"u8);
        foreach (var conflict in conflicts)
        {
            json.WriteStartObject();
            json.WriteString("conflict"u8, conflict.Id);
            json.WriteStartArray("kinds"u8);
            foreach (var kind in conflict.Kinds)
            {
                json.WriteStringValue(kind);
            }

            json.WriteEndArray();
            json.WriteStartArray("about"u8);
            foreach (var slot in conflict.Slots)
            {
                json.WriteStartObject();
                json.WriteString("entity"u8, slot.Entity);
                if (slot.Member.Length > 0)
                {
                    var parts = slot.Member.Split('|', 2);
                    json.WriteString("member"u8, name(parts[0]) + (parts.Length > 1 ? $"/{parts[1].Replace('|', '/')}" : ""));
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            List(json, "ancestor", conflict.Ancestor, name);
            List(json, "ours", conflict.Ours, name);
            List(json, "theirs", conflict.Theirs, name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, string member, IReadOnlyList<Intervention> interventions, Func<string, string> name)
    {
        json.WriteStartArray(member);
        foreach (var one in interventions)
        {
            one.Write(json, name);
        }

        json.WriteEndArray();
    }
}
