namespace Twin.Node.Districts;

/// <summary>Rings in plan metres, closed, outlines counter-clockwise and holes clockwise (RFC 7946 §3.1.6).</summary>
internal static class Shapes
{
    public static Spot[] Rectangle(Spot at, double wide, double deep) =>
        [at, at.Shift(wide, 0), at.Shift(wide, deep), at.Shift(0, deep), at];

    public static Spot[] Hole(Spot at, double wide, double deep) =>
        [at, at.Shift(0, deep), at.Shift(wide, deep), at.Shift(wide, 0), at];

    /// <summary>An L: the rectangle without its far corner beyond <paramref name="armWide"/> and <paramref name="armDeep"/>.</summary>
    public static Spot[] Angle(Spot at, double wide, double deep, double armWide, double armDeep) =>
        [at, at.Shift(wide, 0), at.Shift(wide, armDeep), at.Shift(armWide, armDeep), at.Shift(armWide, deep), at.Shift(0, deep), at];

    public static Spot[] Closed(IReadOnlyList<Spot> spots) => [.. spots, spots[0]];

    /// <summary>Area of an outline less its holes, square metres.</summary>
    public static double Area(params ReadOnlySpan<Spot[]> rings)
    {
        var area = 0.0;
        foreach (var ring in rings)
        {
            for (var i = 0; i < ring.Length - 1; i++)
            {
                area += ((ring[i].U * ring[i + 1].V) - (ring[i + 1].U * ring[i].V)) / 2;
            }
        }

        return area;
    }
}
