using System.Text.Json;
using Twin.ScenarioEngine.Buildings;

namespace Twin.ScenarioEngine.District;

/// <summary>Reads the value of a building's <c>thermalZone</c>: a <see cref="BuildingZone"/> with its members' names in camel case.</summary>
internal static class ThermalZoneReader
{
    /// <summary>Reads it, and checks it as the model does.</summary>
    /// <param name="json">The value.</param>
    /// <param name="building">The building's id.</param>
    /// <exception cref="ModelInputException">With the path below the building.</exception>
    public static BuildingZone Read(JsonElement json, string building)
    {
        var input = new JsonInput(
            json, $"{building}/thermalZone",
            "variant", "floorArea", "volume", "internalSurfaceArea", "massArea", "heatCapacity", "surfaceCoefficient", "opaque", "windows", "ventilation", "infiltration",
            "heatRecovery", "skyTemperatureDifference", "internalGains", "heatingSetPoint", "coolingSetPoint", "heatingCapacity", "coolingCapacity");
        var zone = new BuildingZone
        {
            Id = building,
            Variant = input.Word("variant", ("iso13790", NetworkVariant.Iso13790), ("rcBuildingSimulator", NetworkVariant.RcBuildingSimulator)),
            FloorArea = input.Number("floorArea"),
            Volume = input.Number("volume"),
            InternalSurfaceArea = input.Number("internalSurfaceArea"),
            MassArea = input.Number("massArea"),
            HeatCapacity = input.Number("heatCapacity"),
            SurfaceCoefficient = input.Number("surfaceCoefficient"),
            Opaque = input.Items("opaque", Element),
            Windows = input.Items("windows", Glazing),
            Ventilation = input.Number("ventilation"),
            Infiltration = input.Number("infiltration"),
            HeatRecovery = input.Number("heatRecovery"),
            SkyTemperatureDifference = input.Number("skyTemperatureDifference"),
            InternalGains = input.Profile("internalGains"),
            HeatingSetPoint = input.Profile("heatingSetPoint"),
            CoolingSetPoint = input.Profile("coolingSetPoint"),
            HeatingCapacity = input.Number("heatingCapacity"),
            CoolingCapacity = input.Number("coolingCapacity"),
        };
        ZoneInputs.Check(zone);
        return zone;
    }

    /// <summary>A wall, a roof or a floor; its kind is what a retrofit chooses by.</summary>
    private static OpaqueElement Element(JsonElement json, string path)
    {
        var input = new JsonInput(json, path, "kind", "area", "uValue", "temperatureFactor", "plane", "solarAbsorptance");
        _ = input.Word("kind", ("wall", 0), ("roof", 1), ("floor", 2));
        return new OpaqueElement
        {
            Area = input.Number("area"),
            UValue = input.Number("uValue"),
            TemperatureFactor = input.Number("temperatureFactor"),
            Plane = input.Plane("plane"),
            SolarAbsorptance = input.Number("solarAbsorptance"),
        };
    }

    private static Window Glazing(JsonElement json, string path)
    {
        var input = new JsonInput(json, path, "area", "uValue", "plane", "solarTransmittance", "frameFraction", "shadingFactor", "angular");
        var angular = input.Items("angular", static (item, at) => item.ValueKind == JsonValueKind.Number ? item.GetDouble() : throw new ModelInputException(at, "it is no number."));
        return new Window
        {
            Area = input.Number("area"),
            UValue = input.Number("uValue"),
            Plane = input.Plane("plane") ?? throw new ModelInputException($"{path}/plane", "a window faces somewhere."),
            SolarTransmittance = input.Number("solarTransmittance"),
            FrameFraction = input.Number("frameFraction"),
            ShadingFactor = input.Number("shadingFactor"),
            Angular = angular is [var a0, var a1, var a2, var a3]
                ? new AngularTransmittance(a0, a1, a2, a3)
                : throw new ModelInputException($"{path}/angular", "it has not the four coefficients of a cubic."),
        };
    }
}
