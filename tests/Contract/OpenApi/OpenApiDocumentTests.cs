using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Twin.Tests.Contract.OpenApi;

/// <summary>The committed OpenAPI document is what a whole node generates; a change of the public surface shows in the diff.</summary>
public sealed class OpenApiDocumentTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_committed_document_is_the_generated_one()
    {
        var file = Path.Combine(Root(), "contracts", "openapi", "node.v1.json");
        var generated = await GenerateAsync();
        if (Environment.GetEnvironmentVariable("TWIN_REGENERATE") == "1")
        {
            await File.WriteAllTextAsync(file, generated, TestContext.Current.CancellationToken);
        }

        Assert.True(File.Exists(file), "contracts/openapi/node.v1.json is missing; run this test with TWIN_REGENERATE=1.");
        Assert.True(
            generated == await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken),
            "The public surface has changed. Run this test with TWIN_REGENERATE=1, read the diff of contracts/openapi/node.v1.json, and commit it.");
    }

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own_a_summary_and_an_answer_for_each_refusal_of_the_front_door()
    {
        var document = JsonNode.Parse(await GenerateAsync())!;
        var operations = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Where(member => member.Key is not "parameters").Select(operation => (Where: $"{operation.Key} {path.Key}", Operation: operation.Value!)))
            .ToList();

        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);
        Assert.NotEmpty(operations);
        Assert.All(operations, found =>
        {
            Assert.False(string.IsNullOrEmpty((string?)found.Operation["operationId"]), found.Where + " has no operationId");
            Assert.False(string.IsNullOrEmpty((string?)found.Operation["summary"]), found.Where + " has no summary");
            foreach (var status in new[] { "400", "401", "429" })
            {
                Assert.True(found.Operation["responses"]![status] is not null, $"{found.Where} does not describe {status}");
            }
        });
        Assert.Equal(operations.Count, operations.Select(found => (string?)found.Operation["operationId"]).Distinct(StringComparer.Ordinal).Count());
    }

    private static async Task<string> GenerateAsync()
    {
        await using var node = await DescribedNode.StartAsync();
        return (await node.DocumentAsync()).ToJsonString(Indented) + "\n";
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Twin.Federation.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
