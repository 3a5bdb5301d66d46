using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Carbon;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Carbon;

/// <summary>Dated factors, methods and their spread.</summary>
public sealed class OperationalCarbonTests
{
    private const string Engine = "@open3cl/engine 1.4.6, conso.js, run apart";
    private static readonly ValidationRecord Page = new("operational-carbon");
    private static readonly DateOnly Today = new(2026, 11, 26);

    [Fact]
    public void A_home_emits_by_the_label_what_its_factors_say()
    {
        Page.Near("10 MWh of gas heating, DPE 2021", Of("natural-gas", EnergyUse.Heating, 10_000, FrenchFactors.Dpe2021, Today), 2270, 1e-9, "kg", Engine);
        Page.Near("10 MWh of electric heating, DPE 2021", Of("electricity", EnergyUse.Heating, 10_000, FrenchFactors.Dpe2021, Today), 790, 1e-9, "kg", Engine);
        Page.Near("2 MWh of electric hot water, DPE 2021", Of("electricity", EnergyUse.HotWater, 2_000, FrenchFactors.Dpe2021, Today), 130, 1e-9, "kg", Engine);
        Page.Near("1 MWh of lighting, DPE 2021", Of("electricity", EnergyUse.Lighting, 1_000, FrenchFactors.Dpe2021, Today), 69, 1e-9, "kg", Engine);
        Page.Near("1 MWh of heating oil, DPE 2021", Of("heating-oil", EnergyUse.Heating, 1_000, FrenchFactors.Dpe2021, Today), 324, 1e-9, "kg", Engine);
        Page.Near("1 MWh of coal, DPE 2021 in 2022", Of("coal", EnergyUse.Heating, 1_000, FrenchFactors.Dpe2021, new(2022, 12, 31)), 385, 1e-9, "kg", Engine);
        Page.Misses("1 MWh of coal, DPE 2021 in 2026", Of("coal", EnergyUse.Heating, 1_000, FrenchFactors.Dpe2021, Today), 385, 385, "kg", Engine, "the order of 3 November 2022 says 384; the engine keeps the value before it");
        Page.Near("10 MWh of electric heating, DPE 2012", Of("electricity", EnergyUse.Heating, 10_000, FrenchFactors.Dpe2012, new(2020, 1, 1)), 1800, 1e-9, "kg", "order of 8 February 2012");
    }

    [Fact]
    public void The_same_heat_differs_by_method_and_the_spread_names_least_and_most()
    {
        EmissionFactor[] rows = [Row("regulatory", 0.079), Row("seasonal", 0.132), Row("average", 0.052)];
        var spread = OperationalCarbon.Spread([new("electricity", EnergyUse.Heating, 1_000)], new FactorTable(rows), Today);

        Assert.Equal(("average", "seasonal"), (spread.Least.Method, spread.Most.Method));
        Page.Near("least of 79, 132 and 52 g/kWh for 1 MWh", spread.Least.Total, 52, 1e-9, "kg", "by hand");
        Page.Near("most of 79, 132 and 52 g/kWh for 1 MWh", spread.Most.Total, 132, 1e-9, "kg", "by hand");
        var french = OperationalCarbon.Spread([new("electricity", EnergyUse.Heating, 1_000)], FrenchFactors.Table, Today);
        Assert.Equal("electricity, Heating", french.Lacking[FrenchFactors.Dpe2012]);
    }

    [Fact]
    public void A_day_without_a_factor_is_refused_and_says_what_there_is()
    {
        var fault = Assert.Throws<ModelInputException>(static () => Of("electricity", EnergyUse.Heating, 1, FrenchFactors.Dpe2021, new(2027, 1, 1)));
        Assert.Equal("factor", fault.Input);
        Assert.Contains("from 2021-07-01 to 2026-12-31", fault.Fault, StringComparison.Ordinal);
        Assert.Throws<ModelInputException>(static () => Of("electricity", EnergyUse.Heating, 1, FrenchFactors.Dpe2021, new(2021, 6, 30)));
        Assert.Throws<ModelInputException>(static () => Of("district-heat", EnergyUse.Heating, 1, FrenchFactors.Dpe2021, Today));
        Assert.Throws<ModelInputException>(static () => OperationalCarbon.Spread([new("peat", EnergyUse.Heating, 1)], FrenchFactors.Table, Today));
        Assert.Equal("amounts[0].energy", Assert.Throws<ModelInputException>(static () => Of("electricity", EnergyUse.Heating, double.NaN, FrenchFactors.Dpe2021, Today)).Input);
        Assert.Equal("factors", Assert.Throws<ModelInputException>(static () => new FactorTable([Row("a", 1), Row("a", 2)])).Input);
        Assert.Equal("factors[0]", Assert.Throws<ModelInputException>(static () => new FactorTable([Row("a", -1)])).Input);
    }

    [Fact]
    public void Hours_with_one_factor_are_the_year() => Gen.Double[0, 50].Array[1, 500].Sample(static hours =>
    {
        var factor = FrenchFactors.Table.Get("electricity", EnergyUse.Heating, FrenchFactors.Dpe2021, Today);
        Assert.Equal(Of("electricity", EnergyUse.Heating, hours.Sum(), FrenchFactors.Dpe2021, Today), OperationalCarbon.Hourly(hours, factor, Today), 1e-9);
    }, iter: 100);

    [Fact]
    public void Hours_that_do_not_fit_and_items_without_a_source_are_refused_by_name()
    {
        Assert.Equal("factors", Assert.Throws<ModelInputException>(static () => OperationalCarbon.Hourly([1, 2], [0.1])).Input);
        Assert.Equal("energy[1]", Assert.Throws<ModelInputException>(static () => OperationalCarbon.Hourly([1, -2], [0.1, 0.1])).Input);
        Assert.Equal(0.5, OperationalCarbon.Hourly([1, 2], [0.1, 0.2]), 1e-12);
        var wool = new EmbodiedItem("insulation", 20, 7.5, "m2", new(2028, 1, 1), "a declaration");
        Assert.Equal(150, OperationalCarbon.Embodied([wool], Today));
        Assert.Equal("items[0]", Assert.Throws<ModelInputException>(() => OperationalCarbon.Embodied([wool with { Source = "" }], Today)).Input);
        Assert.Equal("items[0]", Assert.Throws<ModelInputException>(() => OperationalCarbon.Embodied([wool], new(2028, 1, 2))).Input);
    }

    private static double Of(string carrier, EnergyUse use, double energy, string method, DateOnly day) =>
        OperationalCarbon.Annual([new EnergyAmount(carrier, use, energy)], FrenchFactors.Table, method, day).Total;

    private static EmissionFactor Row(string method, double value) => new("electricity", EnergyUse.Heating, method, value, new(2026, 1, 1), new(2026, 12, 31), "a test");
}
