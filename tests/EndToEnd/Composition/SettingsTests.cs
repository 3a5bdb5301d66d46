using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Twin.Tests.EndToEnd.Composition;

/// <summary>Settings with which a node does not start, and where settings come from.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("twin-settings-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Twin__Port", "eight", "Twin:Port (Twin__Port in the environment): 'eight'")]
    [InlineData("Twin__Port", "70000", "Twin:Port (Twin__Port in the environment): 70000 is no port")]
    [InlineData("Twin__Services", "gatway", "Twin:Services (Twin__Services in the environment): no service is called 'gatway'; set all, or some of entity-registry, telemetry, scenario-engine, gateway")]
    [InlineData("Twin__Services", ",", "no service is named")]
    [InlineData("Twin__Address", "example.org", "'example.org' is no IP address")]
    [InlineData("Twin__Grpc__Port", "-1", "Twin:Grpc:Port (Twin__Grpc__Port in the environment): -1 is no port")]
    [InlineData("Twin__Grpc__Addresses__entity-registry", "registry:8081", "Twin__Grpc__Addresses__entity-registry")]
    [InlineData("Twin__Limits__BodyBytes", "1", "Twin:Limits:BodyBytes (Twin__Limits__BodyBytes in the environment): 1 is out of range; set 1024 to")]
    [InlineData("Twin__Logging__Format", "xml", "set text or json")]
    [InlineData("Twin__Telemetry__OtlpEndpoint", "collector", "is no address of a collector")]
    [InlineData("Twin__DataDirectory", "/proc/nothing", "cannot be used")]
    public async Task A_wrong_setting_ends_the_start_with_its_name_and_what_to_set(string key, string value, string message)
    {
        await using var run = TwinRun.Start(["serve"], ("Twin__DataDirectory", directory), ("Twin__Port", "0"), (key, value));

        var (code, output, errors) = await run.EndAsync(Token);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_node_does_not_bind_beyond_loopback()
    {
        await using var run = TwinRun.Start(["serve", "--open", "--port", "0", "--data", directory], ("Twin__Address", "0.0.0.0"));

        var (code, _, errors) = await run.EndAsync(Token);

        Assert.Equal(2, code);
        Assert.Contains("binds to loopback only", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_argument_ends_with_2_and_points_to_the_help()
    {
        await using var run = TwinRun.Start(["serve", "--prot", "1"]);

        var (code, _, errors) = await run.EndAsync(Token);

        Assert.Equal(2, code);
        Assert.Contains("twin serve --help", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_of_the_directory_gives_way_to_the_environment_and_that_to_the_command_line()
    {
        await File.WriteAllTextAsync(
            Path.Combine(directory, "twin.json"), """{"Twin":{"Name":"of the file","Port":0,"Open":true,"Limits":{"BodyBytes":2048}}}""", Token);
        await using var run = TwinRun.Start(["serve", "--data", directory, "--name", "of the line"], ("Twin__Name", "of the environment"));
        var address = await run.ReadyAsync(Token);

        using var description = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "node.json"), Token));
        Assert.Equal("of the line", description.RootElement.GetProperty("name").GetString());
        using var client = new HttpClient { BaseAddress = address };
        using var large = await client.PostAsync("/ngsi-ld/v1/entities", new StringContent(new string(' ', 4096), Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
