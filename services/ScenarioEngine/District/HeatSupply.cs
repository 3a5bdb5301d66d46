using System.Text.Json;
using Twin.ScenarioEngine.HeatPumps;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.District;

/// <summary>What turns a delivered carrier into heat for rooms and hot water.</summary>
internal abstract record HeatSupply
{
    /// <summary>The carrier that it takes.</summary>
    public abstract EnergyCarrier Carrier { get; }

    /// <summary>Delivered energy for a unit of heat at an hour: for rooms, and for hot water.</summary>
    /// <param name="outside">Air temperature, °C.</param>
    /// <exception cref="ModelInputException">It is too cold for it.</exception>
    public abstract (double Rooms, double Water) EnergyPerHeat(double outside);

    /// <summary>The same hour by hour.</summary>
    /// <exception cref="ModelInputException">An hour is too cold for it.</exception>
    public (double[] Rooms, double[] Water) EnergyPerHeat(WeatherYear weather)
    {
        // In the coldest hour first: what is refused there is refused before anything is computed.
        EnergyPerHeat(weather.Coldest);
        var (rooms, water) = (new double[WeatherYear.Hours], new double[WeatherYear.Hours]);
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            (rooms[hour], water[hour]) = EnergyPerHeat(weather.DryBulb[hour]);
        }

        return (rooms, water);
    }

    /// <summary>Reads the value of <c>heatSupply</c>.</summary>
    /// <exception cref="ModelInputException">With the path below the building.</exception>
    public static HeatSupply Read(JsonElement json, string path)
    {
        var kind = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("kind", out var word) ? word.ToString() : "";
        return kind switch
        {
            "boiler" => Burner(new JsonInput(json, path, "kind", "carrier", "efficiency"), path),
            "directElectric" => Heater(new JsonInput(json, path, "kind")),
            "heatPump" => Pump(new JsonInput(json, path, "kind", "source", "flowTemperature", "hotWaterTemperature", "groundTemperature"), path),
            _ => throw new ModelInputException($"{path}/kind", $"'{kind}' is none of boiler, directElectric, heatPump."),
        };
    }

    private static SteadySupply Burner(JsonInput input, string path)
    {
        var efficiency = input.Number("efficiency");
        return efficiency is > 0 and <= 1.1
            ? new SteadySupply(input.Word("carrier", EnergyCarriers.All), efficiency)
            : throw new ModelInputException($"{path}/efficiency", $"{efficiency} is not from over 0 to 1.1 (of the lower heating value).");
    }

    private static SteadySupply Heater(JsonInput input)
    {
        _ = input.Text("kind");
        return new SteadySupply(EnergyCarrier.Electricity, 1);
    }

    private static PumpedSupply Pump(JsonInput input, string path)
    {
        var source = input.Word("source", ("air", HeatPumpSource.Air), ("ground", HeatPumpSource.Ground));
        var ground = input.OptionalNumber("groundTemperature");
        if (ground is null != (source == HeatPumpSource.Air))
        {
            throw new ModelInputException($"{path}/groundTemperature", "a heat pump on the ground has it, one on the air has not.");
        }

        return new PumpedSupply(source, input.Number("flowTemperature"), input.Number("hotWaterTemperature"), ground);
    }
}

/// <summary>A boiler, a heat network's station or a resistance heater: the same efficiency at every hour.</summary>
/// <param name="Source">The carrier.</param>
/// <param name="Efficiency">Heat over delivered energy.</param>
internal sealed record SteadySupply(EnergyCarrier Source, double Efficiency) : HeatSupply
{
    /// <inheritdoc />
    public override EnergyCarrier Carrier => Source;

    /// <inheritdoc />
    public override (double Rooms, double Water) EnergyPerHeat(double outside) => (1 / Efficiency, 1 / Efficiency);
}

/// <summary>A heat pump.</summary>
/// <param name="Source">Where it takes heat from.</param>
/// <param name="Flow">Temperature of the heating water, °C.</param>
/// <param name="HotWater">Temperature of the hot water, °C.</param>
/// <param name="Ground">Temperature of the brine, °C; null for air.</param>
internal sealed record PumpedSupply(HeatPumpSource Source, double Flow, double HotWater, double? Ground) : HeatSupply
{
    /// <inheritdoc />
    public override EnergyCarrier Carrier => EnergyCarrier.Electricity;

    /// <inheritdoc />
    public override (double Rooms, double Water) EnergyPerHeat(double outside) =>
        (1 / HeatPump.Performance(Source, Ground ?? outside, Flow), 1 / HeatPump.Performance(Source, Ground ?? outside, HotWater));
}
