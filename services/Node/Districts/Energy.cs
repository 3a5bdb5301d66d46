namespace Twin.Node.Districts;

/// <summary>Photovoltaic roofs, electricity meters and water meters.</summary>
internal static class Energy
{
    /// <summary>Installed power per square metre of roof that carries modules, kW.</summary>
    private const double KilowattsPerSquareMetre = 0.2;

    public static IEnumerable<DistrictEntity> Of(Quarter q) => q.Layout.Plots.SelectMany(plot => OfPlot(q, plot));

    private static IEnumerable<DistrictEntity> OfPlot(Quarter q, Plot plot)
    {
        var local = q.Local(plot);
        var draws = q.Draws($"{q.BuildingId(plot)}/energy");
        var (roofed, metered, watered) = plot.Use == StripUse.Houses
            ? (draws.Chance(0.35), draws.Chance(0.35), draws.Chance(0.25))
            : (draws.Chance(0.65), true, draws.Chance(0.8));
        if (roofed)
        {
            yield return Roof(q, plot, local, draws);
        }

        if (metered)
        {
            yield return Meter(q, plot, $"electricity-{local}", "energy");
            yield return Electricity(q, plot, local, draws);
        }

        if (watered)
        {
            yield return Meter(q, plot, $"water-{local}", "waterConsumption");
            yield return Water(q, plot, local, draws);
        }
    }

    private static DistrictEntity Roof(Quarter q, Plot plot, string local, Draws draws)
    {
        var power = plot.Footprint * draws.Between(0.3, 0.6) * KilowattsPerSquareMetre;
        return q
            .Begin("PhotovoltaicDevice", local, "Energy")
            .Text("application", "electric")
            .Text("cellType", "monocrystalline")
            .Text("installationMode", "roofing")
            .Point(plot.Inside)
            .Number("NominalPower", power, "KWT")
            .Number("activePower", power * draws.Between(0.62, 0.84), "KWT", 1, observed: true)
            .Number("tilt", plot.Use == StripUse.Halls ? 10 : draws.Whole(15, 35), "DD", 0)
            .Number("azimuth", draws.Whole(150, 215), "DD", 0)
            .Relates("installedOn", q.BuildingId(plot))
            .Relates("operator", q.Body(q.Plan.Roles.Energy))
            .End();
    }

    private static DistrictEntity Meter(Quarter q, Plot plot, string local, string property) => q
        .Begin("Device", local, "Devices")
        .Texts("deviceCategory", "meter")
        .Texts("controlledProperty", property)
        .Text("deviceState", "ok")
        .Point(plot.Inside)
        .Relates("controlledAsset", q.BuildingId(plot))
        .Relates("owner", q.Owner(plot))
        .End();

    private static DistrictEntity Electricity(Quarter q, Plot plot, string local, Draws draws)
    {
        // Watts per square metre of footprint at noon, and hours of use a year: workplaces against homes.
        var (intensity, hours) = plot.Use == StripUse.Halls ? (draws.Between(9, 22), 2600) : (draws.Between(3, 8), 1700);
        var power = plot.Footprint * intensity / 1000;
        return q
            .Begin("ACMeasurement", local, "Energy")
            .Point(plot.Inside)
            .Text("phaseType", plot.Use == StripUse.Houses ? "singlePhase" : "threePhase")
            .Number("totalActivePower", power, "KWT", 2, observed: true)
            .Number("totalActiveEnergyImport", power * hours * draws.Between(0.8, 1.3), "KWH", 0, observed: true)
            .Observed()
            .Relates("refDevice", q.Id("Device", $"electricity-{local}"))
            .Relates("measures", q.BuildingId(plot))
            .End();
    }

    private static DistrictEntity Water(Quarter q, Plot plot, string local, Draws draws) => q
        .Begin("WaterConsumptionObserved", local, "Water")
        .Point(plot.Inside)
        .Number("waterConsumption", plot.Footprint * draws.Between(0.5, 1.6), "MTQ", 1, observed: true)
        .Number("minFlow", draws.Between(0, 4), "E32", 0, observed: true)
        .Number("maxFlow", draws.Between(400, 1800), "E32", 0, observed: true)
        .Observed()
        .Relates("refDevice", q.Id("Device", $"water-{local}"))
        .Relates("measures", q.BuildingId(plot))
        .End();
}
