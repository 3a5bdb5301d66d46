using System.Globalization;
using System.Text.Json.Nodes;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Grpc;

/// <summary>The registry's gRPC under many calls at a time, by <c>ghz</c>.</summary>
[Collection(nameof(GrpcNode))]
public sealed class GhzTests(GrpcNode node, ITestOutputHelper output)
{
    [Theory]
    [InlineData("RetrieveEntity", """{"id":"urn:ngsi-ld:Building:{{.RequestNumber}}"}""", 4000)]
    [InlineData("QueryEntities", """{"type":"Building","q":"occupancy>=100","limit":20}""", 1000)]
    public async Task Every_one_of_many_calls_at_a_time_is_answered(string method, string request, int calls)
    {
        var ghz = SharedTools.Find("tools/ghz/ghz");
        Assert.SkipWhen(ghz is null, "ghz is not offered: TWIN_SHARED/tools/ghz is not there.");
        var (text, error, exit) = await GrpcNode.RunAsync(
            ghz,
            [
                "--insecure", "--call", "twin.registry.v1.EntityRegistry." + method, "-d", request, "-c", "16", "--connections", "4",
                "-n", calls.ToString(CultureInfo.InvariantCulture), "-O", "json", node.Address,
            ],
            null,
            TestContext.Current.CancellationToken);

        Assert.True(exit == 0, error);
        var report = JsonNode.Parse(text)!;
        Assert.Equal(calls, report["statusCodeDistribution"]!["OK"]!.GetValue<int>());
        Assert.Equal(calls, report["count"]!.GetValue<int>());
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{method}: {report["rps"]!.GetValue<double>():0} calls/s, mean {report["average"]!.GetValue<double>() / 1e6:0.00} ms"));
    }
}
