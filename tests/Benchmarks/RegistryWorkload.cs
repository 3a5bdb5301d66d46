using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Twin.EntityRegistry;
using Twin.Hosting.Composition;

namespace Twin.Tests.Benchmarks;

/// <summary>
/// A registry in this process, on SQLite in a temporary folder, whose endpoints are called without a socket: what is
/// counted is ours, not the server's.
/// </summary>
public sealed class RegistryWorkload : IAsyncDisposable
{
    /// <summary>How many entities the registry holds.</summary>
    public const int Entities = 10_000;

    /// <summary>How many entities a batch has.</summary>
    public const int BatchSize = 100;

    private readonly RunningNode node;
    private readonly string folder;
    private readonly RequestDelegate retrieve;
    private readonly RequestDelegate query;
    private readonly RequestDelegate upsert;
    private readonly byte[][] batches;

    private RegistryWorkload(RunningNode node, string folder)
    {
        this.node = node;
        this.folder = folder;
        retrieve = Endpoint(HttpMethods.Get, "/ngsi-ld/v1/entities/{entityId}");
        query = Endpoint(HttpMethods.Get, "/ngsi-ld/v1/entities");
        upsert = Endpoint(HttpMethods.Post, "/ngsi-ld/v1/entityOperations/upsert");
        batches = [.. Enumerable.Range(0, Entities / BatchSize).Select(batch => Batch(batch * BatchSize))];
    }

    /// <summary>Starts it and fills it.</summary>
    public static async Task<RegistryWorkload> StartAsync()
    {
        var place = Directory.CreateTempSubdirectory("twin-benchmark-").FullName;
        var settings = new Dictionary<string, string?>
        {
            ["Twin:Services"] = EntityRegistryService.Name,
            ["Twin:Port"] = "0",
            ["Twin:Open"] = "true",
            ["Twin:DataDirectory"] = place,
        };
        var started = await TwinNode.Create(settings).With<EntityRegistryService>().StartAsync(CancellationToken.None);
        var workload = new RegistryWorkload(started, place);
        for (var batch = 0; batch < workload.batches.Length; batch++)
        {
            await workload.RunAsync(workload.Upsert(batch));
        }

        return workload;
    }

    /// <summary>A request to retrieve one entity.</summary>
    public Call Retrieve(int number)
    {
        var context = Context(HttpMethods.Get, "");
        context.Request.RouteValues["entityId"] = Id(number % Entities);
        return new Call(retrieve, context, StatusCodes.Status200OK);
    }

    /// <summary>A request for a page of 20 entities.</summary>
    public Call Query() => new(query, Context(HttpMethods.Get, "?type=Building&limit=20"), StatusCodes.Status200OK);

    /// <summary>A request that replaces 100 entities; the first time it creates them.</summary>
    public Call Upsert(int number)
    {
        var body = batches[number % batches.Length];
        var context = Context(HttpMethods.Post, "");
        context.Request.ContentType = "application/json";
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body);
        return new Call(upsert, context, 0);
    }

    /// <summary>Calls the endpoint and checks its answer.</summary>
    public Task RunAsync(Call call) => call.RunAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await node.StopAsync(CancellationToken.None);
        await node.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private DefaultHttpContext Context(string method, string query)
    {
        var context = new DefaultHttpContext { RequestServices = node.Services };
        context.Request.Method = method;
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("127.0.0.1");
        context.Request.Headers.Accept = "application/json";
        context.Request.QueryString = new QueryString(query);
        return context;
    }

    private RequestDelegate Endpoint(string method, string pattern) => node.Services.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>()
        .Single(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/') == pattern
            && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(method) == true)
        .RequestDelegate!;

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Building:{number}");

    private static byte[] Batch(int from) => Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(from, BatchSize).Select(Building))}]");

    private static string Building(int number) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"id":"{{{Id(number)}}}","type":"Building","temperature":{"type":"Property","value":{{{20 + number % 10}}},"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},"occupancy":{"type":"Property","value":{{{number % 200}}}},"status":{"type":"Property","value":"ok"},"address":{"type":"Property","value":{"streetAddress":"{{{number % 200}}} rue de la Paix","addressLocality":"Mulhouse","postalCode":"68100","addressCountry":"FR"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[{{{7.2 + number % 300 * 0.001:0.###}}},{{{47.65 + number % 200 * 0.001:0.###}}}]}},"refDistrict":{"type":"Relationship","object":"urn:ngsi-ld:District:{{{number % 40}}}"}}
        """);

    /// <summary>One prepared request to one endpoint.</summary>
    public sealed class Call(RequestDelegate endpoint, HttpContext context, int expected)
    {
        /// <summary>Runs it.</summary>
        /// <exception cref="InvalidOperationException">The answer has another status than it should.</exception>
        public async Task RunAsync()
        {
            await endpoint(context);
            // Gives the buffers of the answer back, as the server does.
            await context.Response.CompleteAsync();
            var status = context.Response.StatusCode;
            if (expected == 0 ? status is not (200 or 201 or 204) : status != expected)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The endpoint answered {status}."));
            }
        }
    }
}
