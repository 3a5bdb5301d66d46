using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Twin.Tests.Support;

/// <summary>
/// Checks of a model against its reference, which make up the validation page: each asserts, and is a row of
/// <c>services/ScenarioEngine/Validation/{model}.json</c>, which is committed. With <c>TWIN_REGENERATE=1</c> the row is
/// written; without it the test fails when the committed row says something else.
/// </summary>
public sealed class ValidationRecord
{
    private static readonly Lock Files = new();
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly string _path;

    /// <summary>The record of a model.</summary>
    /// <param name="model">The id of its card.</param>
    public ValidationRecord(string model, [CallerFilePath] string here = "") =>
        _path = Path.Combine(Repository(here), "services", "ScenarioEngine", "Validation", model + ".json");

    /// <summary>A value that is within a tolerance of its reference.</summary>
    /// <param name="name">What is checked; the row's key.</param>
    /// <param name="value">What the model gives.</param>
    /// <param name="reference">What it should.</param>
    /// <param name="tolerance">The reference's own, in the same unit.</param>
    /// <param name="unit">UCUM code.</param>
    /// <param name="source">The reference: standard with table, paper, or program with its version.</param>
    public void Near(string name, double value, double reference, double tolerance, string unit, string source) =>
        Within(name, value, reference - tolerance, reference + tolerance, unit, source);

    /// <summary>A value within the range that the reference gives.</summary>
    public void Within(string name, double value, double least, double most, string unit, string source)
    {
        Assert.True(value >= least && value <= most, $"{name}: {value:R} {unit} is not within {least:R} and {most:R} ({source}).");
        Record(name, value, least, most, unit, source, null);
    }

    /// <summary>A value known to be outside of its reference's range, which the page shows as failed; an improvement fails the test.</summary>
    /// <param name="why">Why it is missed.</param>
    public void Misses(string name, double value, double least, double most, string unit, string source, string why)
    {
        Assert.False(value >= least && value <= most, $"{name}: {value:R} {unit} is within {least:R} and {most:R} now: claim it.");
        Record(name, value, least, most, unit, source, why);
    }

    private void Record(string name, double value, double least, double most, string unit, string source, string? missed)
    {
        var row = new JsonObject
        {
            ["name"] = name,
            ["value"] = Rounded(value),
            ["least"] = Rounded(least),
            ["most"] = Rounded(most),
            ["unit"] = unit,
            ["source"] = source,
            ["passed"] = missed is null,
        };
        if (missed is not null)
        {
            row["missed"] = missed;
        }

        lock (Files)
        {
            var rows = File.Exists(_path) ? JsonNode.Parse(File.ReadAllText(_path))!.AsArray() : [];
            var committed = rows.FirstOrDefault(r => (string?)r!["name"] == name);
            if (Environment.GetEnvironmentVariable("TWIN_REGENERATE") != "1")
            {
                Assert.True(JsonNode.DeepEquals(committed, row), $"The validation page has another row '{name}': {committed?.ToJsonString()} instead of {row.ToJsonString()}. Run the test with TWIN_REGENERATE=1 and commit the file.");
                return;
            }

            rows.Remove(committed);
            rows.Add(row);
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.WriteAllText(_path, new JsonArray([.. rows.OrderBy(r => (string)r!["name"]!, StringComparer.Ordinal).Select(r => r!.DeepClone())]).ToJsonString(Indented) + "\n");
        }
    }

    /// <summary>Six significant digits, so that the last bit of another machine's mathematics changes no row.</summary>
    private static double Rounded(double value) => double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Repository(string here)
    {
        var folder = Path.GetDirectoryName(here);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Twin.Federation.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The repository's root was not found.");
    }
}
