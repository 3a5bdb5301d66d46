using System.Globalization;
using System.Text;

namespace Twin.Node.Bench;

/// <summary>One kind of request that is measured, and what the product promises of it.</summary>
/// <param name="Name">Its name in scripts.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="CeilingShare">The share of the ceiling that is promised; null when the promise is a rate.</param>
/// <param name="PromisedAt">The number of connections at which the promise holds; null for each.</param>
/// <param name="Rate">Units a second that are promised; null when the promise is a share.</param>
/// <param name="Units">What one request counts for: 100 for a batch of 100.</param>
/// <param name="Distinct">How many distinct requests are replayed in turn.</param>
internal sealed record BenchScenario(
    string Name, string Title, double? CeilingShare, int? PromisedAt, double? Rate, int Units, int Distinct)
{
    private const string Json = "application/json";

    /// <summary>The scenarios in the order in which they run: reads first, since writes change what is read.</summary>
    public static readonly IReadOnlyList<BenchScenario> All =
    [
        new("retrieve", "retrieve by id", 0.60, null, null, 1, 100_000),
        new("type", "type query, limit 20", 0.40, null, null, 1, 1),
        new("q", "q with two conditions, limit 20", 0.30, null, null, 1, 1),
        new("near", "near query, 500 m, limit 20", 0.25, null, null, 1, 20_000),
        new("patch", "PATCH one attribute, durable", 0.20, 50, null, 1, 100_000),
        new("upsert", "batch upsert of 100, durable", null, null, 50_000, 100, 200),
    ];

    /// <summary>Whether the request has a body, so that its ceiling is a POST.</summary>
    public bool Writes => Name is "patch" or "upsert";

    /// <summary>The promise as a sentence part, for the table.</summary>
    public string Promise => CeilingShare is { } share
        ? string.Create(CultureInfo.InvariantCulture, $"{share:0 %} of ceiling") + (PromisedAt is { } at ? $" at {at}" : "")
        : string.Create(CultureInfo.InvariantCulture, $"{Rate:#,0}/s");

    /// <summary>Whole HTTP requests, drawn from a fixed seed over <paramref name="entities"/> entities.</summary>
    /// <param name="api">The address of the broker that ends in <c>/ngsi-ld/v1</c>.</param>
    /// <param name="entities">How many entities the broker holds.</param>
    public byte[][] Requests(Uri api, int entities)
    {
        var random = new Random(42);
        var path = api.AbsolutePath.TrimEnd('/');
        return [.. Enumerable.Range(0, Distinct).Select(_ => Name switch
        {
            "retrieve" => Get(api, $"{path}/entities/{BenchEntities.Id(random.Next(entities))}"),
            "type" => Get(api, $"{path}/entities?type=Building&limit=20"),
            "q" => Get(api, $"{path}/entities?type=Building&q=temperature%3E20%3Bstatus%3D%3D%22ok%22&limit=20"),
            "near" => Get(api, path + Near(
                BenchEntities.Centre.Longitude + (random.NextDouble() - 0.5) * 0.28,
                BenchEntities.Centre.Latitude + (random.NextDouble() - 0.5) * 0.18)),
            "patch" => WithBody(api, "PATCH", $"{path}/entities/{BenchEntities.Id(random.Next(entities))}/attrs", Temperature(random)),
            "upsert" => Upsert(api, path, random.Next(Math.Max(1, entities - Units + 1)), Units),
            _ => throw new BenchException($"No scenario is called {Name}."),
        })];
    }

    /// <summary>The requests for the ceiling: the same body in, as many bytes out, nothing done in between.</summary>
    /// <param name="node">The address of the node.</param>
    /// <param name="bytes">How many bytes the answer has.</param>
    /// <param name="measured">The requests that are compared with it.</param>
    public byte[][] CeilingRequests(Uri node, int bytes, byte[][] measured) => Writes
        ? [.. measured.Select(request => WithBody(node, "POST", BenchCeiling.EchoPath + Size(bytes), Encoding.UTF8.GetString(Body(request))))]
        : [Get(node, BenchCeiling.StaticPath + Size(bytes))];

    /// <summary>A GET as it goes over the wire.</summary>
    public static byte[] Get(Uri host, string target) =>
        Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: {host.Authority}\r\nAccept: {Json}\r\n\r\n");

    /// <summary>A request with a JSON body as it goes over the wire.</summary>
    public static byte[] WithBody(Uri host, string method, string target, string json) => Encoding.UTF8.GetBytes(
        $"{method} {target} HTTP/1.1\r\nHost: {host.Authority}\r\nContent-Type: {Json}\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    /// <summary>Creates or replaces <paramref name="count"/> entities from number <paramref name="from"/> on.</summary>
    public static byte[] Upsert(Uri api, string path, long from, int count) => WithBody(
        api, "POST", path + "/entityOperations/upsert", Encoding.UTF8.GetString(BenchEntities.Batch(from, from + count)));

    /// <summary>The target of a query for buildings within 500 m.</summary>
    public static string Near(double longitude, double latitude) => string.Create(
        CultureInfo.InvariantCulture,
        $"/entities?type=Building&georel=near%3BmaxDistance%3D%3D500&geometry=Point&coordinates=%5B{longitude:0.######}%2C{latitude:0.######}%5D&limit=20");

    private static string Temperature(Random random) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"temperature":{"type":"Property","value":{{{10 + random.Next(2000) / 100.0:0.##}}},"unitCode":"CEL","observedAt":"2026-01-02T00:{{{random.Next(60):00}}}:{{{random.Next(60):00}}}Z"}}""");

    private static string Size(int bytes) => "?bytes=" + bytes.ToString(CultureInfo.InvariantCulture);

    private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> request) => request[(request.IndexOf("\r\n\r\n"u8) + 4)..];
}
