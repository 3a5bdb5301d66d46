namespace Twin.Node.Districts;

/// <summary>Sensors in rooms and outdoors: climate, air, noise, weather, the stream's level.</summary>
internal static class Sensing
{
    public static IEnumerable<DistrictEntity> Of(Quarter q) => Rooms(q).Concat(Air(q)).Concat(Noise(q)).Append(Weather(q)).Append(Level(q));

    /// <summary>A climate sensor in every hall and in every third new building: temperature and humidity.</summary>
    private static IEnumerable<DistrictEntity> Rooms(Quarter q)
    {
        foreach (var plot in q.Layout.Plots.Where(static p => p.Use == StripUse.Halls || (p.Use != StripUse.Houses && p.Index % 3 == 0)))
        {
            var local = $"climate-{q.Local(plot)}";
            var draws = q.Draws(q.Id("Device", local));
            yield return q
                .Begin("Device", local, "Devices")
                .Texts("deviceCategory", "sensor")
                .Texts("controlledProperty", "temperature", "humidity")
                .Text("deviceState", "ok")
                .Number("batteryLevel", draws.Between(0.4, 1), "C62", 2, observed: true)
                .Point(plot.Inside)
                .Relates("controlledAsset", q.BuildingId(plot))
                .Relates("owner", q.Owner(plot))
                .End();
            yield return Reading(q, plot, local, "temperature", draws.Between(21, 27), "CEL");
            yield return Reading(q, plot, local, "humidity", draws.Between(38, 60), "P1");
        }
    }

    private static DistrictEntity Reading(Quarter q, Plot plot, string device, string property, double value, string unit) => q
        .Begin("DeviceMeasurement", $"{device}-{property}", "Measurements")
        .Text("controlledProperty", property)
        .Number("numValue", value, unit, 1, observed: true)
        .Observed()
        .Point(plot.Inside)
        .Relates("refDevice", q.Id("Device", device))
        .Relates("measures", q.BuildingId(plot))
        .End();

    private static IEnumerable<DistrictEntity> Air(Quarter q) => q.Layout.Streets.Take(4).Select(street =>
    {
        var draws = q.Draws(q.Id("AirQualityObserved", $"{street.Index}"));
        var (no2, pm10) = (draws.Between(9, 32), draws.Between(8, 26));
        return q
            .Begin("AirQualityObserved", $"air-{street.Index + 1}", "Air")
            .Point(OnStreet(street, draws.Between(0.2, 0.8)))
            .Number("no2", no2, "GQ", 1, observed: true)
            .Number("pm10", pm10, "GQ", 1, observed: true)
            .Number("pm25", pm10 * draws.Between(0.5, 0.7), "GQ", 1, observed: true)
            .Number("o3", draws.Between(60, 118), "GQ", 1, observed: true)
            .Observed()
            .Relates("containedInArea", q.District)
            .Relates("owner", q.TownHall)
            .End();
    });

    private static IEnumerable<DistrictEntity> Noise(Quarter q) => q.Layout.Streets.Select(street =>
    {
        var draws = q.Draws(q.Id("NoiseLevelObserved", $"{street.Index}"));
        var level = draws.Between(48, 63);
        return q
            .Begin("NoiseLevelObserved", $"noise-{street.Index + 1}", "Noise")
            .Point(OnStreet(street, draws.Between(0.1, 0.9)))
            .Number("LAeq", level, "2N", 1, observed: true)
            .Number("LAmax", level + draws.Between(8, 20), "2N", 1, observed: true)
            .Observed()
            .Relates("containedInArea", q.District)
            .Relates("owner", q.TownHall)
            .End();
    });

    private static DistrictEntity Weather(Quarter q)
    {
        var draws = q.Draws(q.Id("WeatherObserved", "station"));
        return q
            .Begin("WeatherObserved", "station", "Weather")
            .Point(q.Layout.At(q.Plan.Width / 2, q.Plan.Depth - 2))
            .Number("temperature", draws.Between(22, 29), "CEL", 1, observed: true)
            .Number("relativeHumidity", draws.Between(0.4, 0.6), "C62", 2, observed: true)
            .Number("atmosphericPressure", draws.Between(1008, 1022), "A97", 1, observed: true)
            .Number("windSpeed", draws.Between(0.5, 5), "MTS", 1, observed: true)
            .Number("windDirection", draws.Between(0, 359), "DD", 0, observed: true)
            .Number("precipitation", 0, "MMT", 1, observed: true)
            .Number("solarRadiation", draws.Between(620, 860), "D54", 0, observed: true)
            .Observed()
            .Relates("containedInArea", q.District)
            .Relates("owner", q.TownHall)
            .End();
    }

    private static DistrictEntity Level(Quarter q)
    {
        var draws = q.Draws(q.Id("WaterObserved", "stream"));
        var bank = q.Layout.Stream[0];
        return q
            .Begin("WaterObserved", "stream", "Water")
            .Point(bank.Shift(1, 2.5))
            .Number("waterLevel", draws.Between(0.25, 0.7), "MTR", 2, observed: true)
            .Number("flow", draws.Between(0.1, 0.6), "MQS", 2, observed: true)
            .Observed()
            .Relates("measures", q.Id("RiverBodyOfWater", "stream"))
            .Relates("owner", q.TownHall)
            .End();
    }

    private static Spot OnStreet(Street street, double share) =>
        street.From.Shift((street.To.U - street.From.U) * share, ((street.To.V - street.From.V) * share) + 2);
}
