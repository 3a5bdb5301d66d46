using System.Text.Json;
using System.Text.Json.Serialization;
using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Remote;

/// <summary>
/// What is expected of a process at somebody else's server before it is used as a model. What the server says of itself,
/// and what it answers, is held against it; what differs is refused.
/// </summary>
public sealed record RemoteCard
{
    private const int MostBytes = 1 << 20;

    /// <summary>Stable name in kebab case.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    /// <summary>The rung of the ladder it stands on.</summary>
    public required ModelUse Use { get; init; }

    /// <summary>Landing page of the OGC API: <c>{Server}/processes/{Process}</c> describes the process.</summary>
    public required Uri Server { get; init; }

    /// <summary>Id of the process there.</summary>
    public required string Process { get; init; }

    /// <summary>Version that the process had when it was tried; another one is another model.</summary>
    public required string Version { get; init; }

    /// <summary>What is given.</summary>
    public required IReadOnlyList<RemoteQuantity> Inputs { get; init; }

    /// <summary>What is wanted.</summary>
    public required IReadOnlyList<RemoteQuantity> Outputs { get; init; }

    /// <summary>Inputs that are no numbers, or always the same, as JSON by their names.</summary>
    public IReadOnlyDictionary<string, JsonElement> FixedInputs { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>Who runs it and what it is described in.</summary>
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
    public static RemoteCard Read(ReadOnlySpan<byte> json)
    {
        if (json.Length > MostBytes)
        {
            throw Fault($"it has {json.Length} bytes; {MostBytes} is the most");
        }

        try
        {
            var card = JsonSerializer.Deserialize(json, RemoteJson.Default.RemoteCard) ?? throw Fault("it is null");
            card.Check();
            return card;
        }
        catch (JsonException fault)
        {
            throw Fault(fault.Message);
        }
    }

    /// <summary>The card that is shown next to results.</summary>
    public ModelCard ToModelCard() => new()
    {
        Id = Id,
        Version = Version,
        Title = Title,
        Use = Use,
        Inputs = [.. Inputs.Select(quantity => quantity.ToQuantity())],
        Outputs = [.. Outputs.Select(quantity => quantity.ToQuantity())],
        Sources = [.. Sources, $"OGC API Processes at {Server}, process {Process}"],
        ValidFor = ValidFor,
        NotValidFor = NotValidFor,
        Uncertainty = Uncertainty,
    };

    internal void Check()
    {
        foreach (var (name, value) in new[] { ("id", Id), ("title", Title), ("process", Process), ("version", Version), ("validFor", ValidFor), ("notValidFor", NotValidFor), ("uncertainty", Uncertainty) })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                throw Fault($"{name} is empty");
            }
        }

        if (!Server.IsAbsoluteUri || Server.Query.Length > 0 || Server.Fragment.Length > 0 || Server.UserInfo.Length > 0 || (Server.Scheme != Uri.UriSchemeHttps && Server.Scheme != Uri.UriSchemeHttp))
        {
            throw Fault("server is no plain http(s) address");
        }

        if (Outputs.Count == 0 || Sources.Count == 0)
        {
            throw Fault("outputs and sources each have at least one");
        }

        if (Inputs.FirstOrDefault(quantity => FixedInputs.ContainsKey(quantity.Name)) is { } both)
        {
            throw Fault($"'{both.Name}' is given and fixed");
        }

        foreach (var side in new[] { Inputs, Outputs })
        {
            if (side.GroupBy(quantity => quantity.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                throw Fault($"two quantities are named '{twice.Key}'");
            }

            foreach (var quantity in side)
            {
                quantity.Check();
            }
        }
    }

    internal static ModelInputException Fault(string fault) => new("card", fault);
}

/// <summary>A number, or a series of them, that goes to or comes from a process.</summary>
public sealed record RemoteQuantity
{
    /// <summary>Its name in the process.</summary>
    public required string Name { get; init; }

    /// <summary>UCUM code; <c>1</c> for a number without unit.</summary>
    public required string Unit { get; init; }

    /// <summary>How many numbers a series has; null for one number.</summary>
    public required int? Count { get; init; }

    /// <summary>Least value for which the model is valid.</summary>
    public required double Least { get; init; }

    /// <summary>Greatest value for which the model is valid.</summary>
    public required double Most { get; init; }

    /// <summary>What it is.</summary>
    public required string Description { get; init; }

    /// <summary>The output of the process in which it is found; null when that has its name.</summary>
    public string? Output { get; init; }

    /// <summary>Where it lies within the output, as a JSON pointer (RFC 6901); null for the output itself.</summary>
    public string? Pointer { get; init; }

    /// <summary>
    /// That nobody but this card says the unit: neither the description of the process nor its results do, and whoever wrote
    /// the card has agreed it with whoever runs the process. The report says so.
    /// </summary>
    public bool UnitByAgreement { get; init; }

    internal Quantity ToQuantity() => new(Name, Unit, $"{Description}{(Count is { } count ? $" Series of {count}." : "")} Valid from {Least} to {Most}.");

    internal void Check()
    {
        if (string.IsNullOrWhiteSpace(Name) || string.IsNullOrWhiteSpace(Unit) || string.IsNullOrWhiteSpace(Description))
        {
            throw RemoteCard.Fault($"quantity '{Name}' lacks its name, unit or description");
        }

        if (!(Least <= Most) || !double.IsFinite(Least) || !double.IsFinite(Most))
        {
            throw RemoteCard.Fault($"quantity '{Name}' is valid from {Least} to {Most}, which is no range");
        }

        if (Pointer is not null && !Pointer.StartsWith('/'))
        {
            throw RemoteCard.Fault($"quantity '{Name}' has a pointer that does not begin with /");
        }

        if (Count is < 1 or > 10_000_000)
        {
            throw RemoteCard.Fault($"quantity '{Name}' has {Count} numbers");
        }
    }

    /// <summary>Why numbers do not fit, or null when they do.</summary>
    internal string? Misfit(IReadOnlyList<double> numbers)
    {
        if (numbers.Count != (Count ?? 1))
        {
            return $"it has {numbers.Count} numbers; {Count ?? 1} are expected";
        }

        for (var i = 0; i < numbers.Count; i++)
        {
            if (!double.IsFinite(numbers[i]))
            {
                return $"number {i} is not finite";
            }

            if (numbers[i] < Least || numbers[i] > Most)
            {
                return $"number {i} is {numbers[i]} {Unit}, outside of {Least} to {Most}, for which the model is valid";
            }
        }

        return null;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RemoteCard))]
[JsonSerializable(typeof(RemoteReport))]
internal sealed partial class RemoteJson : JsonSerializerContext;
