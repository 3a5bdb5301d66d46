using System.Text.Json;
using Twin.ScenarioEngine.Results;

namespace Twin.ScenarioEngine.District;

/// <summary>What a kilowatt-hour of a carrier stands for.</summary>
/// <param name="Renewable">Renewable primary energy, kWh a kWh.</param>
/// <param name="NonRenewable">Non-renewable primary energy, kWh a kWh.</param>
/// <param name="Carbon">Greenhouse gases, kg of CO₂ equivalent a kWh.</param>
/// <param name="Price">EUR a kWh.</param>
internal readonly record struct CarrierTerms(double Renewable, double NonRenewable, double Carbon, decimal Price);

/// <summary>How a district's energy is weighed and paid: the value of <c>energyTerms</c> of its AdministrativeArea.</summary>
internal sealed record EnergyTerms
{
    /// <summary>By carrier; a carrier that nobody uses may be missing.</summary>
    public required IReadOnlyDictionary<EnergyCarrier, CarrierTerms> Carriers { get; init; }

    /// <summary>What is paid for electricity that leaves the district, EUR a kWh.</summary>
    public required decimal ExportPrice { get; init; }

    /// <summary>Whether neighbours use each other's surplus (collective self-consumption, Code de l'énergie L315-2).</summary>
    public required bool Shared { get; init; }

    /// <summary>The hash of all of it.</summary>
    public required InputHash Hash { get; init; }

    /// <summary>What a carrier stands for.</summary>
    /// <exception cref="ModelInputException">The terms do not say.</exception>
    public CarrierTerms Of(EnergyCarrier carrier, string district) => Carriers.TryGetValue(carrier, out var terms)
        ? terms
        : throw new ModelInputException($"{district}/energyTerms/carriers", $"the district uses {EnergyCarriers.All.Single(one => one.Carrier == carrier).Word}, for which there are no terms.");

    /// <summary>Reads them.</summary>
    /// <exception cref="ModelInputException">With the path below the district.</exception>
    public static EnergyTerms Read(JsonElement json, string district)
    {
        var path = $"{district}/energyTerms";
        var input = new JsonInput(json, path, "carriers", "exportPrice", "sharing");
        var carriers = new Dictionary<EnergyCarrier, CarrierTerms>();
        var given = new JsonInput(input.Required("carriers"), $"{path}/carriers", [.. EnergyCarriers.All.Select(static one => one.Word)]);
        foreach (var (word, carrier) in EnergyCarriers.All)
        {
            if (input.Required("carriers").TryGetProperty(word, out var terms))
            {
                carriers.Add(carrier, Carrier(terms, $"{path}/carriers/{word}"));
            }
        }

        return new EnergyTerms
        {
            Carriers = carriers,
            ExportPrice = Price(input.Number("exportPrice"), $"{path}/exportPrice"),
            Shared = input.Word("sharing", ("none", false), ("dynamic", true)),
            Hash = InputHash.Of(json),
        };
    }

    private static CarrierTerms Carrier(JsonElement json, string path)
    {
        var input = new JsonInput(json, path, "renewable", "nonRenewable", "carbon", "price");
        return new CarrierTerms(Factor("renewable"), Factor("nonRenewable"), Factor("carbon"), Price(input.Number("price"), $"{path}/price"));

        double Factor(string name) => input.Number(name) is >= 0 and <= 20 and var factor ? factor : throw new ModelInputException($"{path}/{name}", "a factor is from 0 to 20 a kWh.");
    }

    private static decimal Price(double euros, string path) =>
        euros is >= -10 and <= 10 ? (decimal)euros : throw new ModelInputException(path, $"{euros} EUR/kWh is not from -10 to 10.");
}
