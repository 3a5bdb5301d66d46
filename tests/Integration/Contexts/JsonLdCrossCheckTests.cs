using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Contexts;
using Xunit;

namespace Twin.Tests.Integration.Contexts;

/// <summary>
/// Names and IRIs as the reference implementation of JSON-LD 1.1 (npm jsonld 9.0.0) writes them, recorded in
/// <c>JsonLd/cross-check.json</c>, and asked again where npm can be had.
/// </summary>
public sealed class JsonLdCrossCheckTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Contexts", "JsonLd");
    private static readonly string Recorded = File.ReadAllText(Path.Combine(Folder, "cross-check.json"));

    [Fact]
    public async Task Names_expand_and_iris_compact_as_the_reference_implementation_has_it()
    {
        var compiler = new ContextCompiler();
        foreach (JsonNode one in JsonNode.Parse(Recorded)!.AsArray().Select(c => c!))
        {
            JsonLdContext context = await compiler.CompileAsync(Encoding.UTF8.GetBytes(one["context"]!.ToJsonString()), BundledContexts.LoadAsync, TestContext.Current.CancellationToken);

            foreach ((string name, JsonNode? iri) in one["expanded"]!.AsObject())
            {
                Assert.Equal((string?)iri, context.ExpandTerm(name));
            }

            foreach ((string iri, JsonNode? name) in one["compacted"]!.AsObject())
            {
                Assert.Equal((string?)name, context.Compact(Terms.Intern(iri)));
            }
        }
    }

    [Fact]
    public async Task The_record_is_what_the_reference_implementation_says()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string place = Directory.CreateTempSubdirectory("twin-jsonld-").FullName;
        try
        {
            if (await RunAsync("npm", ["install", "--silent", "--no-audit", "--no-fund", "jsonld@9.0.0"], place, null, cancel) is null)
            {
                Assert.Skip("npm cannot install jsonld here.");
            }

            string? answered = await RunAsync("node", [Path.Combine(Folder, "cross-check.mjs"), Folder], place, Recorded, cancel);

            Assert.NotNull(answered);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Recorded), JsonNode.Parse(answered)), answered);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    private static async Task<string?> RunAsync(string program, string[] arguments, string folder, string? input, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }

        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await errors;
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? output : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }
}
