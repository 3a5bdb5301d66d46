using System.Runtime.Intrinsics;
using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Results;

/// <summary>A building's year in energy: what its rooms need, what is delivered, what its roof gives. Energies in kWh, hourly powers in W.</summary>
internal sealed record BuildingYear
{
    /// <summary>The building.</summary>
    public required string Id { get; init; }

    /// <summary>Heat for its rooms.</summary>
    public required double Heating { get; init; }

    /// <summary>Heat taken out of its rooms.</summary>
    public required double Cooling { get; init; }

    /// <summary>Heat for hot water.</summary>
    public required double HotWater { get; init; }

    /// <summary>The highest hourly heat for rooms and water, W.</summary>
    public required double PeakHeat { get; init; }

    /// <summary>What is burnt or taken from a heat network; none for electric heat.</summary>
    public required (EnergyCarrier Carrier, double Energy) Fuel { get; init; }

    /// <summary>Electricity that it uses, from wherever.</summary>
    public required double Electricity { get; init; }

    /// <summary>What its systems produce, at the inverter.</summary>
    public required double Production { get; init; }

    /// <summary>What it uses of its own production in the same hour.</summary>
    public required double OwnUse { get; init; }

    /// <summary>What it takes from outside hour by hour.</summary>
    public required float[] Demand { get; init; }

    /// <summary>What it gives to the outside hour by hour; null without systems.</summary>
    public required float[]? Surplus { get; init; }

    /// <summary>Heat for rooms and water hour by hour.</summary>
    public required float[] Heat { get; init; }

    /// <summary>Bytes that it holds, about.</summary>
    public long Size => 200 + (4L * WeatherYear.Hours * (Surplus is null ? 2 : 3));

    /// <summary>Computes it. Four hours at a time, each lane summed by itself and the lanes at the end: the same bits anywhere.</summary>
    /// <param name="inputs">The building.</param>
    /// <param name="zone">The year of its rooms, with loads.</param>
    /// <param name="production">What its systems give hour by hour, W; null without systems.</param>
    /// <param name="perHeat">Delivered energy for a unit of heat hour by hour, for rooms and for water.</param>
    public static BuildingYear Of(BuildingInputs inputs, ZoneYear zone, float[]? production, (double[] Rooms, double[] Water) perHeat)
    {
        var year = new Hours(inputs, zone.Loads!, production);
        var lanes = new Lanes();
        for (var hour = 0; hour < WeatherYear.Hours; hour += 4)
        {
            year.Step(hour, Vector256.LoadUnsafe(ref perHeat.Rooms[hour]), Vector256.LoadUnsafe(ref perHeat.Water[hour]), ref lanes);
        }

        var water = 0.0;
        for (var hour = 0; hour < 24; hour++)
        {
            water += inputs.HotWater[hour] * 365;
        }

        return new BuildingYear
        {
            Id = inputs.Id, Heating = zone.Heating, Cooling = zone.Cooling, HotWater = water / 1000, PeakHeat = Lanes.Most(lanes.Peak),
            Fuel = (inputs.Heat.Carrier, Lanes.Sum(lanes.Fuel) / 1000), Electricity = Lanes.Sum(lanes.Electricity) / 1000, Production = Lanes.Sum(lanes.Production) / 1000,
            OwnUse = Lanes.Sum(lanes.OwnUse) / 1000, Demand = year.Demand, Surplus = year.Surplus, Heat = year.Heat,
        };
    }

    /// <summary>Sums of every fourth hour, W·h, and the highest.</summary>
    private struct Lanes
    {
        public Vector256<double> Fuel, Electricity, Production, OwnUse, Peak;

        public static double Sum(Vector256<double> lanes) => lanes[0] + lanes[1] + (lanes[2] + lanes[3]);

        public static double Most(Vector256<double> lanes) => Math.Max(Math.Max(lanes[0], lanes[1]), Math.Max(lanes[2], lanes[3]));
    }

    private sealed class Hours
    {
        private readonly float[] _loads;
        private readonly float[]? _production;
        private readonly double[] _electricity;
        private readonly double[] _water;
        private readonly Vector256<double> _cooling;
        private readonly Vector256<double> _electric;

        public Hours(BuildingInputs inputs, float[] loads, float[]? production)
        {
            (_loads, _production) = (loads, production);
            (_electricity, _water) = ([.. inputs.Electricity.Hours], [.. inputs.HotWater.Hours]);
            _cooling = Vector256.Create(inputs.CoolingPerformance == 0 ? 0 : 1 / inputs.CoolingPerformance);
            _electric = Vector256.Create(inputs.Heat.Carrier == EnergyCarrier.Electricity ? 1.0 : 0.0);
            Surplus = production is null ? null : new float[WeatherYear.Hours];
        }

        public float[] Demand { get; } = new float[WeatherYear.Hours];

        public float[] Heat { get; } = new float[WeatherYear.Hours];

        public float[]? Surplus { get; }

        public void Step(int hour, Vector256<double> perRoom, Vector256<double> perWater, ref Lanes lanes)
        {
            var ofDay = hour % 24;
            var load = Wide(_loads, hour);
            var water = Vector256.LoadUnsafe(ref _water[ofDay]);
            var rooms = Vector256.Max(load, Vector256<double>.Zero);
            var heat = rooms + water;
            var delivered = (rooms * perRoom) + (water * perWater);
            var used = Vector256.LoadUnsafe(ref _electricity[ofDay]) + (Vector256.Max(-load, Vector256<double>.Zero) * _cooling) + (delivered * _electric);
            lanes.Fuel += delivered * (Vector256<double>.One - _electric);
            lanes.Electricity += used;
            lanes.Peak = Vector256.Max(lanes.Peak, heat);
            Narrow(heat, Heat, hour);
            if (_production is null)
            {
                Narrow(used, Demand, hour);
                return;
            }

            var given = Wide(_production, hour);
            var matched = Vector256.Min(used, given);
            lanes.Production += given;
            lanes.OwnUse += matched;
            Narrow(used - matched, Demand, hour);
            Narrow(given - matched, Surplus!, hour);
        }

        private static Vector256<double> Wide(float[] hours, int at)
        {
            var (lower, upper) = Vector128.Widen(Vector128.LoadUnsafe(ref hours[at]));
            return Vector256.Create(lower, upper);
        }

        private static void Narrow(Vector256<double> values, float[] hours, int at) => Vector128.Narrow(values.GetLower(), values.GetUpper()).StoreUnsafe(ref hours[at]);
    }
}
