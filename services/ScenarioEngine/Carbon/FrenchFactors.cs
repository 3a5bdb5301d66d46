namespace Twin.ScenarioEngine.Carbon;

/// <summary>
/// Factors of French orders, each checked against the source that its row names. The use of electricity matters: 79 g for
/// heating by the orders of 2021, 180 g by that of 2012. ADEME publishes none by use after the vintage of 2023.
/// </summary>
public static class FrenchFactors
{
    /// <summary>The label of homes (DPE), order of 31 March 2021, in force from 1 July 2021.</summary>
    public const string Dpe2021 = "3cl-2021";

    /// <summary>The label before it, orders of 8 February 2012 and 11 July 2013.</summary>
    public const string Dpe2012 = "dpe-2012";

    /// <summary>New buildings, order of 4 August 2021, in force from 1 January 2022.</summary>
    public const string Re2020 = "re2020";

    private const string Order2021 = "order of 31 March 2021 (DPE), annex; values as in @open3cl/engine 1.4.6";
    private const string Order2012 = "orders of 15 September 2006 annex 4 and 8 February 2012 (DPE); values as published by BBS Logiciels";
    private const string Order2020 = "order of 4 August 2021 (RE2020), LOGL2107359A; values as published by BBS Logiciels and ADEME";
    private static readonly DateOnly Checked = new(2026, 12, 31);
    private static readonly EnergyUse[] Heat = [EnergyUse.Heating, EnergyUse.HotWater];

    /// <summary>All of them.</summary>
    public static FactorTable Table { get; } = new(
    [
        .. Fuels(Dpe2021, new(2021, 7, 1), Checked, Order2021, ("natural-gas", 0.227), ("heating-oil", 0.324), ("lpg", 0.272), ("wood-logs", 0.030), ("wood-pellets", 0.030), ("wood-chips-forest", 0.024), ("wood-chips-industry", 0.024)),
        .. Fuels(Dpe2021, new(2021, 7, 1), new(2022, 12, 31), Order2021, ("coal", 0.385)),
        .. Fuels(Dpe2021, new(2023, 1, 1), Checked, "order of 3 November 2022 (DPE); @open3cl/engine 1.4.6 still has 0.385", ("coal", 0.384)),
        .. Electricity(Dpe2021, new(2021, 7, 1), Checked, Order2021, (EnergyUse.Heating, 0.079), (EnergyUse.HotWater, 0.065), (EnergyUse.Cooling, 0.064), (EnergyUse.Lighting, 0.069), (EnergyUse.Auxiliaries, 0.064)),
        .. Fuels(Dpe2012, new(2012, 3, 16), new(2021, 6, 30), Order2012, ("natural-gas", 0.234), ("heating-oil", 0.300), ("lpg", 0.274), ("wood-logs", 0.013), ("wood-pellets", 0.013), ("wood-chips-forest", 0.013), ("wood-chips-industry", 0.013)),
        .. Electricity(Dpe2012, new(2012, 3, 16), new(2021, 6, 30), Order2012, (EnergyUse.Heating, 0.180), (EnergyUse.HotWater, 0.040), (EnergyUse.Cooling, 0.040)),
        .. Fuels(Re2020, new(2022, 1, 1), Checked, Order2020, ("natural-gas", 0.227), ("wood-logs", 0.030), ("wood-pellets", 0.030), ("wood-chips-forest", 0.024)),
        .. Electricity(Re2020, new(2022, 1, 1), Checked, Order2020, (EnergyUse.Heating, 0.079)),
    ]);

    private static IEnumerable<EmissionFactor> Fuels(string method, DateOnly from, DateOnly to, string source, params (string Carrier, double Value)[] values) =>
        values.SelectMany(value => Heat.Select(use => new EmissionFactor(value.Carrier, use, method, value.Value, from, to, source)));

    private static IEnumerable<EmissionFactor> Electricity(string method, DateOnly from, DateOnly to, string source, params (EnergyUse Use, double Value)[] values) =>
        values.Select(value => new EmissionFactor("electricity", value.Use, method, value.Value, from, to, source));
}
