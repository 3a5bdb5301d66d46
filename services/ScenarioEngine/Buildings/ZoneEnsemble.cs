using System.Runtime.Intrinsics;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Buildings;

/// <summary>What is uncertain of a building, as factors and a shift of what it is thought to be.</summary>
/// <param name="Envelope">Of all transmittances.</param>
/// <param name="Infiltration">Of the air that comes in by itself.</param>
/// <param name="Gains">Of the internal gains.</param>
/// <param name="SetPoint">Added to both set points, K.</param>
public readonly record struct ZoneVariation(double Envelope, double Infiltration, double Gains, double SetPoint)
{
    /// <summary>The building as it is thought to be.</summary>
    public static ZoneVariation None { get; } = new(1, 1, 1, 0);
}

/// <summary>
/// The years of one building under many variations, totals only: eight variations at once, in two vectors whose chains of
/// multiplications hide each other's latency. Sun and weather are the same for all lanes, and read once.
/// </summary>
internal sealed class ZoneEnsemble
{
    /// <summary>Variations at once.</summary>
    public const int Width = 8;

    private readonly BuildingZone _zone;
    private readonly double[] _outside;
    private readonly double[] _windows = new double[WeatherYear.Hours];
    private readonly double[] _envelope = new double[WeatherYear.Hours];

    /// <summary>Prepares a building.</summary>
    /// <exception cref="ModelInputException">Its inputs are not whole.</exception>
    public ZoneEnsemble(BuildingZone zone, PlaneYears planes, double[] outside)
    {
        ZoneInputs.Check(zone);
        (_zone, _outside) = (zone, outside);
        SolarGains.Split(zone, planes, _windows, _envelope);
    }

    /// <summary>Runs variations.</summary>
    /// <param name="variations">Any number of them.</param>
    /// <param name="totals">For each the heat and the cold of its year, kWh.</param>
    public void Run(ReadOnlySpan<ZoneVariation> variations, Span<(double Heating, double Cooling)> totals)
    {
        Span<ZoneVariation> lanes = stackalloc ZoneVariation[Width];
        Span<double> heating = stackalloc double[Width];
        Span<double> cooling = stackalloc double[Width];
        for (var first = 0; first < variations.Length; first += Width)
        {
            var count = Math.Min(Width, variations.Length - first);
            lanes.Fill(ZoneVariation.None);
            variations.Slice(first, count).CopyTo(lanes);
            Integrate(new Lanes(_zone, lanes[..4]), new Lanes(_zone, lanes[4..]), heating, cooling);
            for (var lane = 0; lane < count; lane++)
            {
                totals[first + lane] = (heating[lane] / 1000, cooling[lane] / 1000);
            }
        }
    }

    private void Integrate(Lanes a, Lanes b, Span<double> heating, Span<double> cooling)
    {
        var (massA, massB) = (Vector256.Create(ZoneBlock.FirstMass), Vector256.Create(ZoneBlock.FirstMass));
        var (heatA, heatB, coldA, coldB) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        for (var step = -ZoneBlock.WarmUp; step < WeatherYear.Hours; step++)
        {
            var hour = step < 0 ? step + WeatherYear.Hours : step;
            var ofDay = hour % 24;
            var outside = Vector256.Create(_outside[hour]);
            var windows = Vector256.Create(_windows[hour]);
            var envelope = Vector256.Create(_envelope[hour]);
            if (step == 0)
            {
                (heatA, heatB, coldA, coldB) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
            }

            massA = a.Step(massA, outside, windows, envelope, ofDay, ref heatA, ref coldA);
            massB = b.Step(massB, outside, windows, envelope, ofDay, ref heatB, ref coldB);
        }

        heatA.CopyTo(heating);
        heatB.CopyTo(heating[4..]);
        (-coldA).CopyTo(cooling);
        (-coldB).CopyTo(cooling[4..]);
    }

    /// <summary>Four variations: the response of each, its gains and set points by hour of the day.</summary>
    private sealed class Lanes
    {
        private readonly Vector256<double> _airMass, _airOutside, _airSolar, _airEnvelope, _perKelvin, _massMass, _massOutside, _massSolar, _massEnvelope, _massLoad, _most, _least;
        private readonly Vector256<double>[] _airGains = new Vector256<double>[24];
        private readonly Vector256<double>[] _massGains = new Vector256<double>[24];
        private readonly Vector256<double>[] _lower = new Vector256<double>[24];
        private readonly Vector256<double>[] _upper = new Vector256<double>[24];

        public Lanes(BuildingZone zone, ReadOnlySpan<ZoneVariation> variations)
        {
            Span<ZoneResponse> responses = stackalloc ZoneResponse[4];
            for (var lane = 0; lane < 4; lane++)
            {
                responses[lane] = ZoneResponse.Of(ZoneConductances.Of(zone, variations[lane]));
            }

            _airMass = Of(responses, static r => r.AirMass);
            _airOutside = Of(responses, static r => r.AirOutside);
            _airSolar = Of(responses, static r => r.AirSolar);
            _perKelvin = Of(responses, static r => 1 / r.AirLoad);
            _massMass = Of(responses, static r => r.MassMass);
            _massOutside = Of(responses, static r => r.MassOutside);
            _massSolar = Of(responses, static r => r.MassSolar);
            _massLoad = Of(responses, static r => r.MassLoad);
            var envelope = Vector256.Create(variations[0].Envelope, variations[1].Envelope, variations[2].Envelope, variations[3].Envelope);
            var gains = Vector256.Create(variations[0].Gains, variations[1].Gains, variations[2].Gains, variations[3].Gains);
            var shift = Vector256.Create(variations[0].SetPoint, variations[1].SetPoint, variations[2].SetPoint, variations[3].SetPoint);
            (_airEnvelope, _massEnvelope) = (_airSolar * envelope, _massSolar * envelope);
            (_most, _least) = (Vector256.Create(zone.HeatingCapacity), Vector256.Create(-zone.CoolingCapacity));
            var (airInternal, massInternal) = (Of(responses, static r => r.AirInternal), Of(responses, static r => r.MassInternal));
            for (var hour = 0; hour < 24; hour++)
            {
                var internalGains = gains * zone.InternalGains[hour];
                (_airGains[hour], _massGains[hour]) = (airInternal * internalGains, massInternal * internalGains);
                (_lower[hour], _upper[hour]) = (Vector256.Create(zone.HeatingSetPoint[hour]) + shift, Vector256.Create(zone.CoolingSetPoint[hour]) + shift);
            }
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public Vector256<double> Step(
            Vector256<double> mass, Vector256<double> outside, Vector256<double> windows, Vector256<double> envelope, int hour, ref Vector256<double> heat, ref Vector256<double> cold)
        {
            var free = (_airMass * mass) + ((_airOutside * outside) + (_airSolar * windows) + (_airEnvelope * envelope) + _airGains[hour]);
            var heating = Vector256.MinNative(Vector256.MaxNative((_lower[hour] - free) * _perKelvin, Vector256<double>.Zero), _most);
            var cooling = Vector256.MaxNative(Vector256.MinNative((_upper[hour] - free) * _perKelvin, Vector256<double>.Zero), _least);
            heat += heating;
            cold += cooling;
            return (_massMass * mass) + ((_massOutside * outside) + (_massSolar * windows) + (_massEnvelope * envelope) + _massGains[hour]) + (_massLoad * (heating + cooling));
        }

        private static Vector256<double> Of(ReadOnlySpan<ZoneResponse> responses, Func<ZoneResponse, double> of) =>
            Vector256.Create(of(responses[0]), of(responses[1]), of(responses[2]), of(responses[3]));
    }
}
