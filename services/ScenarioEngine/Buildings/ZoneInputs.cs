namespace Twin.ScenarioEngine.Buildings;

/// <summary>What must hold before a building is computed; each fault names the input, as a path below the building.</summary>
public static class ZoneInputs
{
    /// <summary>Refuses a building that is not whole or whose inputs contradict one another.</summary>
    /// <exception cref="ModelInputException">The first fault, with the building's id before the path.</exception>
    public static void Check(BuildingZone zone)
    {
        var check = new Bounds(zone.Id);
        check.Over("floorArea", zone.FloorArea, 0, "m²");
        check.Over("volume", zone.Volume, 0, "m³");
        check.Over("internalSurfaceArea", zone.InternalSurfaceArea, 0, "m²");
        check.Over("massArea", zone.MassArea, 0, "m²");
        check.Over("heatCapacity", zone.HeatCapacity, 0, "J/K");
        check.Over("surfaceCoefficient", zone.SurfaceCoefficient, 0, "W/(m²·K)");
        check.Within("ventilation", zone.Ventilation, 0, 100, "1/h");
        check.Within("infiltration", zone.Infiltration, 0, 100, "1/h");
        check.Within("heatRecovery", zone.HeatRecovery, 0, 1, "");
        check.Within("skyTemperatureDifference", zone.SkyTemperatureDifference, 0, 40, "K");
        check.Capacity("heatingCapacity", zone.HeatingCapacity);
        check.Capacity("coolingCapacity", zone.CoolingCapacity);
        for (var hour = 0; hour < 24; hour++)
        {
            check.Within($"internalGains[{hour}]", zone.InternalGains[hour], 0, 1e9, "W");
            check.Within($"heatingSetPoint[{hour}]", zone.HeatingSetPoint[hour], -60, 60, "°C");
            check.Within($"coolingSetPoint[{hour}]", zone.CoolingSetPoint[hour], -60, 100, "°C");
            check.Holds($"heatingSetPoint[{hour}]", zone.HeatingSetPoint[hour] <= zone.CoolingSetPoint[hour],
                $"{zone.HeatingSetPoint[hour]} °C is above the cooling set-point of {zone.CoolingSetPoint[hour]} °C");
        }

        for (var i = 0; i < zone.Opaque.Count; i++)
        {
            var element = zone.Opaque[i];
            check.Over($"opaque[{i}].area", element.Area, 0, "m²");
            check.Over($"opaque[{i}].uValue", element.UValue, 0, "W/(m²·K)");
            check.Within($"opaque[{i}].temperatureFactor", element.TemperatureFactor, 0, 1, "");
            check.Within($"opaque[{i}].solarAbsorptance", element.SolarAbsorptance, 0, 1, "");
        }

        for (var i = 0; i < zone.Windows.Count; i++)
        {
            var window = zone.Windows[i];
            check.Over($"windows[{i}].area", window.Area, 0, "m²");
            check.Over($"windows[{i}].uValue", window.UValue, 0, "W/(m²·K)");
            check.Within($"windows[{i}].solarTransmittance", window.SolarTransmittance, 0, 1, "");
            check.Within($"windows[{i}].frameFraction", window.FrameFraction, 0, 1, "");
            check.Within($"windows[{i}].shadingFactor", window.ShadingFactor, 0, 1, "");
        }

        check.Holds("opaque", zone.Opaque.Count > 0, "there is no wall, roof or floor");
    }

    private readonly record struct Bounds(string Id)
    {
        public void Over(string input, double value, double least, string unit) =>
            Holds(input, double.IsFinite(value) && value > least, $"{value} {unit} is not over {least}");

        public void Within(string input, double value, double least, double most, string unit) =>
            Holds(input, value >= least && value <= most, $"{value} {unit} is not from {least} to {most}");

        public void Capacity(string input, double value) =>
            Holds(input, value >= 0, $"{value} W is not 0 or more");

        public void Holds(string input, bool holds, string fault)
        {
            if (!holds)
            {
                throw new ModelInputException($"{Id}/{input}", fault + ".");
            }
        }
    }
}
