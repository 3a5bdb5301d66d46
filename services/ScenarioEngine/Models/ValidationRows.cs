using System.Text.Json;
using System.Text.Json.Serialization;

namespace Twin.ScenarioEngine.Models;

/// <summary>A check of a model against its reference.</summary>
/// <param name="Name">What is checked.</param>
/// <param name="Value">What the model gives, to six digits.</param>
/// <param name="Least">The least that the reference allows.</param>
/// <param name="Most">The most that it allows.</param>
/// <param name="Unit">UCUM code; EUR for money.</param>
/// <param name="Source">The reference: standard with table, paper, or program with its version.</param>
/// <param name="Passed">Whether the value lies within.</param>
/// <param name="Missed">Why it does not.</param>
internal sealed record ValidationRow(string Name, double Value, double Least, double Most, string Unit, string Source, bool Passed, string? Missed = null);

/// <summary>
/// The checks of this build's models, which its tests have written and hold (<c>Validation/{model}.json</c>): they are
/// what was computed, not what somebody says.
/// </summary>
internal static class ValidationRows
{
    private const string Prefix = "Twin.ScenarioEngine.Validation.";

    /// <summary>By the id of the model, or the name of what stands under several models.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<ValidationRow>> All { get; } = Read();

    /// <summary>How many checks there are, and how many of them are passed.</summary>
    public static (int Passed, int Count) Total { get; } = (All.Values.Sum(static rows => rows.Count(static row => row.Passed)), All.Values.Sum(static rows => rows.Count));

    /// <summary>The checks of a model; empty when it has no reference yet.</summary>
    public static IReadOnlyList<ValidationRow> Of(string model) => All.GetValueOrDefault(model, []);

    private static SortedDictionary<string, IReadOnlyList<ValidationRow>> Read()
    {
        var assembly = typeof(ValidationRows).Assembly;
        var all = new SortedDictionary<string, IReadOnlyList<ValidationRow>>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var file = assembly.GetManifestResourceStream(name)!;
            all.Add(name[Prefix.Length..^".json".Length], JsonSerializer.Deserialize(file, ValidationJson.Default.ListValidationRow)!);
        }

        return all;
    }
}

/// <summary>Reads and writes checks.</summary>
[JsonSerializable(typeof(List<ValidationRow>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ValidationJson : JsonSerializerContext;
