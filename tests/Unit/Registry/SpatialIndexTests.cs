using CsCheck;
using Twin.EntityRegistry.Index;
using Twin.NgsiLd.Entities;
using Xunit;

namespace Twin.Tests.Unit.Registry;

public sealed class SpatialIndexTests
{
    private static readonly double[] Sizes = [0, 0.0001, 0.004, 0.02, 0.5, 9, 170];

    /// <summary>Boxes from a point to half the world, more of them near Mulhouse, so that they meet.</summary>
    private static readonly Gen<BoundingBox> Boxes =
        from local in Gen.Bool
        from west in local ? Gen.Double[7.30, 7.36] : Gen.Double[-180, 180]
        from south in local ? Gen.Double[47.72, 47.78] : Gen.Double[-90, 90]
        from size in Gen.Int[0, 6].Select(i => Sizes[i])
        select new BoundingBox(west, south, Math.Min(180, west + size), Math.Min(90, south + size));

    [Fact]
    public void A_search_finds_every_geometry_whose_box_meets_the_box() =>
        Gen.Select(Boxes.Array[1, 40], Boxes.Array[1, 6]).Sample((places, searches) =>
        {
            var index = new SpatialIndex();
            for (int i = 0; i < places.Length; i++)
            {
                index.Add(i, places[i]);
            }

            foreach (BoundingBox box in searches)
            {
                HashSet<int> found = Found(index, box);
                Assert.All(Enumerable.Range(0, places.Length).Where(i => places[i].Intersects(box)), i => Assert.Contains(i, found));
            }
        });

    [Fact]
    public void What_was_removed_is_not_found_again_and_the_others_are() =>
        Gen.Select(Boxes.Array[2, 30], Gen.Bool.Array[30], Boxes).Sample((places, gone, box) =>
        {
            var index = new SpatialIndex();
            for (int i = 0; i < places.Length; i++)
            {
                index.Add(i, places[i]);
            }

            for (int i = 0; i < places.Length; i++)
            {
                if (gone[i])
                {
                    index.Remove(i, places[i]);
                }
            }

            HashSet<int> found = Found(index, box);
            for (int i = 0; i < places.Length; i++)
            {
                Assert.False(gone[i] && found.Contains(i));
                Assert.True(gone[i] || !places[i].Intersects(box) || found.Contains(i));
            }
        });

    [Fact]
    public void A_small_search_in_a_city_does_not_look_at_the_whole_city()
    {
        var index = new SpatialIndex();
        for (int i = 0; i < 10_000; i++)
        {
            double west = 7.0 + (i % 100 * 0.01), south = 47.0 + (i / 100 * 0.01);
            index.Add(i, new BoundingBox(west, south, west, south));
        }

        Assert.InRange(Found(index, new BoundingBox(7.3, 47.3, 7.31, 47.31)).Count, 4, 16);
    }

    [Fact]
    public void Boxes_in_the_same_place_are_found_by_the_same_searches() =>
        Gen.Select(Boxes, Boxes, Boxes).Sample((one, other, box) =>
        {
            if (!SpatialIndex.SamePlace(one, other))
            {
                return;
            }

            var index = new SpatialIndex();
            index.Add(1, one);
            index.Remove(1, other);
            Assert.Empty(Found(index, box));
        });

    private static HashSet<int> Found(SpatialIndex index, BoundingBox box)
    {
        var found = new HashSet<int>();
        var candidates = new Candidates(index.Search(box));
        while (candidates.TryNext(out int ordinal))
        {
            Assert.True(found.Add(ordinal));
        }

        return found;
    }
}
