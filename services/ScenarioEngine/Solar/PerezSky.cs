namespace Twin.ScenarioEngine.Solar;

/// <summary>
/// The sky of one hour after Perez et al. 1990 (Solar Energy 44, 271–289; coefficients "all sites composite"), taken apart
/// so that a plane's irradiance is a few multiplications: what comes from the sun's direction, from the whole sky, from
/// the horizon, and off the ground. All in W/m².
/// </summary>
/// <param name="Beam">The sun itself, on a plane that faces it.</param>
/// <param name="Circumsolar">Diffuse light around the sun, on a plane that faces it.</param>
/// <param name="Isotropic">Diffuse light of the even sky, on the horizontal.</param>
/// <param name="Horizon">Diffuse light of the band at the horizon, on a wall; it can be negative.</param>
/// <param name="Global">All of it, on the horizontal.</param>
public readonly record struct PerezSky(double Beam, double Circumsolar, double Isotropic, double Horizon, double Global)
{
    private const double Degree = Math.PI / 180;

    /// <summary>The solar constant, W/m², of the air mass zero spectrum that the model was fitted with (ASTM E490).</summary>
    private const double SolarConstant = 1366.1;

    /// <summary>The circumsolar share is spread over no lower a sun than 5° (the model's 85° of zenith).</summary>
    private static readonly double LeastSine = Math.Cos(85 * Degree);

    private static readonly double[] Clearness = [1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2];

    private static readonly double[][] Brightening =
    [
        [-0.0080, 0.5880, -0.0620, -0.0600, 0.0720, -0.0220],
        [0.1300, 0.6830, -0.1510, -0.0190, 0.0660, -0.0290],
        [0.3300, 0.4870, -0.2210, 0.0550, -0.0640, -0.0260],
        [0.5680, 0.1870, -0.2950, 0.1090, -0.1520, -0.0140],
        [0.8730, -0.3920, -0.3620, 0.2260, -0.4620, 0.0010],
        [1.1320, -1.2370, -0.4120, 0.2880, -0.8230, 0.0560],
        [1.0600, -1.6000, -0.3590, 0.2640, -1.1270, 0.1310],
        [0.6780, -0.3270, -0.2500, 0.1560, -1.3770, 0.2510],
    ];

    /// <summary>The sky from what was measured.</summary>
    /// <param name="elevation">The sun's apparent elevation, degrees.</param>
    /// <param name="dayOfYear">From 0.</param>
    /// <param name="directNormal">W/m².</param>
    /// <param name="diffuseHorizontal">W/m².</param>
    public static PerezSky From(double elevation, int dayOfYear, double directNormal, double diffuseHorizontal)
    {
        // At the middle of an hour in which the sun rises it may still be below: its light of that hour is the sky's alone.
        if (elevation <= 0)
        {
            return new PerezSky(0, 0, diffuseHorizontal, 0, diffuseHorizontal);
        }

        var sine = Math.Sin(elevation * Degree);
        var global = directNormal * sine + diffuseHorizontal;
        if (diffuseHorizontal <= 0)
        {
            return new PerezSky(directNormal, 0, 0, 0, global);
        }

        var zenith = (90 - elevation) * Degree;
        var cubed = 1.041 * zenith * zenith * zenith;
        var clearness = ((diffuseHorizontal + directNormal) / diffuseHorizontal + cubed) / (1 + cubed);
        var bin = 0;
        while (bin < Clearness.Length && clearness >= Clearness[bin])
        {
            bin++;
        }

        var brightness = diffuseHorizontal * AirMass(elevation) / ExtraterrestrialNormal(dayOfYear);
        var f = Brightening[bin];
        var around = Math.Max(0, f[0] + f[1] * brightness + f[2] * zenith);
        var horizon = f[3] + f[4] * brightness + f[5] * zenith;
        return new PerezSky(
            directNormal,
            diffuseHorizontal * around / Math.Max(sine, LeastSine),
            diffuseHorizontal * (1 - around),
            diffuseHorizontal * horizon,
            global);
    }

    /// <summary>Irradiance at the top of the atmosphere on a plane that faces the sun (Spencer 1971), W/m².</summary>
    public static double ExtraterrestrialNormal(int dayOfYear)
    {
        var angle = 2 * Math.PI * dayOfYear / 365;
        return SolarConstant * (1.00011 + 0.034221 * Math.Cos(angle) + 0.00128 * Math.Sin(angle) + 0.000719 * Math.Cos(2 * angle) + 0.000077 * Math.Sin(2 * angle));
    }

    /// <summary>Relative optical air mass (Kasten and Young 1989) of an apparent elevation in degrees.</summary>
    public static double AirMass(double elevation) => 1 / (Math.Sin(elevation * Degree) + 0.50572 * Math.Pow(elevation + 6.07995, -1.6364));
}
