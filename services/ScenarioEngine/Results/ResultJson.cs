using System.Text.Json;
using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.HeatPumps;
using Twin.ScenarioEngine.Models;
using Twin.ScenarioEngine.Photovoltaics;

namespace Twin.ScenarioEngine.Results;

/// <summary>Writes results.</summary>
internal static class ResultJson
{
    private static readonly ModelCard[] Used = [BuildingModel.Card, PvWatts.Card, HeatPump.Card, EnergyIndicators.Card];

    /// <summary>What a district's result is, without hours and buildings.</summary>
    public static void Write(Utf8JsonWriter json, string scenario, int revision, DistrictResult result)
    {
        json.WriteStartObject();
        json.WriteString("scenario"u8, scenario);
        json.WriteNumber("revision"u8, revision);
        json.WriteString("district"u8, result.Inputs.Id);
        json.WriteString("weather"u8, result.Inputs.Weather);
        json.WriteString("hash"u8, result.Hash);
        json.WriteNumber("buildings"u8, result.Energy.Buildings.Count);
        json.WriteNumber("computed"u8, result.Energy.Computed);
        json.WriteStartArray("models"u8);
        foreach (var card in Used)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, card.Id);
            json.WriteString("version"u8, card.Version);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("indicators"u8);
        foreach (var one in result.Indicators)
        {
            WriteIndicator(json, one);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>An indicator.</summary>
    public static void WriteIndicator(Utf8JsonWriter json, Indicator one)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, one.Name);
        json.WriteNumber("value"u8, one.Value);
        json.WriteString("unit"u8, one.Unit);
        json.WriteString("better"u8, Word(one.Better));
        json.WriteString("model"u8, one.Model);
        json.WriteEndObject();
    }

    /// <summary>The word for which way is good.</summary>
    public static string Word(Better better) => better switch { Better.Less => "less", Better.More => "more", _ => "neither" };

    /// <summary>A building's year without its hours.</summary>
    public static void Write(Utf8JsonWriter json, BuildingYear year)
    {
        json.WriteStartObject();
        json.WriteString("building"u8, year.Id);
        json.WriteNumber("heating"u8, year.Heating);
        json.WriteNumber("cooling"u8, year.Cooling);
        json.WriteNumber("hotWater"u8, year.HotWater);
        json.WriteNumber("peakHeat"u8, year.PeakHeat / 1000);
        json.WriteString("carrier"u8, EnergyCarriers.All.Single(one => one.Carrier == year.Fuel.Carrier).Word);
        json.WriteNumber("fuel"u8, year.Fuel.Energy);
        json.WriteNumber("electricity"u8, year.Electricity);
        json.WriteNumber("production"u8, year.Production);
        json.WriteNumber("ownUse"u8, year.OwnUse);
        json.WriteEndObject();
    }
}
