using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Node.Districts;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.HeatPumps;
using Twin.ScenarioEngine.Photovoltaics;
using Twin.ScenarioEngine.Results;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Results;

/// <summary>The energy chain of a district: the same bits in any order and on any number of threads, and what a plain loop gives.</summary>
public sealed class DistrictModelTests
{
    private static readonly WeatherYear Weather = EpwReader.Read(new StringReader(DistrictPlans.Dmc.Weather(1).Epw), "DMC", 1);

    private static readonly BuildingInputs[] Buildings =
    [
        .. DistrictGenerator.Generate(DistrictPlans.Dmc, 20260618).Where(static one => one.Type == "Building")
            .Select(static one => BuildingInputs.Read(EntityDocument.Pack(EntityParser.ParseEntity(one.Json, JsonLdContext.Core, ParseOptions.Entity))))
            .OrderBy(static one => one.Id, StringComparer.Ordinal).Take(60),
    ];

    [Fact]
    public void One_thread_and_many_cold_and_warm_give_the_same_bits()
    {
        var one = Bits(Model().Run(Buildings, 1, CancellationToken.None));
        Assert.Equal(one, Bits(Model().Run(Buildings, 8, CancellationToken.None)));

        // Computed in pieces and in another company before.
        var warm = Model();
        warm.Run([.. Buildings.Skip(17).Take(9)], 3, CancellationToken.None);
        warm.Run([.. Buildings.Reverse().Take(40).OrderBy(static b => b.Id, StringComparer.Ordinal)], 2, CancellationToken.None);
        var again = warm.Run(Buildings, 4, CancellationToken.None);
        Assert.Equal(one, Bits(again));
        Assert.InRange(again.Computed, 1, Buildings.Length - 40);
    }

    [Fact]
    public void A_change_of_one_building_gives_what_computing_everything_anew_gives()
    {
        var kept = Model();
        kept.Run(Buildings, 2, CancellationToken.None);
        BuildingInputs[] changed = [.. Buildings.Select(static (b, i) => i == 23 ? Changed(b) : b)];

        var incremental = kept.Run(changed, 2, CancellationToken.None);

        Assert.Equal(1, incremental.Computed);
        Assert.Equal(Bits(Model().Run(changed, 2, CancellationToken.None)), Bits(incremental));
    }

    [Fact]
    public void A_building_with_a_heat_pump_and_a_roof_has_the_year_of_a_plain_loop()
    {
        var inputs = Array.Find(Buildings, static b => b.Heat is PumpedSupply && b.Photovoltaics.Count > 0);
        Assert.NotNull(inputs);
        var year = Model().Run([inputs], 1, CancellationToken.None).Buildings[0];

        var zone = new DistrictYear(Weather, 0.2).Run([inputs.Zone], true, 1)[0];
        var pump = (PumpedSupply)inputs.Heat;
        var roof = PvWatts.Year(new SolarYear(Weather, 0.2), Weather, inputs.Photovoltaics[0].Plane, inputs.Photovoltaics[0].Losses);
        double used = 0, produced = 0, own = 0;
        for (var hour = 0; hour < 8760; hour++)
        {
            var load = zone.Loads![hour];
            var electricity = inputs.Electricity[hour % 24]
                + (Math.Max(0, load) / HeatPump.Performance(HeatPumpSource.Air, Weather.DryBulb[hour], pump.Flow))
                + (inputs.HotWater[hour % 24] / HeatPump.Performance(HeatPumpSource.Air, Weather.DryBulb[hour], pump.HotWater));
            var given = roof[hour] * inputs.Photovoltaics[0].PeakPower;
            used += electricity / 1000;
            produced += given / 1000;
            own += Math.Min(electricity, given) / 1000;
        }

        Assert.Equal(used, year.Electricity, used * 1e-6);
        Assert.Equal(produced, year.Production, produced * 1e-6);
        Assert.Equal(own, year.OwnUse, own * 1e-6);
        Assert.Equal(0, year.Fuel.Energy);
    }

    [Fact]
    public void A_heat_pump_that_cannot_bear_the_coldest_hour_is_refused_before_anything_is_computed()
    {
        BuildingInputs[] changed = [.. Buildings.Select(static (b, i) => i == 5 ? b with { Heat = new PumpedSupply(HeatPumpSource.Air, 70, 70, null), Hash = InputHash.Of(b.Hash) } : b)];

        var fault = Assert.Throws<ModelInputException>(() => Model().Run(changed, 2, CancellationToken.None));

        Assert.Equal($"{Buildings[5].Id}/heatSupply/flowTemperature", fault.Input);
    }

    private static BuildingInputs Changed(BuildingInputs b) => b with
    {
        Zone = b.Zone with { Infiltration = 0.05 }, ZoneHash = InputHash.Of(b.ZoneHash), Hash = InputHash.Of(b.Hash),
    };

    private static DistrictModel Model() => new(Weather, InputHash.Of("weather"u8), new ResultCache(1L << 28));

    private static string Bits(DistrictEnergy energy)
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes);
        foreach (var year in energy.Buildings)
        {
            Array.ForEach([year.Heating, year.Cooling, year.HotWater, year.Fuel.Energy, year.Electricity, year.Production, year.OwnUse, year.PeakHeat], to.Write);
        }

        foreach (var hours in new[] { energy.Hours.Demand, energy.Hours.Surplus, energy.Hours.Heat })
        {
            Array.ForEach(hours, to.Write);
        }

        to.Flush();
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes.ToArray()));
    }
}
