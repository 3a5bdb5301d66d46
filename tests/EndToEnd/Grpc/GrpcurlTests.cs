using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Rpc;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Grpc;

/// <summary>The registry's gRPC as <c>grpcurl</c> sees it, which learns everything from the node's reflection.</summary>
[Collection(nameof(GrpcNode))]
public sealed class GrpcurlTests(GrpcNode node)
{
    private const string Service = "twin.registry.v1.EntityRegistry";

    /// <summary>grpcurl ends with 64 and the gRPC status code.</summary>
    private const int InvalidArgument = 64 + 3;
    private const int NotFound = 64 + 5;

    [Fact]
    public async Task Reflection_lists_the_registry_and_health()
    {
        var (output, error, exit) = await GrpcurlAsync("list");

        Assert.True(exit == 0, error);
        var services = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(Service, services);
        Assert.Contains("grpc.health.v1.Health", services);
    }

    [Fact]
    public async Task Health_says_serving()
    {
        var (output, error, exit) = await GrpcurlAsync("grpc.health.v1.Health/Check");

        Assert.True(exit == 0, error);
        Assert.Equal("SERVING", JsonNode.Parse(output)!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_entity_is_retrieved_in_its_stored_form()
    {
        var (output, error, exit) = await GrpcurlAsync(Service + "/RetrieveEntity", """{"id":"urn:ngsi-ld:Building:7"}""");

        Assert.True(exit == 0, error);
        var answer = JsonNode.Parse(output)!;
        Assert.Equal("urn:ngsi-ld:Building:7", answer["id"]!.GetValue<string>());
        Assert.Equal("https://uri.etsi.org/ngsi-ld/default-context/Building", answer["types"]![0]!.GetValue<string>());
        Assert.True(long.Parse(answer["version"]!.GetValue<string>()) > 1_700_000_000_000_000);
        var entity = Entity(answer);
        Assert.Equal("urn:ngsi-ld:Building:7", entity["id"]!.GetValue<string>());
        Assert.Equal(7, entity[":occupancy"]!["value"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_entity_that_is_not_there_is_NOT_FOUND_with_the_NGSI_LD_error_type()
    {
        var (_, error, exit) = await GrpcurlAsync(Service + "/RetrieveEntity", """{"id":"urn:ngsi-ld:Building:none"}""");

        Assert.Equal(NotFound, exit);
        Assert.Equal("ResourceNotFound", Detail(error, ErrorInfo.Parser).Reason);
    }

    [Theory]
    [InlineData("RetrieveEntity", """{"id":"no uri"}""", "id")]
    [InlineData("QueryEntities", """{"type":"Building","q":"occupancy>>3"}""", "q")]
    [InlineData("QueryEntities", """{"type":"(Building"}""", "type")]
    [InlineData("QueryEntities", """{"scopeQ":"//"}""", "scope_q")]
    [InlineData("QueryEntities", """{"type":"Building","limit":-1}""", "limit")]
    public async Task Bad_input_is_INVALID_ARGUMENT_and_names_the_field(string method, string request, string field)
    {
        var (_, error, exit) = await GrpcurlAsync($"{Service}/{method}", request);

        Assert.Equal(InvalidArgument, exit);
        Assert.Equal("uri.etsi.org/ngsi-ld/errors", Detail(error, ErrorInfo.Parser).Domain);
        Assert.Equal(field, Assert.Single(Detail(error, BadRequest.Parser).FieldViolations).Field);
    }

    [Fact]
    public async Task A_tenant_that_is_not_there_is_NOT_FOUND()
    {
        var (_, error, exit) = await GrpcurlAsync(Service + "/QueryEntities", """{"type":"Building","tenant":"nobody"}""");

        Assert.Equal(NotFound, exit);
        Assert.Equal("NonexistentTenant", Detail(error, ErrorInfo.Parser).Reason);
    }

    [Fact]
    public async Task A_query_streams_what_matches_in_creation_order()
    {
        var (output, error, exit) = await GrpcurlAsync(Service + "/QueryEntities", """{"type":"Building","q":"occupancy>=4000;occupancy<4300"}""");

        Assert.True(exit == 0, error);
        Assert.Equal(
            Enumerable.Range(4000, 300).Select(number => $"urn:ngsi-ld:Building:{number}"),
            Answers(output).Select(answer => answer["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_limit_ends_the_stream()
    {
        var (output, error, exit) = await GrpcurlAsync(Service + "/QueryEntities", """{"limit":3}""");

        Assert.True(exit == 0, error);
        Assert.Equal(
            ["urn:ngsi-ld:Building:0", "urn:ngsi-ld:Building:1", "urn:ngsi-ld:Building:2"],
            Answers(output).Select(answer => answer["id"]!.GetValue<string>()));
    }

    private async Task<(string Output, string Error, int ExitCode)> GrpcurlAsync(string what, string? request = null)
    {
        var grpcurl = SharedTools.Find("tools/grpcurl/grpcurl");
        Assert.SkipWhen(grpcurl is null, "grpcurl is not offered: TWIN_SHARED/tools/grpcurl is not there.");
        // The verb `list` comes after the address, a method too; data only where there is a request.
        string[] data = request is null ? [] : ["-d", request];
        return await GrpcNode.RunAsync(grpcurl, ["-plaintext", "-format-error", .. data, node.Address, what], null, TestContext.Current.CancellationToken);
    }

    private static JsonNode Entity(JsonNode answer) => JsonNode.Parse(Convert.FromBase64String(answer["json"]!.GetValue<string>()))!;

    /// <summary>A detail of the richer error model. grpcurl knows only types that reflection describes, and gives others as bytes.</summary>
    private static T Detail<T>(string error, MessageParser<T> parser)
        where T : IMessage<T>, new()
    {
        var type = new T().Descriptor.FullName;
        var detail = JsonNode.Parse(error)!["details"]!.AsArray().Single(one => one!["@type"]!.GetValue<string>().EndsWith("/" + type, StringComparison.Ordinal));
        return parser.ParseFrom(Convert.FromBase64String(detail!["@value"]!.GetValue<string>()));
    }

    /// <summary>grpcurl prints one object after the other.</summary>
    private static List<JsonNode> Answers(string output)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(output), new JsonReaderOptions { AllowMultipleValues = true });
        var answers = new List<JsonNode>();
        while (reader.Read())
        {
            answers.Add(JsonNode.Parse(ref reader)!);
        }

        return answers;
    }
}
