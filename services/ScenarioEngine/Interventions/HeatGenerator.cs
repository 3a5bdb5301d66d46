using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>What turns an energy carrier into heat for rooms and hot water.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Efficiency">Of boilers and stations of heat networks: heat over delivered energy (lower heating value), over 0 to 1.1.</param>
/// <param name="FlowTemperature">Of heat pumps: of the heating water, °C.</param>
/// <param name="HotWaterTemperature">Of heat pumps: of the hot water, °C.</param>
/// <param name="GroundTemperature">Of heat pumps on the ground: of the brine, °C.</param>
internal sealed record HeatGenerator(string Kind, double? Efficiency, double? FlowTemperature = null, double? HotWaterTemperature = null, double? GroundTemperature = null)
{
    /// <summary>The kinds; boilers burn a carrier, heat pumps take from a source.</summary>
    public static readonly string[] Kinds = ["gasBoiler", "oilBoiler", "biomassBoiler", "districtHeat", "directElectric", "airHeatPump", "groundHeatPump"];

    /// <summary>Reads it of an object that has its members beside others.</summary>
    public static HeatGenerator Read(InterventionMembers members)
    {
        var kind = members.Word("kind", Kinds);
        return kind switch
        {
            "airHeatPump" => new HeatGenerator(kind, null, members.Number("flowTemperature", 20, 80), members.Number("hotWaterTemperature", 20, 80)),
            "groundHeatPump" => new HeatGenerator(kind, null, members.Number("flowTemperature", 20, 80), members.Number("hotWaterTemperature", 20, 80), members.Number("groundTemperature", -10, 30)),
            "directElectric" => new HeatGenerator(kind, null),
            _ => new HeatGenerator(kind, members.Number("efficiency", 0.1, 1.1)),
        };
    }

    /// <summary>The value of the attribute that the energy models read.</summary>
    public JsonObject Value() => Kind switch
    {
        "airHeatPump" => new JsonObject { ["kind"] = "heatPump", ["source"] = "air", ["flowTemperature"] = FlowTemperature, ["hotWaterTemperature"] = HotWaterTemperature },
        "groundHeatPump" => new JsonObject { ["kind"] = "heatPump", ["source"] = "ground", ["flowTemperature"] = FlowTemperature, ["hotWaterTemperature"] = HotWaterTemperature, ["groundTemperature"] = GroundTemperature },
        "directElectric" => new JsonObject { ["kind"] = "directElectric" },
        _ => new JsonObject { ["kind"] = "boiler", ["carrier"] = Carrier(Kind), ["efficiency"] = Efficiency },
    };

    /// <summary>Writes its members.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("kind"u8, Kind);
        Optional.Write(json, "efficiency", Efficiency);
        Optional.Write(json, "flowTemperature", FlowTemperature);
        Optional.Write(json, "hotWaterTemperature", HotWaterTemperature);
        Optional.Write(json, "groundTemperature", GroundTemperature);
    }

    private static string Carrier(string kind) => kind switch
    {
        "gasBoiler" => "naturalGas",
        "oilBoiler" => "oil",
        "biomassBoiler" => "biomass",
        "districtHeat" => "districtHeat",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
