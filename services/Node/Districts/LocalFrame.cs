namespace Twin.Node.Districts;

/// <summary>A place in a district's own plan, in metres from its south-west corner along its two streets.</summary>
internal readonly record struct Spot(double U, double V)
{
    public Spot Shift(double u, double v) => new(U + u, V + v);
}

/// <summary>
/// Turns plan metres into WGS 84 degrees: a plane through the anchor, scaled by the lengths of a degree on the ellipsoid
/// there. An affine map, so what does not touch in the plan does not touch on the globe either.
/// </summary>
internal sealed class LocalFrame
{
    private readonly double _longitude, _latitude, _cos, _sin, _perLongitude, _perLatitude, _centreU, _centreV;

    /// <param name="plan">Its anchor is the middle of the first district.</param>
    public LocalFrame(DistrictPlan plan)
    {
        (_longitude, _latitude) = (plan.Longitude, plan.Latitude);
        (_sin, _cos) = Math.SinCos(plan.RotationDegrees * Math.PI / 180);
        (_centreU, _centreV) = (plan.Width / 2, plan.Depth / 2);
        var phi = plan.Latitude * Math.PI / 180;
        _perLatitude = 111132.954 - (559.822 * Math.Cos(2 * phi)) + (1.175 * Math.Cos(4 * phi));
        _perLongitude = (111412.84 * Math.Cos(phi)) - (93.5 * Math.Cos(3 * phi)) + (0.118 * Math.Cos(5 * phi));
    }

    /// <summary>Longitude and latitude, rounded to 1e-7 degrees (about a centimetre).</summary>
    public (decimal Longitude, decimal Latitude) ToDegrees(Spot spot)
    {
        var (u, v) = (spot.U - _centreU, spot.V - _centreV);
        var east = (u * _cos) - (v * _sin);
        var north = (u * _sin) + (v * _cos);
        return (Math.Round((decimal)(_longitude + (east / _perLongitude)), 7), Math.Round((decimal)(_latitude + (north / _perLatitude)), 7));
    }
}
