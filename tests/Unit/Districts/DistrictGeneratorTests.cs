using System.Text.Json;
using CsCheck;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Index.Strtree;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;
using Twin.Node.Districts;
using Xunit;

namespace Twin.Tests.Unit.Districts;

public sealed class DistrictGeneratorTests
{
    public static TheoryData<string> Keys { get; } = new(DistrictPlans.All.Select(static p => p.Key));

    [Fact]
    public void The_same_plan_and_seed_give_the_same_bytes_and_another_seed_gives_others()
    {
        Gen.Select(Gen.ULong, Gen.Int[0, DistrictPlans.All.Count - 1]).Sample(
            (seed, which) =>
            {
                var plan = DistrictPlans.All[which];
                var first = Bytes(plan, seed);
                return first.AsSpan().SequenceEqual(Bytes(plan, seed)) && !first.AsSpan().SequenceEqual(Bytes(plan, seed + 1));
            },
            iter: 8);

        static byte[] Bytes(DistrictPlan plan, ulong seed) => [.. DistrictGenerator.Generate(plan, seed).SelectMany(static e => e.Json.ToArray())];
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Ids_are_unique_for_any_seed_and_scale(string key)
    {
        Gen.Select(Gen.ULong, Gen.Int[1, 4]).Sample(
            (seed, scale) =>
            {
                var ids = DistrictGenerator.Generate(Plan(key) with { Scale = scale }, seed).Select(static e => e.Id).ToList();
                return ids.Distinct(StringComparer.Ordinal).Count() == ids.Count;
            },
            iter: 8);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_relationship_points_to_an_entity_of_the_same_district(string key)
    {
        Gen.ULong.Sample(
            seed =>
            {
                var entities = Parsed(Plan(key) with { Scale = 2 }, seed);
                var ids = entities.Select(static e => e.GetProperty("id").GetString()).ToHashSet();
                foreach (var (entity, target) in entities.SelectMany(static e => Targets(e).Select(t => (e, t))))
                {
                    Assert.True(ids.Contains(target), $"{entity.GetProperty("id")} points to {target}, which is not there.");
                }
            },
            iter: 6);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_geometry_is_valid_and_lies_within_the_boundary(string key)
    {
        Gen.ULong.Sample(
            seed =>
            {
                var entities = Parsed(Plan(key), seed);
                var boundary = PreparedGeometryFactory.Prepare(Shape(entities.Single(static e => Type(e) == "AdministrativeArea"))!);
                foreach (var entity in entities)
                {
                    if (Shape(entity) is { } shape)
                    {
                        Assert.True(shape.IsValid, $"{entity.GetProperty("id")} has an invalid geometry.");
                        Assert.True(boundary.Covers(shape), $"{entity.GetProperty("id")} lies outside the district.");
                    }
                }
            },
            iter: 6);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Land_uses_do_not_overlap_and_add_up_to_no_more_than_the_district(string key)
    {
        Gen.ULong.Sample(
            seed =>
            {
                var plan = Plan(key) with { Scale = 3 };
                var entities = Parsed(plan, seed);
                AssertDisjoint(entities, "CadastralParcel", "Garden", "RiverBodyOfWater");
                AssertDisjoint(entities, "Building", "Garden", "RiverBodyOfWater");
                AssertDisjoint(entities, "AdministrativeArea");

                double Sum(string type) => entities.Where(e => Type(e) == type).Sum(static e => e.GetProperty("area").GetProperty("value").GetDouble());
                Assert.InRange(Sum("CadastralParcel") + Sum("Garden") + Sum("RiverBodyOfWater"), 0.7 * Sum("AdministrativeArea"), Sum("AdministrativeArea"));
            },
            iter: 4);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_building_stands_on_its_parcel_and_no_tree_stands_in_a_building(string key)
    {
        Gen.ULong.Sample(
            seed =>
            {
                var entities = Parsed(Plan(key), seed);
                var parcels = entities.Where(static e => Type(e) == "CadastralParcel").ToDictionary(static e => e.GetProperty("id").GetString()!, static e => Shape(e)!);
                var buildings = entities.Where(static e => Type(e) == "Building").ToList();
                Assert.All(buildings, b => Assert.True(parcels[b.GetProperty("parcel").GetProperty("object").GetString()!].Contains(Shape(b))));
                var tree = new STRtree<Geometry>();
                buildings.ForEach(b => tree.Insert(Shape(b)!.EnvelopeInternal, Shape(b)!));
                Assert.All(entities.Where(static e => Type(e) == "Tree"), t =>
                    Assert.DoesNotContain(tree.Query(Shape(t)!.EnvelopeInternal), b => b.Intersects(Shape(t))));
            },
            iter: 4);
    }

    [Fact]
    public void The_DMC_district_has_its_published_thirteen_hectares_and_110000_square_metres_of_halls()
    {
        var entities = Parsed(DistrictPlans.Dmc, 1);
        Assert.InRange(Metres(Shape(entities.Single(static e => Type(e) == "AdministrativeArea"))!, 47.7455), 129_000, 130_000);
        var halls = entities.Where(static e => Type(e) == "Building" && e.GetProperty("heritage").GetProperty("value").GetBoolean()).ToList();
        Assert.InRange(halls.Sum(static h => h.GetProperty("floorArea").GetProperty("value").GetDouble()), 109_900, 110_100);
        Assert.InRange(halls.Sum(static h => Metres(Shape(h)!, 47.7455) * h.GetProperty("floorsAboveGround").GetProperty("value").GetInt32()), 109_000, 111_000);
        Assert.InRange(entities.Count(static e => Type(e) == "Building"), 110, 130);
        Assert.InRange(entities.Count(static e => Type(e) == "Tree"), 400, 600);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_entity_says_that_it_is_synthetic_and_every_type_is_announced(string key)
    {
        var entities = Parsed(Plan(key), 7);
        Assert.All(entities, static e => Assert.True(e.GetProperty("synthetic").GetProperty("value").GetBoolean()));
        Assert.Equal(DistrictGenerator.Types.Order(StringComparer.Ordinal), entities.Select(Type).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_name_is_a_term_of_the_district_context_and_maps_to_an_IRI()
    {
        Assert.True(BundledContexts.TryGet(DistrictGenerator.ContextUrl, out var bundled));
        using var context = JsonDocument.Parse(bundled);
        var terms = context.RootElement.GetProperty("@context").EnumerateObject().ToDictionary(static t => t.Name, static t => t.Value.GetString()!);
        string[] core = ["id", "type", "scope", "location"];
        var names = DistrictPlans.All.SelectMany(static p => Parsed(p, 3))
            .SelectMany(static e => e.EnumerateObject().Select(static m => m.Name).Append(Type(e)))
            .Distinct().Except(core);
        Assert.All(names, n => Assert.True(terms.TryGetValue(n, out var iri) && Uri.TryCreate(iri, UriKind.Absolute, out _), $"{n} is not mapped."));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_parser_of_the_node_takes_every_entity(string key) =>
        Assert.All(DistrictGenerator.Generate(Plan(key), 5), static e => EntityParser.ParseEntity(e.Json, JsonLdContext.Core, ParseOptions.Entity));

    private static DistrictPlan Plan(string key) => DistrictPlans.All.Single(p => p.Key == key);

    private static List<JsonElement> Parsed(DistrictPlan plan, ulong seed) =>
        [.. DistrictGenerator.Generate(plan, seed).Select(static e => JsonDocument.Parse(e.Json).RootElement)];

    private static string Type(JsonElement entity) => entity.GetProperty("type").GetString()!;

    private static IEnumerable<string> Targets(JsonElement entity) => entity.EnumerateObject()
        .Where(static m => m.Value.ValueKind == JsonValueKind.Object && m.Value.GetProperty("type").GetString() == "Relationship")
        .SelectMany(static m => m.Value.GetProperty("object") is { ValueKind: JsonValueKind.Array } many
            ? many.EnumerateArray().Select(static o => o.GetString()!)
            : [m.Value.GetProperty("object").GetString()!]);

    private static void AssertDisjoint(List<JsonElement> entities, params string[] types)
    {
        var shapes = entities.Where(e => types.Contains(Type(e))).Select(static e => (Id: e.GetProperty("id").GetString()!, Shape: Shape(e)!)).ToList();
        var tree = new STRtree<(string Id, Geometry Shape)>();
        shapes.ForEach(s => tree.Insert(s.Shape.EnvelopeInternal, s));
        foreach (var (id, shape) in shapes)
        {
            Assert.DoesNotContain(tree.Query(shape.EnvelopeInternal), other => other.Id != id && other.Shape.Intersects(shape));
        }
    }

    private static Geometry? Shape(JsonElement entity) =>
        entity.TryGetProperty("location", out var location)
            ? JsonSerializer.Deserialize<Geometry>(location.GetProperty("value").GetRawText(), GeoJson)
            : null;

    /// <summary>Square metres on a sphere that touches the ellipsoid there: another way than the generator's own.</summary>
    private static double Metres(Geometry degrees, double latitude)
    {
        var perDegree = Math.PI / 180 * 6378137 * (1 - 0.00669438) / Math.Pow(1 - (0.00669438 * Math.Pow(Math.Sin(latitude * Math.PI / 180), 2)), 1.5);
        var perLongitude = Math.PI / 180 * 6378137 * Math.Cos(latitude * Math.PI / 180) / Math.Sqrt(1 - (0.00669438 * Math.Pow(Math.Sin(latitude * Math.PI / 180), 2)));
        return degrees.Area * perDegree * perLongitude;
    }

    private static readonly JsonSerializerOptions GeoJson = new() { Converters = { new NetTopologySuite.IO.Converters.GeoJsonConverterFactory() } };
}
