using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Results;

/// <summary>A building's year in energy: what its rooms need, what is delivered, what its roof gives. Energies in kWh, hourly powers in W.</summary>
internal sealed record BuildingYear
{
    /// <summary>The building.</summary>
    public required string Id { get; init; }

    /// <summary>Heat for its rooms.</summary>
    public required double Heating { get; init; }

    /// <summary>Heat taken out of its rooms.</summary>
    public required double Cooling { get; init; }

    /// <summary>Heat for hot water.</summary>
    public required double HotWater { get; init; }

    /// <summary>The highest hourly heat for rooms and water, W.</summary>
    public required double PeakHeat { get; init; }

    /// <summary>What is burnt or taken from a heat network; none for electric heat.</summary>
    public required (EnergyCarrier Carrier, double Energy) Fuel { get; init; }

    /// <summary>Electricity that it uses, from wherever.</summary>
    public required double Electricity { get; init; }

    /// <summary>What its systems produce, at the inverter.</summary>
    public required double Production { get; init; }

    /// <summary>What it uses of its own production in the same hour.</summary>
    public required double OwnUse { get; init; }

    /// <summary>What it takes from outside hour by hour.</summary>
    public required float[] Demand { get; init; }

    /// <summary>What it gives to the outside hour by hour; null without systems.</summary>
    public required float[]? Surplus { get; init; }

    /// <summary>Heat for rooms and water hour by hour.</summary>
    public required float[] Heat { get; init; }

    /// <summary>Bytes that it holds, about.</summary>
    public long Size => 200 + (4L * WeatherYear.Hours * (Surplus is null ? 2 : 3));

    /// <summary>Computes it.</summary>
    /// <param name="inputs">The building.</param>
    /// <param name="zone">The year of its rooms, with loads.</param>
    /// <param name="production">What its systems give hour by hour, W; null without systems.</param>
    /// <param name="weather">The year.</param>
    public static BuildingYear Of(BuildingInputs inputs, ZoneYear zone, float[]? production, WeatherYear weather)
    {
        var demand = new float[WeatherYear.Hours];
        var surplus = production is null ? null : new float[WeatherYear.Hours];
        var heat = new float[WeatherYear.Hours];
        double hotWater = 0, peak = 0, fuel = 0, electricity = 0, produced = 0, own = 0;
        var electric = inputs.Heat.Carrier == EnergyCarrier.Electricity;
        var cooling = inputs.CoolingPerformance == 0 ? 0 : 1 / inputs.CoolingPerformance;
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            var ofDay = hour % 24;
            double load = zone.Loads![hour];
            var (rooms, water) = (Math.Max(0, load), inputs.HotWater[ofDay]);
            var per = inputs.Heat.EnergyPerHeat(weather.DryBulb[hour]);
            var needed = rooms + water;
            var delivered = (rooms * per.Rooms) + (water * per.Water);
            var used = inputs.Electricity[ofDay] + (Math.Max(0, -load) * cooling) + (electric ? delivered : 0);
            double given = production?[hour] ?? 0;
            var matched = Math.Min(used, given);
            demand[hour] = (float)(used - matched);
            if (surplus is not null)
            {
                surplus[hour] = (float)(given - matched);
            }

            heat[hour] = (float)needed;
            peak = Math.Max(peak, needed);
            hotWater += water;
            fuel += electric ? 0 : delivered;
            electricity += used;
            produced += given;
            own += matched;
        }

        return new BuildingYear
        {
            Id = inputs.Id, Heating = zone.Heating, Cooling = zone.Cooling, HotWater = hotWater / 1000, PeakHeat = peak, Fuel = (inputs.Heat.Carrier, fuel / 1000),
            Electricity = electricity / 1000, Production = produced / 1000, OwnUse = own / 1000, Demand = demand, Surplus = surplus, Heat = heat,
        };
    }
}
