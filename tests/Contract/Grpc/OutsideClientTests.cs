using System.Diagnostics;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Contract.Grpc;

/// <summary>A running node, called by clients that share no code with it.</summary>
public sealed class OutsideClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Grpcurl_lists_every_service_by_reflection_and_calls_one()
    {
        var grpcurl = Path.Combine(Environment.GetEnvironmentVariable("TWIN_SHARED") ?? Path.Combine(Root(), "..", "shared"), "tools", "grpcurl", "grpcurl");
        if (!File.Exists(grpcurl))
        {
            Assert.Skip("TWIN_SHARED has no tools/grpcurl.");
        }

        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Token);
        await using var node = await NodeProcess.StartAsync(store.Options, null, Token);

        var (_, services, _) = await RunAsync(grpcurl, ["-plaintext", node.Grpc.Authority, "list"]);
        Assert.Contains("grpc.health.v1.Health", services, StringComparison.Ordinal);
        Assert.Contains("twin.operations.v1.DeadLetterOperations", services, StringComparison.Ordinal);

        var (code, health, _) = await RunAsync(grpcurl, ["-plaintext", node.Grpc.Authority, "grpc.health.v1.Health/Check"]);
        Assert.Equal(0, code);
        Assert.Contains("SERVING", health, StringComparison.Ordinal);

        // grpcurl ends with 64 plus the status: 5 is NOT_FOUND.
        var (refused, _, error) = await RunAsync(
            grpcurl, ["-plaintext", "-d", """{"service":"nobody"}""", node.Grpc.Authority, "twin.operations.v1.DeadLetterOperations/ListDeadLetters"]);
        Assert.Equal(64 + 5, refused);
        Assert.Contains("No service of this node is called 'nobody'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_npm_client_calls_unary_and_streaming()
    {
        var directory = Directory.CreateTempSubdirectory("twin-grpc-js-").FullName;
        try
        {
            if (!await TryInstallAsync(directory))
            {
                Assert.Skip("npm is not installed, or could not install @grpc/grpc-js and @grpc/proto-loader.");
            }

            using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Token);
            await using var node = await NodeProcess.StartAsync(store.Options, null, Token);
            await File.WriteAllTextAsync(Path.Combine(directory, "health.proto"), HealthProto, Token);
            await File.WriteAllTextAsync(Path.Combine(directory, "call.js"), Script, Token);

            var (code, output, errors) = await RunAsync(
                "node", [Path.Combine(directory, "call.js"), node.Grpc.Authority, Path.Combine(Root(), "contracts", "Contracts", "proto")]);

            Assert.True(code == 0, errors);
            Assert.Equal(["unary 5 No service of this node is called 'nobody' and consumes or produces events.", "stream SERVING"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<bool> TryInstallAsync(string directory)
    {
        try
        {
            return (await RunAsync("npm", ["install", "--prefix", directory, "--no-audit", "--no-fund", "--loglevel=error", "@grpc/grpc-js@1", "@grpc/proto-loader@0"])).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string file, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromMinutes(3), Token);
        return (process.ExitCode, await output, await errors);
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Twin.Federation.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return directory;
    }

    private const string HealthProto = """
        syntax = "proto3";
        package grpc.health.v1;
        message HealthCheckRequest { string service = 1; }
        message HealthCheckResponse {
          enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
          ServingStatus status = 1;
        }
        service Health {
          rpc Check(HealthCheckRequest) returns (HealthCheckResponse);
          rpc Watch(HealthCheckRequest) returns (stream HealthCheckResponse);
        }
        """;

    private const string Script = """
        const grpc = require('@grpc/grpc-js'), loader = require('@grpc/proto-loader'), path = require('path');
        const [address, protos] = process.argv.slice(2), plain = grpc.credentials.createInsecure();
        const load = (file, dir) => grpc.loadPackageDefinition(loader.loadSync(file, { includeDirs: [dir], enums: String }));
        const letters = new (load('twin/operations/v1/dead_letters.proto', protos).twin.operations.v1.DeadLetterOperations)(address, plain);
        const health = new (load('health.proto', __dirname).grpc.health.v1.Health)(address, plain);
        letters.listDeadLetters({ service: 'nobody' }, error => {
          console.log('unary', error.code, error.details);
          const stream = health.watch({ service: '' });
          stream.on('data', answer => { if (answer.status === 'SERVING') { console.log('stream', answer.status); stream.cancel(); } });
          stream.on('error', () => process.exit(0));
        });
        """;
}
