namespace Twin.Node.Districts;

/// <summary>A parcel with the one building on it.</summary>
/// <param name="Use">Use of its strip.</param>
/// <param name="Index">Its number within that use, from 0, west to east and south to north.</param>
/// <param name="Parcel">The parcel's ring.</param>
/// <param name="Building">The building's rings: outline, then courtyards.</param>
/// <param name="Inside">A spot within the building.</param>
internal sealed record Plot(StripUse Use, int Index, Spot[] Parcel, Spot[][] Building, Spot Inside)
{
    public double ParcelArea => Shapes.Area(Parcel);

    public double Footprint => Shapes.Area(Building);
}

/// <summary>A green area.</summary>
internal sealed record Green(string Key, Spot[] Ring);

/// <summary>A street's middle line and width.</summary>
internal sealed record Street(int Index, Spot From, Spot To);

/// <summary>A tree and where it stands.</summary>
internal sealed record Planting(string Place, Spot Spot);

/// <summary>
/// Where everything of one district lies, in plan metres. Strips and streets divide the rectangle, plots divide the
/// strips, so nothing can overlap; the draws only move things within what is theirs.
/// </summary>
internal sealed class DistrictLayout
{
    private readonly ulong _seed;
    private readonly DistrictPlan _plan;
    private readonly string _key;
    private readonly Spot _origin;

    private DistrictLayout(DistrictPlan plan, ulong seed, int tile)
    {
        (_plan, _seed) = (plan, seed);
        _key = $"{plan.Key}/{tile}";
        _origin = TileOrigin(plan, tile);
        Boundary = Shapes.Rectangle(_origin, plan.Width, plan.Depth);
    }

    public Spot[] Boundary { get; }

    public List<Plot> Plots { get; } = [];

    public List<Green> Greens { get; } = [];

    public List<Street> Streets { get; } = [];

    public List<Planting> Trees { get; } = [];

    /// <summary>The stream's ring.</summary>
    public Spot[] Stream { get; private set; } = [];

    public static DistrictLayout Of(DistrictPlan plan, ulong seed, int tile)
    {
        var layout = new DistrictLayout(plan, seed, tile);
        var v = DistrictPlan.Margin;
        for (var i = 0; i < plan.Strips.Count; i++)
        {
            layout.Lay(plan.Strips[i], v);
            v += plan.Strips[i].Depth;
            if (i < plan.Strips.Count - 1)
            {
                layout.LayStreet(i, v);
                v += DistrictPlan.StreetWidth;
            }
        }

        return layout;
    }

    /// <summary>A spot of the plan, moved to where this tile lies.</summary>
    public Spot At(double u, double v) => _origin.Shift(u, v);

    /// <summary>Tiles go round the first in a square spiral, with a street's width of 20 m between them.</summary>
    private static Spot TileOrigin(DistrictPlan plan, int tile)
    {
        int x = 0, y = 0, dx = 1, dy = 0, leg = 1, left = 1, turns = 0;
        for (var i = 0; i < tile; i++)
        {
            (x, y, left) = (x + dx, y + dy, left - 1);
            if (left == 0)
            {
                (dx, dy, turns) = (-dy, dx, turns + 1);
                leg += turns % 2 == 0 ? 1 : 0;
                left = leg;
            }
        }

        return new(x * (plan.Width + 20), y * (plan.Depth + 20));
    }

    private double Usable => _plan.Width - (2 * DistrictPlan.Margin);

    private Draws Draws(string what) => new(_seed, $"{_key}/{what}");

    private int CountOf(StripUse use) => Plots.Count(p => p.Use == use);

    private void Lay(Strip strip, double v)
    {
        switch (strip.Use)
        {
            case StripUse.Park:
                LayPark(strip, v);
                break;
            case StripUse.Halls:
                var inStrip = _plan.Halls.Count / _plan.Strips.Count(static s => s.Use == StripUse.Halls);
                LayPlots(strip, v, inStrip, LayHall);
                break;
            case StripUse.Apartments:
                LayPlots(strip, v, (int)(Usable / 28), LayApartments);
                break;
            case StripUse.Houses:
                LayPlots(strip, v, (int)(Usable / 9), LayHouse);
                break;
            case StripUse.Commons:
                LayPlots(strip, v, _plan.Commons.Count, LayCommons);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(strip), strip.Use, "Not a strip use.");
        }
    }

    private void LayPlots(Strip strip, double v, int count, Func<int, Spot, double, double, (Spot[][] Building, Spot Inside)> build)
    {
        var width = Usable / count;
        for (var i = 0; i < count; i++)
        {
            var index = CountOf(strip.Use);
            var corner = At(DistrictPlan.Margin + (i * width), v);
            // Half a metre of path on each side keeps neighbours apart after rounding to a centimetre.
            var parcel = Shapes.Rectangle(corner.Shift(0.25, 0.25), width - 0.5, strip.Depth - 0.5);
            var (building, inside) = build(index, corner, width, strip.Depth);
            Plots.Add(new(strip.Use, index, parcel, building, inside));
            PlantYard(strip.Use, index, corner, width, strip.Depth);
        }
    }

    private (Spot[][] Building, Spot Inside) LayHall(int index, Spot corner, double width, double depth)
    {
        var hall = _plan.Halls[index];
        var footprint = hall.FloorArea / hall.Floors;
        var court = Draws($"hall{index}").Chance(0.3) ? (Wide: 9.0, Deep: 14.0) : (Wide: 0.0, Deep: 0.0);
        var deep = depth - 8;
        var wide = (footprint + (court.Wide * court.Deep)) / deep;
        var at = corner.Shift((width - wide) / 2, 4);
        var outline = Shapes.Rectangle(at, wide, deep);
        return court.Wide == 0
            ? ([outline], at.Shift(wide / 2, deep / 2))
            : ([outline, Shapes.Hole(at.Shift((wide - court.Wide) / 2, (deep - court.Deep) / 2), court.Wide, court.Deep)], at.Shift(3, 3));
    }

    private (Spot[][] Building, Spot Inside) LayApartments(int index, Spot corner, double width, double depth)
    {
        var draws = Draws($"apartments{index}");
        var wide = Math.Min(width - 6, draws.Between(17, 22));
        var deep = Math.Min(depth - 11, draws.Between(14, 18));
        var at = corner.Shift((width - wide) / 2, 3);
        return draws.Chance(0.5)
            ? ([Shapes.Rectangle(at, wide, deep)], at.Shift(wide / 2, deep / 2))
            : ([Shapes.Angle(at, wide, deep, wide * 0.55, deep * 0.6)], at.Shift(3, 3));
    }

    private (Spot[][] Building, Spot Inside) LayHouse(int index, Spot corner, double width, double depth)
    {
        var draws = Draws($"house{index}");
        var wide = width - draws.Between(1.2, 2.2);
        var deep = draws.Between(9, 11.5);
        var at = corner.Shift((width - wide) / 2, draws.Between(2.5, 4));
        return ([Shapes.Rectangle(at, wide, Math.Min(deep, depth - 12))], at.Shift(wide / 2, 4));
    }

    private (Spot[][] Building, Spot Inside) LayCommons(int index, Spot corner, double width, double depth)
    {
        var draws = Draws($"commons{index}");
        var wide = draws.Between(18, 30);
        var at = corner.Shift((width - wide) / 2, 2);
        return ([Shapes.Rectangle(at, wide, depth - 4)], at.Shift(wide / 2, 4));
    }

    /// <summary>A park on both banks of a stream that winds through it from west to east.</summary>
    private void LayPark(Strip strip, double v)
    {
        const int Steps = 48;
        double Bank(double along, double offset) =>
            v + (strip.Depth / 2) + ((strip.Depth / 6) * Math.Sin(2 * Math.PI * along / (Usable / 3))) + offset;
        Spot[] Line(double offset) => [.. Enumerable.Range(0, Steps + 1).Select(i => At(
            DistrictPlan.Margin + (Usable * i / Steps), Bank(Usable * i / Steps, offset)))];

        Stream = Shapes.Closed([.. Line(-2.5), .. Line(2.5).Reverse()]);
        Greens.Add(new("south", Shapes.Closed([At(DistrictPlan.Margin, v + 0.5), At(DistrictPlan.Margin + Usable, v + 0.5), .. Line(-3).Reverse()])));
        Greens.Add(new("north", Shapes.Closed([.. Line(3), At(DistrictPlan.Margin + Usable, v + strip.Depth - 0.5), At(DistrictPlan.Margin, v + strip.Depth - 0.5)])));

        var draws = Draws("park");
        for (var u = 4.0; u < Usable - 3; u += 7)
        {
            for (var w = 3.5; w < strip.Depth - 3; w += 7)
            {
                var (along, across) = (u + draws.Between(-1.5, 1.5), v + w + draws.Between(-1.5, 1.5));
                if (Math.Abs(across - Bank(along, 0)) > 5)
                {
                    Trees.Add(new("park", At(DistrictPlan.Margin + along, across)));
                }
            }
        }
    }

    private void LayStreet(int index, double v)
    {
        var middle = v + (DistrictPlan.StreetWidth / 2);
        Streets.Add(new(index, At(DistrictPlan.Margin, middle), At(DistrictPlan.Margin + Usable, middle)));
        var draws = Draws($"street{index}");
        for (var u = 4.0; u < Usable - 4; u += 9)
        {
            Trees.Add(new("street", At(DistrictPlan.Margin + u + draws.Between(-1, 1), v + 1.2)));
        }
    }

    private void PlantYard(StripUse use, int index, Spot corner, double width, double depth)
    {
        var draws = Draws($"yard{use}{index}");
        if (use is StripUse.Houses or StripUse.Apartments && draws.Chance(0.5))
        {
            Trees.Add(new("yard", corner.Shift(draws.Between(2, width - 2), depth - draws.Between(2.5, 5))));
        }
    }
}
