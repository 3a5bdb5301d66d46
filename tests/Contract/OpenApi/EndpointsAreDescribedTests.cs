using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Twin.Tests.Contract.OpenApi;

/// <summary>The OpenAPI document against the endpoints that a whole node really has.</summary>
public sealed partial class EndpointsAreDescribedTests
{
    /// <summary>Endpoints that are no operations, each with the reason.</summary>
    private static readonly Dictionary<string, string> NotDescribed = new(StringComparer.Ordinal)
    {
        ["PUT /ngsi-ld/v1/entities"] = "refuses requests that forgot the id",
        ["PATCH /ngsi-ld/v1/entities"] = "refuses requests that forgot the id",
    };

    [Fact]
    public async Task Every_endpoint_of_every_service_is_in_the_document()
    {
        await using var node = await DescribedNode.StartAsync();
        var described = Operations(await node.DocumentAsync()).Select(operation => $"{operation.Method} {operation.Path}").ToHashSet(StringComparer.Ordinal);
        var mapped = node.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => !IsGrpc(endpoint))
            .SelectMany(endpoint => Methods(endpoint).Select(method => $"{method} {Template(endpoint)}"))
            .Distinct(StringComparer.Ordinal)
            .ToList();

        Assert.InRange(mapped.Count, 80, 1000);
        Assert.Equal([], mapped.Where(endpoint => !NotDescribed.ContainsKey(endpoint)).Except(described, StringComparer.Ordinal));
        Assert.Equal([], described.Except(mapped, StringComparer.Ordinal));
        Assert.Equal([], NotDescribed.Keys.Except(mapped, StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_parameters_of_each_NGSI_LD_operation_are_those_that_it_knows()
    {
        await using var node = await DescribedNode.StartAsync();
        var document = await node.DocumentAsync();
        var checkedOperations = 0;
        foreach (var (method, path, operation) in Operations(document).Where(found => found.Path.StartsWith("/ngsi-ld/", StringComparison.Ordinal)))
        {
            if ((string?)operation["tags"]![0] == "Not offered yet")
            {
                continue;
            }

            using var request = new HttpRequestMessage(new HttpMethod(method), PathParameter.Replace(path, "urn:x:1") + "?no-such-parameter=1");
            request.Headers.Authorization = new("Bearer", node.Token);
            if (operation["requestBody"] is not null)
            {
                request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            }

            using var answer = await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{method} {path} answers {answer.StatusCode} to a parameter that it does not know");
            var known = Known.Match((string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["detail"] ?? "");
            Assert.True(known.Success, $"{method} {path} does not say which parameters it knows");
            Assert.Equal(
                (IEnumerable<string>)[.. known.Groups["names"].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)],
                QueryParameters(document, operation).Order(StringComparer.Ordinal));
            checkedOperations++;
        }

        Assert.InRange(checkedOperations, 25, 100);
    }

    [Fact]
    public async Task Every_reference_of_the_document_leads_somewhere()
    {
        await using var node = await DescribedNode.StartAsync();
        var document = await node.DocumentAsync();

        var references = Reference.Matches(document.ToJsonString()).Select(match => (Kind: match.Groups["kind"].Value, Name: match.Groups["name"].Value)).Distinct().ToList();

        Assert.InRange(references.Count, 50, 1000);
        Assert.All(references, reference => Assert.True(document["components"]![reference.Kind]?[reference.Name] is not null, $"{reference.Kind}/{reference.Name} is not there"));
    }

    private static IEnumerable<(string Method, string Path, JsonNode Operation)> Operations(JsonNode document) =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (operation.Key.ToUpperInvariant(), path.Key, operation.Value!)));

    private static IEnumerable<string> QueryParameters(JsonNode document, JsonNode operation)
    {
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            var resolved = (string?)parameter!["$ref"] is { } reference ? document["components"]!["parameters"]![reference.Split('/')[^1]]! : parameter;
            if ((string?)resolved["in"] == "query")
            {
                yield return (string)resolved["name"]!;
            }
        }
    }

    private static bool IsGrpc(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null || endpoint.DisplayName?.StartsWith("gRPC - ", StringComparison.Ordinal) is true;

    /// <summary>HEAD is described by GET; an endpoint that names no method takes each of them, and could not be described.</summary>
    private static IEnumerable<string> Methods(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods.Where(method => method != "HEAD") : ["any method"];

    /// <summary>The path as OpenAPI writes it: without constraints.</summary>
    private static string Template(RouteEndpoint endpoint) => "/" + Constraint.Replace(endpoint.RoutePattern.RawText!.Trim('/'), "{$1}");

    [GeneratedRegex(@"\{\*{0,2}([^}:?=]+)[^}]*\}")]
    private static partial Regex Constraint { get; }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex PathParameter { get; }

    [GeneratedRegex(@"It knows: (?<names>.*)\.$", RegexOptions.ExplicitCapture)]
    private static partial Regex Known { get; }

    [GeneratedRegex("\"#/components/(?<kind>[a-zA-Z]+)/(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference { get; }
}
