namespace Twin.Node.Districts;

/// <summary>Photovoltaic roofs, electricity meters and water meters.</summary>
internal static class Energy
{
    /// <summary>Installed power per square metre of roof that carries modules, kW.</summary>
    private const double KilowattsPerSquareMetre = 0.2;

    public static IEnumerable<DistrictEntity> Of(Quarter q) => q.Layout.Plots.SelectMany(plot => OfPlot(q, plot));

    /// <summary>The photovoltaic roof of a plot's building; null when it has none.</summary>
    public static (double Power, int Tilt, int Azimuth)? RoofOf(Quarter q, Plot plot)
    {
        var draws = q.Draws($"{q.BuildingId(plot)}/energy");
        if (!Fittings(plot, ref draws).Roofed)
        {
            return null;
        }

        var power = plot.Footprint * draws.Between(0.3, 0.6) * KilowattsPerSquareMetre;
        _ = draws.Between(0.62, 0.84);
        return (power, plot.Use == StripUse.Halls ? 10 : draws.Whole(15, 35), draws.Whole(150, 215));
    }

    private static (bool Roofed, bool Metered, bool Watered) Fittings(Plot plot, ref Draws draws) => plot.Use == StripUse.Houses
        ? (draws.Chance(0.35), draws.Chance(0.35), draws.Chance(0.25))
        : (draws.Chance(0.65), true, draws.Chance(0.8));

    private static IEnumerable<DistrictEntity> OfPlot(Quarter q, Plot plot)
    {
        var local = q.Local(plot);
        var draws = q.Draws($"{q.BuildingId(plot)}/energy");
        var (_, metered, watered) = Fittings(plot, ref draws);
        if (RoofOf(q, plot) is { } roof)
        {
            yield return Roof(q, plot, local, roof, draws);
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

    private static DistrictEntity Roof(Quarter q, Plot plot, string local, (double Power, int Tilt, int Azimuth) roof, Draws draws)
    {
        _ = draws.Between(0.3, 0.6);
        return q
            .Begin("PhotovoltaicDevice", local, "Energy")
            .Text("application", "electric")
            .Text("cellType", "monocrystalline")
            .Text("installationMode", "roofing")
            .Point(plot.Inside)
            .Number("NominalPower", roof.Power, "KWT")
            .Number("activePower", roof.Power * draws.Between(0.62, 0.84), "KWT", 1, observed: true)
            .Number("tilt", roof.Tilt, "DD", 0)
            .Number("azimuth", roof.Azimuth, "DD", 0)
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
