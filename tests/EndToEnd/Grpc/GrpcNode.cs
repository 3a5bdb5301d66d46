using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Grpc;

/// <summary>One node with entities in it, for all the tests of its gRPC from outside.</summary>
public sealed class GrpcNode : IAsyncLifetime
{
    /// <summary>How many entities of type Building it holds, numbered from 0.</summary>
    public const int Entities = 5000;

    private const int BatchSize = 500;

    private TestStore? store;
    private NodeProcess? node;

    /// <summary>Host and port of its gRPC listener.</summary>
    public string Address => node!.Grpc.Authority;

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync(StoreKind.Sqlite);
        node = await NodeProcess.StartAsync(store.Options, null, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = node.Http };
        for (var from = 0; from < Entities; from += BatchSize)
        {
            using var body = new StringContent($"[{string.Join(',', Enumerable.Range(from, BatchSize).Select(Building))}]", Encoding.UTF8, "application/json");
            using var response = await http.PostAsync("/ngsi-ld/v1/entityOperations/create", body);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (node is not null)
        {
            await node.DisposeAsync();
        }

        store?.Dispose();
    }

    /// <summary>Runs a program from outside and returns what it printed and its exit code.</summary>
    public static async Task<(string Output, string Error, int ExitCode)> RunAsync(
        string program, string[] arguments, string? folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (await output, await error, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Building(int number) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"id":"urn:ngsi-ld:Building:{{{number}}}","type":"Building","occupancy":{"type":"Property","value":{{{number}}}},"description":{"type":"Property","value":"{{{new string('x', 800)}}}"}}
        """);
}

/// <summary>The tests that share the node.</summary>
[CollectionDefinition(nameof(GrpcNode))]
public sealed class GrpcNodeTests : ICollectionFixture<GrpcNode>;
