using System.Runtime.Intrinsics;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Buildings;

/// <summary>What a year adds up to, for the four buildings of a block.</summary>
internal struct BlockSums
{
    private Vector256<double> _heating;
    private Vector256<double> _cooling;
    private Vector256<double> _peakHeating;
    private Vector256<double> _peakCooling;
    private Vector256<double> _heatingHour;
    private Vector256<double> _coolingHour;
    private Vector256<double> _lowest;
    private Vector256<double> _highest;
    private Vector256<double> _air;

    /// <summary>Before the first hour.</summary>
    public static BlockSums Empty => new()
    {
        _heatingHour = Vector256.Create(-1.0),
        _coolingHour = Vector256.Create(-1.0),
        _lowest = Vector256.Create(double.PositiveInfinity),
        _highest = Vector256.Create(double.NegativeInfinity),
    };

    /// <summary>Adds an hour: heating and cooling (negative) in W, the air in °C.</summary>
    public void Add(int hour, Vector256<double> heating, Vector256<double> cooling, Vector256<double> air)
    {
        var now = Vector256.Create((double)hour);
        _heating += heating;
        _cooling += cooling;
        _heatingHour = Vector256.ConditionalSelect(Vector256.GreaterThan(heating, _peakHeating), now, _heatingHour);
        _peakHeating = Vector256.MaxNative(heating, _peakHeating);
        _coolingHour = Vector256.ConditionalSelect(Vector256.LessThan(cooling, _peakCooling), now, _coolingHour);
        _peakCooling = Vector256.MinNative(cooling, _peakCooling);
        _lowest = Vector256.MinNative(air, _lowest);
        _highest = Vector256.MaxNative(air, _highest);
        _air += air;
    }

    /// <summary>The year of one lane.</summary>
    public readonly ZoneYear Of(string id, int lane, float[]? loads) => new()
    {
        Id = id,
        Heating = _heating[lane] / 1000,
        Cooling = -_cooling[lane] / 1000 + 0.0,
        PeakHeating = (_peakHeating[lane], (int)_heatingHour[lane]),
        PeakCooling = (-_peakCooling[lane] + 0.0, (int)_coolingHour[lane]),
        Air = (_lowest[lane], _air[lane] / WeatherYear.Hours, _highest[lane]),
        Loads = loads,
    };
}
