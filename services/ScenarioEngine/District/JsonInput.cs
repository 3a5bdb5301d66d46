using System.Text.Json;
using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.Solar;

namespace Twin.ScenarioEngine.District;

/// <summary>A JSON object that inputs are taken from; what is missing, of another shape, or that nobody knows is refused by its path.</summary>
internal readonly struct JsonInput
{
    private readonly JsonElement _json;
    private readonly string _path;

    /// <summary>Takes an object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="path">What faults call it.</param>
    /// <param name="members">All that it may have.</param>
    /// <exception cref="ModelInputException">It is none, or has another member.</exception>
    public JsonInput(JsonElement json, string path, params ReadOnlySpan<string> members)
    {
        (_json, _path) = (json, path);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ModelInputException(path, "it is no JSON object.");
        }

        foreach (var member in json.EnumerateObject())
        {
            if (!members.Contains(member.Name))
            {
                throw new ModelInputException($"{path}/{member.Name}", $"there is no such input; known: {string.Join(", ", members.ToArray())}.");
            }
        }
    }

    /// <summary>A number.</summary>
    public double Number(string name) => NumberOf(Required(name), $"{_path}/{name}");

    /// <summary>A number that may be missing.</summary>
    public double? OptionalNumber(string name) => _json.TryGetProperty(name, out var value) ? NumberOf(value, $"{_path}/{name}") : null;

    /// <summary>A text.</summary>
    public string Text(string name) => Required(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : throw new ModelInputException($"{_path}/{name}", "it is no text.");

    /// <summary>One of some words.</summary>
    public T Word<T>(string name, params ReadOnlySpan<(string Word, T Value)> words)
    {
        var text = Text(name);
        var known = new List<string>();
        foreach (var (word, value) in words)
        {
            if (word == text)
            {
                return value;
            }

            known.Add(word);
        }

        throw new ModelInputException($"{_path}/{name}", $"'{text}' is none of {string.Join(", ", known)}.");
    }

    /// <summary>A profile of a day: one number for all hours, or 24.</summary>
    public DayProfile Profile(string name)
    {
        var (path, value) = ($"{_path}/{name}", Required(name));
        return value.ValueKind switch
        {
            JsonValueKind.Number => DayProfile.Constant(NumberOf(value, path)),
            JsonValueKind.Array when value.GetArrayLength() == 24 => new DayProfile(value.EnumerateArray().Select((hour, i) => NumberOf(hour, $"{path}[{i}]"))),
            _ => throw new ModelInputException(path, "it is neither a number nor an array of 24, one for each hour of the day."),
        };
    }

    /// <summary>The items of an array.</summary>
    public List<T> Items<T>(string name, Func<JsonElement, string, T> read)
    {
        var path = $"{_path}/{name}";
        return Required(name) is { ValueKind: JsonValueKind.Array } array
            ? [.. array.EnumerateArray().Select((item, i) => read(item, $"{path}[{i}]"))]
            : throw new ModelInputException(path, "it is no array.");
    }

    /// <summary>A plane, or null where the sun does not reach.</summary>
    public SurfacePlane? Plane(string name)
    {
        var value = Required(name);
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var plane = new JsonInput(value, $"{_path}/{name}", "tilt", "azimuth");
        return new SurfacePlane(plane.Number("tilt"), plane.Number("azimuth"));
    }

    /// <summary>The value of a member.</summary>
    public JsonElement Required(string name) =>
        _json.TryGetProperty(name, out var value) ? value : throw new ModelInputException($"{_path}/{name}", "it is missing.");

    private static double NumberOf(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw new ModelInputException(path, "it is no number.");
}
