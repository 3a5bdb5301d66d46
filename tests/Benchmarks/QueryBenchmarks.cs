using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.Tests.Benchmarks;

/// <summary>The evaluator over 60 resident buildings of some 700 bytes; times and bytes are per entity.</summary>
[MemoryDiagnoser]
public class QueryBenchmarks
{
    private const int Count = 60;
    private readonly EntityDocument[] _entities = [.. Enumerable.Range(0, Count).Select(Building)];
    private readonly QExpression _two = QExpression.Parse("temperature>20;status==\"ok\"", JsonLdContext.Core);
    private readonly QExpression _path = QExpression.Parse("address[addressLocality]==\"Mulhouse\"", JsonLdContext.Core);
    private readonly QExpression _pattern = QExpression.Parse("status~=\"^(ok|warn)\"", JsonLdContext.Core);
    private readonly GeoQuery _near = GeoQuery.Parse("near;maxDistance==500", "Point", "[7.33,47.75]", null, JsonLdContext.Core);
    private readonly GeoQuery _far = GeoQuery.Parse("near;maxDistance==500000", "Point", "[7.33,47.75]", null, JsonLdContext.Core);
    private readonly GeoQuery _within = GeoQuery.Parse("within", "Polygon", "[[[7.2,47.7],[7.4,47.7],[7.5,47.8],[7.3,47.9],[7.2,47.7]]]", null, JsonLdContext.Core);
    private readonly EntityQuery _query = EntityQueryParser.FromParameters(
        [new("type", "Building"), new("q", "temperature>20;status==\"ok\""), new("limit", "20")], JsonLdContext.Core);

    private readonly EntityOrder _order = EntityOrder.Parse("temperature;desc", null, null, null, JsonLdContext.Core)!;
    private EvaluationContext _context = new(1_780_000_000_000_000, AccessScope.Everything);

    [Benchmark(OperationsPerInvoke = Count)]
    public int TwoConditions() => Matching(_two);

    [Benchmark(OperationsPerInvoke = Count)]
    public int PathIntoAValue() => Matching(_path);

    [Benchmark(OperationsPerInvoke = Count)]
    public int Pattern() => Matching(_pattern);

    [Benchmark(OperationsPerInvoke = Count)]
    public int Near() => Matching(_near);

    [Benchmark(OperationsPerInvoke = Count)]
    public int NearWithEveryDistanceMeasured() => Matching(_far);

    [Benchmark(OperationsPerInvoke = Count)]
    public int WithinAPolygon() => Matching(_within);

    [Benchmark(OperationsPerInvoke = Count)]
    public int TypeAndTwoConditions()
    {
        int matching = 0;
        foreach (EntityDocument entity in _entities)
        {
            matching += _query.Matches(entity, in _context) ? 1 : 0;
        }

        return matching;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int OrderedPageOfTwenty() => _order.Page(_entities, 0, 20, in _context, out _).Count;

    [Benchmark]
    public QExpression Parse() => QExpression.Parse("temperature>20;status==\"ok\"", JsonLdContext.Core);

    private int Matching(QExpression q)
    {
        int matching = 0;
        foreach (EntityDocument entity in _entities)
        {
            matching += q.Matches(entity, in _context) ? 1 : 0;
        }

        return matching;
    }

    private int Matching(GeoQuery geo)
    {
        int matching = 0;
        foreach (EntityDocument entity in _entities)
        {
            matching += geo.Matches(entity) ? 1 : 0;
        }

        return matching;
    }

    private static EntityDocument Building(int i)
    {
        string json = string.Create(CultureInfo.InvariantCulture, $$"""
            {"id":"urn:ngsi-ld:Building:{{i}}","type":"Building","temperature":{"type":"Property","value":{{10 + (i * 7 % 20) + 0.25}},"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},
             "occupancy":{"type":"Property","value":{{i * 3 % 200}}},"status":{"type":"Property","value":"{{(i % 10 < 7 ? "ok" : "closed")}}"},
             "address":{"type":"Property","value":{"streetAddress":"{{i}} rue de la Paix","addressLocality":"Mulhouse","postalCode":"68100","addressCountry":"FR"} },
             "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[{{7.33 + ((i % 12) - 6) * 0.02}},{{47.75 + ((i % 7) - 3) * 0.02}}]} },
             "refDistrict":{"type":"Relationship","object":"urn:ngsi-ld:District:{{i % 40}}"} }
            """);
        return EntityDocument.Pack(EntityParser.ParseEntity(Encoding.UTF8.GetBytes(json), JsonLdContext.Core, ParseOptions.Entity));
    }
}
