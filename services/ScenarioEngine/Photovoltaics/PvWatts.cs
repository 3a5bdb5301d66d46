using System.Runtime.CompilerServices;
using Twin.ScenarioEngine.Models;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Photovoltaics;

/// <summary>
/// A photovoltaic system after PVWatts, version 5 (Dobos 2014, NREL/TP-6A20-62641): standard module, inverter of 96 % and
/// a ratio of DC to AC size of 1.2. Everything is linear in the peak power, so that a year is computed for one watt.
/// The cell temperature is that of King et al. 2004 (SAND2004-3535), glass and cell on an open rack, where PVWatts
/// has the transient form of Fuentes 1987.
/// </summary>
public static class PvWatts
{
    /// <summary>What it is.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "photovoltaics",
        Version = "1.0.0",
        Title = "Photovoltaic electricity, hour by hour",
        Use = ModelUse.Prospective,
        Inputs =
        [
            new("peakPower", "W", "Power under standard test conditions"), new("tilt", "deg", "From the horizontal"), new("azimuth", "deg", "Clockwise from north"),
            new("losses", "1", "Of the system between cells and inverter; PVWatts has 0.14"), new("weather", "W/m2", "8,760 hours of beam, sky, temperature and wind"),
        ],
        Outputs = [new("production", "W", "8,760 hours behind the inverter")],
        Sources = ["Dobos 2014, PVWatts Version 5 Manual, NREL/TP-6A20-62641", "Perez et al. 1990, doi:10.1016/0038-092X(90)90055-H", "King, Boyson, Kratochvil 2004, SAND2004-3535", "De Soto, Klein, Beckman 2006, doi:10.1016/j.solener.2005.06.010"],
        ValidFor = "Years and months of fixed crystalline systems without shade.",
        NotValidFor = "Shaded roofs, trackers, bifacial modules, single hours of part clouds: neither horizon nor neighbours throw a shadow here.",
        Uncertainty = "PVWatts states about 10 % for a year and 30 % for a month of a single system against measurement; the weather year is the larger part.",
    };

    /// <summary>Change of power with cell temperature, 1/K (standard module).</summary>
    private const double TemperatureCoefficient = -0.0047;

    /// <summary>Nominal efficiency of the inverter.</summary>
    private const double NominalEfficiency = 0.96;

    /// <summary>The DC size over the AC size.</summary>
    private const double DcToAc = 1.2;

    /// <summary>Refractive index of glass, its extinction (1/m) and thickness (m): De Soto 2006.</summary>
    private const double Glass = 1.526;
    private const double Extinction = 4;
    private const double Thickness = 0.002;

    private static readonly ConditionalWeakTable<WeatherYear, double[]> Rises = [];

    /// <summary>The inverter's output for one watt of peak power, hour by hour, W.</summary>
    /// <param name="sun">The sun of the weather year.</param>
    /// <param name="weather">The year.</param>
    /// <param name="plane">Where the modules face.</param>
    /// <param name="losses">Of the system, from 0 to below 1.</param>
    /// <exception cref="ModelInputException">The losses or the plane are out of range.</exception>
    public static double[] Year(SolarYear sun, WeatherYear weather, SurfacePlane plane, double losses)
    {
        ArgumentNullException.ThrowIfNull(sun);
        ArgumentNullException.ThrowIfNull(weather);
        if (losses is not (>= 0 and < 1))
        {
            throw new ModelInputException("losses", $"{losses} is not from 0 to below 1.");
        }

        var on = sun.On(plane);
        var year = new double[WeatherYear.Hours];
        var (air, rise) = (weather.DryBulb, Rise(weather));
        for (var hour = 0; hour < year.Length; hour++)
        {
            var irradiance = on.Direct[hour] + on.Diffuse[hour];
            if (irradiance > 0)
            {
                var transmitted = on.Diffuse[hour] + (on.Direct[hour] > 0 ? on.Direct[hour] * BeamTransmittance(on.IncidenceCosine[hour]) : 0);
                year[hour] = Inverted(Direct(transmitted, air[hour] + (irradiance * rise[hour])) * (1 - losses));
            }
        }

        return year;
    }

    /// <summary>DC power of one watt of modules, W, without losses of the system.</summary>
    /// <param name="transmitted">Irradiance that reaches the cells, W/m².</param>
    /// <param name="cell">Cell temperature, °C.</param>
    public static double Direct(double transmitted, double cell) => transmitted / 1000 * (1 + (TemperatureCoefficient * (cell - 25)));

    /// <summary>AC power of an inverter for one watt of modules, W.</summary>
    /// <param name="direct">DC power, W.</param>
    public static double Inverted(double direct)
    {
        const double AcRating = 1 / DcToAc;
        const double DcRating = AcRating / NominalEfficiency;
        if (direct <= 0)
        {
            return 0;
        }

        var load = direct / DcRating;
        var efficiency = NominalEfficiency / 0.9637 * ((-0.0162 * load) - (0.0059 / load) + 0.9858);
        return Math.Clamp(efficiency * direct, 0, AcRating);
    }

    /// <summary>Cell temperature, °C.</summary>
    /// <param name="irradiance">On the plane, W/m².</param>
    /// <param name="air">Air temperature, °C.</param>
    /// <param name="wind">Wind speed at 10 m, m/s.</param>
    public static double CellTemperature(double irradiance, double air, double wind) =>
        air + (irradiance * Rise(wind));

    /// <summary>How much warmer than the air a cell is, K for each W/m².</summary>
    private static double Rise(double wind) => Math.Exp(-3.47 - (0.0594 * wind)) + 0.003;

    private static double[] Rise(WeatherYear weather) => Rises.GetValue(weather, static of => [.. of.WindSpeed.Select(Rise)]);

    /// <summary>What the cover lets through of the beam, over that at normal incidence.</summary>
    /// <param name="cosine">Of the angle from the plane's normal.</param>
    public static double BeamTransmittance(double cosine)
    {
        // Snell and Fresnel by cosines: straight on, both polarisations reflect alike.
        var inside = Math.Sqrt(1 - ((1 - (cosine * cosine)) / (Glass * Glass)));
        var across = (cosine - (Glass * inside)) / (cosine + (Glass * inside));
        var along = ((Glass * cosine) - inside) / ((Glass * cosine) + inside);
        return Math.Exp(-Extinction * Thickness / inside) * (1 - (0.5 * ((across * across) + (along * along)))) / Normal;
    }

    private static double Normal { get; } = Math.Exp(-Extinction * Thickness) * (1 - Math.Pow((1 - Glass) / (1 + Glass), 2));
}
