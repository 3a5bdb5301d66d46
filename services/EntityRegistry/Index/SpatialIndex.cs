using System.Collections.Concurrent;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Index;

/// <summary>
/// Where entities are: for one geoproperty, four grids of square cells, each sixteen times as coarse as the one before.
/// A search takes the finest grid on which its box covers few cells. Cells hold sorted ordinals, so that the answer
/// comes out in creation order and stops at its limit, however dense the city is.
/// </summary>
internal sealed class SpatialIndex
{
    private const int Levels = 4;
    private const int MostCells = 64;
    private const int MostCellsPerGeometry = 16;

    /// <summary>Cell sides in degrees: about 550 m, 9 km, 140 km and 2,300 km of latitude.</summary>
    private static readonly double[] Sides = [0.005, 0.08, 1.28, 20.48];

    private readonly ConcurrentDictionary<long, Posting>[] _cells = [new(), new(), new(), new()];

    /// <summary>Geometries that would cover too many cells of a level stand in one list of that level.</summary>
    private readonly Posting[] _wide = [new(), new(), new(), new()];

    /// <summary>Adds a geometry's box.</summary>
    public void Add(int ordinal, in BoundingBox box)
    {
        for (int level = 0; level < Levels; level++)
        {
            Grid grid = new(box, Sides[level]);
            if (grid.Count > MostCellsPerGeometry)
            {
                _wide[level].Add(ordinal);
                continue;
            }

            foreach (long cell in grid)
            {
                _cells[level].GetOrAdd(cell, static _ => new Posting()).Add(ordinal);
            }
        }
    }

    /// <summary>Removes what <see cref="Add"/> added for this box.</summary>
    public void Remove(int ordinal, in BoundingBox box)
    {
        for (int level = 0; level < Levels; level++)
        {
            Grid grid = new(box, Sides[level]);
            if (grid.Count > MostCellsPerGeometry)
            {
                _wide[level].Remove(ordinal);
                continue;
            }

            foreach (long cell in grid)
            {
                if (_cells[level].TryGetValue(cell, out Posting? posting))
                {
                    posting.Remove(ordinal);
                }
            }
        }
    }

    /// <summary>Whether an entity that moved keeps its place in the index.</summary>
    public static bool SamePlace(in BoundingBox a, in BoundingBox b)
    {
        for (int level = 0; level < Levels; level++)
        {
            if (!new Grid(a, Sides[level]).Equals(new Grid(b, Sides[level])))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The lists that together hold every geometry whose box may meet this one.</summary>
    public List<Posting.View> Search(in BoundingBox box)
    {
        int level = 0;
        while (level < Levels - 1 && new Grid(box, Sides[level]).Count > MostCells)
        {
            level++;
        }

        var lists = new List<Posting.View> { _wide[level].Snapshot() };
        foreach (long cell in new Grid(box, Sides[level]))
        {
            if (_cells[level].TryGetValue(cell, out Posting? posting))
            {
                lists.Add(posting.Snapshot());
            }
        }

        return lists;
    }

    /// <summary>The cells of one level that a box covers.</summary>
    private readonly record struct Grid
    {
        private readonly int _west, _south, _east, _north;

        public Grid(in BoundingBox box, double side)
        {
            _west = (int)Math.Floor(box.West / side);
            _south = (int)Math.Floor(box.South / side);
            _east = (int)Math.Floor(box.East / side);
            _north = (int)Math.Floor(box.North / side);
        }

        public long Count => (long)(_east - _west + 1) * (_north - _south + 1);

        public IEnumerator<long> GetEnumerator()
        {
            for (int x = _west; x <= _east; x++)
            {
                for (int y = _south; y <= _north; y++)
                {
                    yield return ((long)x << 32) | (uint)y;
                }
            }
        }
    }
}
