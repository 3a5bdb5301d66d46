using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.OpenApi;

/// <summary>
/// schemathesis reads <c>/api/openapi.json</c> of a running node and sends what it makes of it, right and wrong: no 5xx
/// but those that the standard prescribes, no status, media type, header or body that the document does not describe.
/// A few examples of each operation; CONTRIBUTING.md has the command for many.
/// </summary>
public sealed partial class SchemathesisTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("twin-schemathesis-").FullName;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_answer_to_generated_requests_is_described_signed_in_or_not(bool signedIn)
    {
        var cancel = TestContext.Current.CancellationToken;
        var schemathesis = await InstalledAsync(cancel);
        Assert.SkipWhen(schemathesis is null, "schemathesis is not offered: TWIN_SHARED/tools/python is not there, or cannot be installed (Debian: apt-get install python3-venv).");
        var data = Path.Combine(folder, "data");
        using var node = TwinCli.Start("serve", "--port", "0", "--data", data);
        var ready = await node.Output.ReadLineAsync(cancel);
        Assert.StartsWith("ready ", ready, StringComparison.Ordinal);
        var address = ready!["ready ".Length..];
        // A rotation revokes the token that the run is signed in with.
        string[] caller = signedIn
            ? ["--header", "Authorization: Bearer " + (await TwinCli.RunAsync(cancel, "token", "--data", data, "--role", "administrator")).Output.Trim(), "--exclude-operation-id", "rotate-keys"]
            : [];

        var (output, exit) = await RunAsync(
            schemathesis,
            [
                "--config-file", Path.Combine(AppContext.BaseDirectory, "schemathesis.toml"), "run", address + "/api/openapi.json",
                "--phases", "examples,fuzzing", "--max-examples", "10", "--seed", "1", "--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", .. caller,
            ],
            cancel);

        Assert.True(exit == 0, output);
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var document = JsonNode.Parse(await http.GetStringAsync("/api/openapi.json", cancel))!;
        var operations = document["paths"]!.AsObject().Sum(path => path.Value!.AsObject().Count);
        // It leaves out the document that it reads.
        Assert.Equal(operations - (signedIn ? 2 : 1), int.Parse(Tested.Match(output).Groups["operations"].Value, CultureInfo.InvariantCulture));
        TestContext.Current.TestOutputHelper?.WriteLine(Cases.Match(output).Value);
    }

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The program, installed once from the wheels that are offered into a folder of the build; null where it cannot be.</summary>
    private static async Task<string?> InstalledAsync(CancellationToken cancel)
    {
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "tools", "schemathesis", "bin", "schemathesis"));
        if (File.Exists(program))
        {
            return program;
        }

        if (SharedTools.Find("tools/python/install") is not { } install)
        {
            return null;
        }

        var (_, exit) = await RunAsync(install, [Path.GetDirectoryName(Path.GetDirectoryName(program))!, "schemathesis"], cancel);
        return exit == 0 && File.Exists(program) ? program : null;
    }

    private static async Task<(string Output, int ExitCode)> RunAsync(string program, string[] arguments, CancellationToken cancel)
    {
        var work = Directory.CreateTempSubdirectory("twin-schemathesis-run-").FullName;
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = work };
        start.Environment["SCHEMATHESIS_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "coherent.py");
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var error = process.StandardError.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return (await output + await error, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }

            Directory.Delete(work, recursive: true);
        }
    }

    [GeneratedRegex(@"Tested: (?<operations>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Tested { get; }

    [GeneratedRegex(@"\d+ generated, .*")]
    private static partial Regex Cases { get; }
}
