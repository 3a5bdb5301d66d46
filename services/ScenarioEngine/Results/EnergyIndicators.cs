using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.Models;
using Twin.ScenarioEngine.Photovoltaics;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Results;

/// <summary>What a district's year comes to: balance, primary energy, carbon, money.</summary>
internal static class EnergyIndicators
{
    /// <summary>What the balance is.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "district-energy-balance",
        Version = "1.0.0",
        Title = "Energy balance of a district, hour by hour",
        Use = ModelUse.Prospective,
        Inputs = [new("buildings", "W", "8,760 hours of demand, surplus and heat of each building"), new("energyTerms", "1", "Primary energy, carbon (kg/kWh) and price (EUR/kWh) of each carrier, the key of sharing")],
        Outputs = [new("gridImport", "kWh", "Electricity from outside the district"), new("gridExport", "kWh", "Electricity to the outside"), new("primaryEnergyNonRenewable", "kWh", "Of all that is delivered"), new("carbon", "kg", "CO2 equivalents of all that is delivered"), new("energyCost", "EUR", "Delivered less exported energy")],
        Sources = ["EN ISO 52000-1:2017 (k_exp = 0: exported energy earns nothing)", "Code de l'énergie L315-2, D315-6 (default dynamic key)"],
        ValidFor = "A district's year with hourly matching of production and use; every day of the week alike.",
        NotValidFor = "Grid limits, settlement periods below an hour, days that differ within the week.",
        Uncertainty = "That of its inputs; the balance itself is exact: what is produced is used, shared or exported.",
    };

    /// <summary>The indicators.</summary>
    /// <exception cref="ModelInputException">A carrier in use has no terms.</exception>
    public static IReadOnlyList<Indicator> Of(DistrictInputs district, DistrictEnergy energy)
    {
        double heating = 0, cooling = 0, water = 0, electricity = 0, produced = 0, own = 0, area = 0;
        Span<double> delivered = stackalloc double[EnergyCarriers.All.Length];
        for (var i = 0; i < energy.Buildings.Count; i++)
        {
            var year = energy.Buildings[i];
            area += district.Buildings[i].Zone.FloorArea;
            heating += year.Heating;
            cooling += year.Cooling;
            water += year.HotWater;
            electricity += year.Electricity;
            produced += year.Production;
            own += year.OwnUse;
            delivered[(int)year.Fuel.Carrier] += year.Fuel.Energy;
        }

        var grid = Grid(energy.Hours, district.Terms.Shared);
        delivered[(int)EnergyCarrier.Electricity] = grid.Import;
        var used = own + grid.Shared;
        var (renewable, nonRenewable, carbon, cost) = Weigh(delivered, district);
        // What a roof gives and the district uses is renewable primary energy, kWh for kWh (EN ISO 52000-1, table B.16).
        renewable += used;
        List<Indicator> indicators =
        [
            new("floorArea", area, "m2", Better.Neither, BuildingModel.Card.Id),
            new("heatingDemand", heating, "kWh", Better.Less, BuildingModel.Card.Id),
            new("coolingDemand", cooling, "kWh", Better.Less, BuildingModel.Card.Id),
            new("hotWaterDemand", water, "kWh", Better.Less, Card.Id),
            new("peakHeat", Greatest(energy.Hours.Heat) / 1000, "kW", Better.Less, Card.Id),
            new("electricityUse", electricity, "kWh", Better.Less, Card.Id),
            new("photovoltaicProduction", produced, "kWh", Better.More, PvWatts.Card.Id),
            new("selfConsumptionRate", Share(used, produced), "1", Better.More, Card.Id),
            new("selfProductionRate", Share(used, electricity), "1", Better.More, Card.Id),
            new("sharedElectricity", grid.Shared, "kWh", Better.More, Card.Id),
            new("gridImport", grid.Import, "kWh", Better.Less, Card.Id),
            new("gridExport", grid.Export, "kWh", Better.Neither, Card.Id),
            new("peakImport", grid.Peak / 1000, "kW", Better.Less, Card.Id),
        ];
        foreach (var (word, carrier) in EnergyCarriers.All)
        {
            if (carrier != EnergyCarrier.Electricity)
            {
                indicators.Add(new($"{word}Delivered", delivered[(int)carrier], "kWh", Better.Less, Card.Id));
            }
        }

        indicators.AddRange(
        [
            new("primaryEnergyNonRenewable", nonRenewable, "kWh", Better.Less, Card.Id),
            new("primaryEnergyNonRenewablePerArea", nonRenewable / area, "kWh/m2", Better.Less, Card.Id),
            new("renewableEnergyRatio", Share(renewable, renewable + nonRenewable), "1", Better.More, Card.Id),
            new("carbon", carbon, "kg", Better.Less, Card.Id),
            new("energyCost", (double)(cost - ((decimal)grid.Export * district.Terms.ExportPrice)), "EUR", Better.Less, Card.Id),
        ]);
        // Of nothing there is no share.
        return [.. indicators.Where(static one => !double.IsNaN(one.Value))];
    }

    /// <summary>What crosses the district's border, kWh and W.</summary>
    private static (double Import, double Export, double Shared, double Peak) Grid(HourlySum hours, bool shares)
    {
        double import = 0, export = 0, shared = 0, peak = 0;
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            var matched = shares ? Math.Min(hours.Demand[hour], hours.Surplus[hour]) : 0;
            import += hours.Demand[hour] - matched;
            export += hours.Surplus[hour] - matched;
            shared += matched;
            peak = Math.Max(peak, hours.Demand[hour] - matched);
        }

        return (import / 1000, export / 1000, shared / 1000, peak);
    }

    private static (double Renewable, double NonRenewable, double Carbon, decimal Cost) Weigh(ReadOnlySpan<double> delivered, DistrictInputs district)
    {
        double renewable = 0, nonRenewable = 0, carbon = 0;
        var cost = 0m;
        foreach (var (_, carrier) in EnergyCarriers.All)
        {
            var energy = delivered[(int)carrier];
            if (energy > 0)
            {
                var terms = district.Terms.Of(carrier, district.Id);
                renewable += energy * terms.Renewable;
                nonRenewable += energy * terms.NonRenewable;
                carbon += energy * terms.Carbon;
                cost += (decimal)energy * terms.Price;
            }
        }

        return (renewable, nonRenewable, carbon, cost);
    }

    private static double Greatest(double[] hours)
    {
        var greatest = 0.0;
        foreach (var hour in hours)
        {
            greatest = Math.Max(greatest, hour);
        }

        return greatest;
    }

    private static double Share(double part, double whole) => whole > 0 ? part / whole : double.NaN;
}
