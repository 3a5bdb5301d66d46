using System.Text.Json.Nodes;
using Xunit;

namespace Twin.Tests.EndToEnd.Grpc;

/// <summary>The registry's gRPC as a client of another implementation uses it: npm's <c>@grpc/grpc-js</c>.</summary>
[Collection(nameof(GrpcNode))]
public sealed class GrpcJsTests(GrpcNode node)
{
    private const int Cancelled = 1;
    private const int DeadlineExceeded = 4;
    private const int NotFound = 5;

    [Fact]
    public async Task Unary_and_streaming_calls_cancellation_deadline_and_slow_readers_work()
    {
        var cancel = TestContext.Current.CancellationToken;
        Assert.SkipUnless(Installed("npm") && Installed("node"), "npm is not installed (Debian: apt-get install nodejs npm).");
        var folder = Directory.CreateTempSubdirectory("twin-grpc-js-").FullName;
        try
        {
            var install = await GrpcNode.RunAsync(
                "npm", ["install", "--no-audit", "--no-fund", "--silent", "@grpc/grpc-js@1", "@grpc/proto-loader@0.8"], folder, cancel);
            Assert.SkipUnless(install.ExitCode == 0, "npm could not install @grpc/grpc-js: " + install.Error);
            File.Copy(Path.Combine(AppContext.BaseDirectory, "grpc-js.cjs"), Path.Combine(folder, "grpc-js.cjs"));

            var (output, error, exit) = await GrpcNode.RunAsync(
                "node", ["grpc-js.cjs", node.Address, Path.Combine(AppContext.BaseDirectory, "proto")], folder, cancel);

            Assert.True(exit == 0, error);
            var saw = JsonNode.Parse(output)!;
            Assert.Equal("urn:ngsi-ld:Building:42", saw["found"]!["id"]!.GetValue<string>());
            Assert.Equal(NotFound, saw["missing"]!["code"]!.GetValue<int>());
            Assert.Equal(1, saw["missing"]!["details"]!.GetValue<int>());
            Assert.Equal(GrpcNode.Entities, saw["count"]!.GetValue<int>());
            Assert.True(saw["ordered"]!.GetValue<bool>());
            Assert.Equal(Cancelled, saw["cancelled"]!["code"]!.GetValue<int>());
            Assert.Equal(DeadlineExceeded, saw["late"]!["code"]!.GetValue<int>());
            Assert.Equal(GrpcNode.Entities, saw["slow"]!.GetValue<int>());
            Assert.Equal("urn:ngsi-ld:Building:1", saw["after"]!["id"]!.GetValue<string>());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Installed(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(place => File.Exists(Path.Combine(place, program)));
}
