using System.Text.Json;
using System.Text.Json.Serialization;
using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Onnx;

/// <summary>
/// What stands beside an ONNX file, as JSON: without it the file is not opened. It names the file by its hash, so that a
/// card of another file, or a file that was changed, is refused.
/// </summary>
public sealed record OnnxCard
{
    private const int MostBytes = 1 << 20;

    /// <summary>Stable name in kebab case.</summary>
    public required string Id { get; init; }

    /// <summary>Semantic version.</summary>
    public required string Version { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    /// <summary>The rung of the ladder it stands on.</summary>
    public required ModelUse Use { get; init; }

    /// <summary>SHA-256 of the ONNX file, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What is done with inputs, or given as outputs, outside of the ranges of this card.</summary>
    public required OnnxOutside Outside { get; init; }

    /// <summary>Inputs by the names that the file gives them.</summary>
    public required IReadOnlyList<OnnxTensor> Inputs { get; init; }

    /// <summary>Outputs by the names that the file gives them.</summary>
    public required IReadOnlyList<OnnxTensor> Outputs { get; init; }

    /// <summary>What it was trained on and described in.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>What it has been shown to answer well.</summary>
    public required string ValidFor { get; init; }

    /// <summary>What it must not be used for, and why.</summary>
    public required string NotValidFor { get; init; }

    /// <summary>How far off it may be, by what evidence.</summary>
    public required string Uncertainty { get; init; }

    /// <summary>Reads a card.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="ModelInputException">It is no card, or lacks a member; which is said.</exception>
    public static OnnxCard Read(ReadOnlySpan<byte> json)
    {
        if (json.Length > MostBytes)
        {
            throw Fault($"it has {json.Length} bytes; {MostBytes} is the most");
        }

        OnnxCard card;
        try
        {
            card = JsonSerializer.Deserialize(json, OnnxCardJson.Default.OnnxCard) ?? throw Fault("it is null");
        }
        catch (JsonException fault)
        {
            throw Fault(fault.Message);
        }

        card.Check();
        return card;
    }

    /// <summary>The card that is shown next to results.</summary>
    public ModelCard ToModelCard() => new()
    {
        Id = Id,
        Version = Version,
        Title = Title,
        Use = Use,
        Inputs = [.. Inputs.Select(tensor => tensor.ToQuantity())],
        Outputs = [.. Outputs.Select(tensor => tensor.ToQuantity())],
        Sources = [.. Sources, $"ONNX file with SHA-256 {Sha256}"],
        ValidFor = ValidFor,
        NotValidFor = NotValidFor,
        Uncertainty = Uncertainty,
    };

    internal static ModelInputException Fault(string fault) => new("card", fault);

    private void Check()
    {
        foreach (var (name, value) in new[] { ("id", Id), ("version", Version), ("title", Title), ("validFor", ValidFor), ("notValidFor", NotValidFor), ("uncertainty", Uncertainty) })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                throw Fault($"{name} is empty");
            }
        }

        if (Sha256.Length != 64 || !Sha256.All(char.IsAsciiHexDigitLower))
        {
            throw Fault("sha256 is no hash of 64 lower-case hexadecimal digits");
        }

        if (Inputs.Count == 0 || Outputs.Count == 0 || Sources.Count == 0)
        {
            throw Fault("inputs, outputs and sources each have at least one");
        }

        foreach (var side in new[] { Inputs, Outputs })
        {
            if (side.Select(tensor => tensor.Name).Distinct(StringComparer.Ordinal).Count() != side.Count)
            {
                throw Fault("two tensors have one name");
            }

            foreach (var tensor in side)
            {
                tensor.Check();
            }
        }
    }
}

/// <summary>What is done outside of the ranges of a card.</summary>
public enum OnnxOutside
{
    /// <summary>The run is refused.</summary>
    Refuse,

    /// <summary>The run is made, and the result says what was outside.</summary>
    Flag,
}

/// <summary>A tensor that goes in or comes out.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Unit">UCUM code; <c>1</c> for a number without unit.</param>
/// <param name="Shape">Each dimension: a length, or a name for one that is free; the same name is the same length everywhere.</param>
/// <param name="Least">Least value for which the model is valid.</param>
/// <param name="Most">Greatest value for which the model is valid.</param>
/// <param name="Description">What it is.</param>
public sealed record OnnxTensor(string Name, string Unit, IReadOnlyList<JsonElement> Shape, double Least, double Most, string Description)
{
    internal Quantity ToQuantity() => new(Name, Unit, $"{Description} Shape [{string.Join(", ", Dimensions)}], valid from {Least} to {Most}.");

    /// <summary>Lengths as digits, or names.</summary>
    internal IEnumerable<string> Dimensions => Shape.Select(dimension => dimension.ValueKind == JsonValueKind.String ? dimension.GetString()! : dimension.GetRawText());

    internal void Check()
    {
        if (string.IsNullOrWhiteSpace(Name) || string.IsNullOrWhiteSpace(Unit) || string.IsNullOrWhiteSpace(Description))
        {
            throw OnnxCard.Fault($"tensor '{Name}' lacks its name, unit or description");
        }

        if (!(Least <= Most) || !double.IsFinite(Least) || !double.IsFinite(Most))
        {
            throw OnnxCard.Fault($"tensor '{Name}' is valid from {Least} to {Most}, which is no range");
        }

        if (Shape.Count > 8 || !Shape.All(static dimension => dimension.ValueKind == JsonValueKind.String
                ? dimension.GetString() is { Length: > 0 and <= 50 } name && char.IsAsciiLetter(name[0])
                : dimension.ValueKind == JsonValueKind.Number && dimension.TryGetInt32(out var length) && length > 0))
        {
            throw OnnxCard.Fault($"tensor '{Name}' has a shape that is none: at most 8 dimensions, each a positive length or a name");
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(OnnxCard))]
internal sealed partial class OnnxCardJson : JsonSerializerContext;
