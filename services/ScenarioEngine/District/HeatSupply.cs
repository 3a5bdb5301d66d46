using System.Text.Json;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.District;

/// <summary>What turns a delivered carrier into heat for rooms and hot water.</summary>
internal abstract record HeatSupply
{
    /// <summary>The carrier that it takes.</summary>
    public abstract EnergyCarrier Carrier { get; }

    /// <summary>Delivered energy for each unit of heat, hour by hour.</summary>
    public abstract double[] EnergyPerHeat(WeatherYear weather);

    /// <summary>Reads the value of <c>heatSupply</c>.</summary>
    /// <exception cref="ModelInputException">With the path below the building.</exception>
    public static HeatSupply Read(JsonElement json, string path)
    {
        var kind = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("kind", out var word) ? word.ToString() : "";
        return kind switch
        {
            "boiler" => Boiler(new JsonInput(json, path, "kind", "carrier", "efficiency"), path),
            "directElectric" => DirectElectric(new JsonInput(json, path, "kind")),
            _ => throw new ModelInputException($"{path}/kind", $"'{kind}' is none of boiler, directElectric."),
        };
    }

    private static Combustion Boiler(JsonInput input, string path)
    {
        var efficiency = input.Number("efficiency");
        return efficiency is > 0 and <= 1.1
            ? new Combustion(input.Word("carrier", EnergyCarriers.All), efficiency)
            : throw new ModelInputException($"{path}/efficiency", $"{efficiency} is not from over 0 to 1.1 (of the lower heating value).");
    }

    private static Combustion DirectElectric(JsonInput input)
    {
        _ = input.Text("kind");
        return new Combustion(EnergyCarrier.Electricity, 1);
    }
}

/// <summary>A boiler, a heat network's station or a resistance heater: the same efficiency at every hour.</summary>
/// <param name="Source">The carrier.</param>
/// <param name="Efficiency">Heat over delivered energy.</param>
internal sealed record Combustion(EnergyCarrier Source, double Efficiency) : HeatSupply
{
    /// <inheritdoc />
    public override EnergyCarrier Carrier => Source;

    /// <inheritdoc />
    public override double[] EnergyPerHeat(WeatherYear weather)
    {
        var hours = new double[WeatherYear.Hours];
        Array.Fill(hours, 1 / Efficiency);
        return hours;
    }
}
