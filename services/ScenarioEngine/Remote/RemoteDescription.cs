using System.Text.Json;

namespace Twin.ScenarioEngine.Remote;

/// <summary>
/// What a process says of itself (OGC 18-062r2, 7.10), held against the card. The unit of a quantity is said by
/// <c>x-ogc-unit</c> of its schema or the schema of its items, or by the constant <c>uom</c> of a measure
/// (<c>{"measurement": …, "uom": …}</c>, the form of the standard's echo process).
/// </summary>
internal sealed class RemoteDescription
{
    private readonly Dictionary<string, string?> _outputUnits = new(StringComparer.Ordinal);
    private readonly HashSet<string> _measures = new(StringComparer.Ordinal);

    private RemoteDescription(string version) => Version = version;

    public string Version { get; }

    /// <summary>Unit that the description says of an output, or null.</summary>
    public string? OutputUnit(string name) => _outputUnits[name];

    /// <summary>Whether an input is given as a measure.</summary>
    public bool IsMeasure(string input) => _measures.Contains(input);

    /// <exception cref="RemoteFaultException">It is not the process of the card.</exception>
    public static RemoteDescription Of(RemoteCard card, JsonElement json, RemoteMode mode)
    {
        var id = Text(json, "id") ?? throw Unexpected("the description has no id");
        if (id != card.Process)
        {
            throw Unexpected($"the description is of '{id}', not of '{card.Process}'");
        }

        var version = Text(json, "version") ?? throw Unexpected("the description has no version");
        if (version != card.Version)
        {
            throw Unexpected($"the process has version '{version}', the card is of '{card.Version}'");
        }

        CheckMode(json, mode);
        var description = new RemoteDescription(version);
        foreach (var input in card.Inputs)
        {
            var schema = Schema(json, "inputs", input.Name);
            CheckUnit(input, "input", UnitOf(schema));
            if (Member(Member(schema, "properties"), "measurement") is not null)
            {
                description._measures.Add(input.Name);
            }
        }

        foreach (var output in card.Outputs)
        {
            // What lies within an output has its unit there, if anywhere: the schema of the whole says nothing of it.
            var schema = Schema(json, "outputs", output.Output ?? output.Name);
            var unit = output.Pointer is null ? UnitOf(schema) : null;
            CheckUnit(output, "output", unit);
            description._outputUnits.Add(output.Name, unit);
        }

        CheckRequired(card, json);
        return description;
    }

    public static string? Text(JsonElement json, string name) => Member(json, name) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    public static JsonElement? Member(JsonElement? json, string name) => json is { ValueKind: JsonValueKind.Object } && json.Value.TryGetProperty(name, out var found) ? found : null;

    private static void CheckMode(JsonElement json, RemoteMode mode)
    {
        // No jobControlOptions means sync-execute alone, by the standard's schema.
        var options = Member(json, "jobControlOptions") is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray().Select(option => option.ToString()).ToList() : ["sync-execute"];
        var wanted = mode == RemoteMode.Job ? "async-execute" : "sync-execute";
        if (!options.Contains(wanted))
        {
            throw Unexpected($"the process offers {string.Join(", ", options)}, not {wanted}");
        }
    }

    private static JsonElement Schema(JsonElement json, string side, string name)
    {
        var found = Member(Member(json, side), name) ?? throw Unexpected($"the process has no '{name}' among its {side}");
        return Member(found, "schema") is { ValueKind: JsonValueKind.Object } schema ? schema : throw Unexpected($"'{name}' of the process has no schema");
    }

    private static void CheckUnit(RemoteQuantity quantity, string what, string? said)
    {
        if (said is not null && said != quantity.Unit)
        {
            throw Unexpected($"{what} '{quantity.Name}' is in '{said}' there, the card says '{quantity.Unit}'");
        }

        if (what == "input" && said is null && quantity is { Unit: not "1", UnitByAgreement: false })
        {
            throw Unexpected($"the process does not say the unit of its {what} '{quantity.Name}' ('{quantity.Unit}' by the card), and nothing is agreed");
        }
    }

    // An input that the process needs and the card does not know could only be guessed.
    private static void CheckRequired(RemoteCard card, JsonElement json)
    {
        foreach (var input in Member(json, "inputs") is { ValueKind: JsonValueKind.Object } inputs ? inputs.EnumerateObject() : default)
        {
            var optional = Member(input.Value, "minOccurs") is { ValueKind: JsonValueKind.Number } least && least.TryGetInt32(out var occurs) && occurs == 0;
            if (!optional && Member(Member(input.Value, "schema"), "default") is null && !card.FixedInputs.ContainsKey(input.Name) && card.Inputs.All(quantity => quantity.Name != input.Name))
            {
                throw Unexpected($"the process needs an input '{input.Name}', of which the card says nothing");
            }
        }
    }

    private static string? UnitOf(JsonElement schema)
    {
        if (Text(schema, "x-ogc-unit") is { } unit)
        {
            return unit;
        }

        if (Member(schema, "items") is { } items && Text(items, "x-ogc-unit") is { } ofItems)
        {
            return ofItems;
        }

        var uom = Member(Member(schema, "properties"), "uom");
        return uom is null ? null
            : Text(uom.Value, "const") ?? (Member(uom, "enum") is { ValueKind: JsonValueKind.Array } some && some.GetArrayLength() == 1 && some[0].ValueKind == JsonValueKind.String ? some[0].GetString() : null);
    }

    private static RemoteFaultException Unexpected(string fault) => new(RemoteFailure.Unexpected, fault);
}
