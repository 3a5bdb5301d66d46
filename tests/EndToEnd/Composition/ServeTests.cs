using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Twin.Tests.EndToEnd.Composition;

/// <summary><c>twin serve</c> as scripts drive it.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("twin-serve-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("all", "")]
    [InlineData("entity-registry", "")]
    [InlineData("gateway", "Twin__Services__Addresses__entity-registry=http://127.0.0.1:1")]
    [InlineData("gateway,entity-registry", "")]
    [InlineData("telemetry", "")]
    [InlineData("scenario-engine", "")]
    [InlineData("gateway,telemetry", "Twin__Services__Addresses__entity-registry=http://127.0.0.1:1")]
    public async Task Every_composition_starts_and_is_ready(string services, string setting)
    {
        var parts = setting.Length == 0 ? ["Twin__Name", "Mulhouse"] : setting.Split('=');
        await using var run = TwinRun.Start(["serve", "--port", "0", "--data", directory], ("Twin__Services", services), (parts[0], parts[1]));
        var address = await run.ReadyAsync(Token);
        using var client = new HttpClient { BaseAddress = address };

        using var live = await client.GetAsync("/health/live", Token);
        using var ready = await client.GetAsync("/health/ready", Token);

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var report = JsonDocument.Parse(await ready.Content.ReadAsStringAsync(Token));
        Assert.Equal("Healthy", report.RootElement.GetProperty("checks").GetProperty("drain").GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_data_directory_is_its_owners_alone_and_says_where_the_node_answers_while_it_runs()
    {
        var data = Path.Combine(directory, "new", "city");
        await using var run = TwinRun.Start(["serve", "--port", "0", "--data", data, "--name", "Mulhouse", "--open"]);
        var address = await run.ReadyAsync(Token);

        using var description = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data, "node.json"), Token));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data));
        Assert.Equal(address, new Uri(description.RootElement.GetProperty("http").GetString()!));
        Assert.Equal(run.Id, description.RootElement.GetProperty("pid").GetInt32());
        Assert.Equal("Mulhouse", description.RootElement.GetProperty("name").GetString());

        await run.SignalAsync("TERM");
        var (code, output, errors) = await run.EndAsync(Token);
        Assert.Equal(0, code);
        Assert.Empty(output);
        Assert.Contains("open: sign-in is off", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(data, "node.json")));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_lets_the_request_under_way_end_and_then_the_process_with_0(string signal)
    {
        await using var run = TwinRun.Start(["serve", "--port", "0", "--data", directory, "--open"]);
        var address = await run.ReadyAsync(Token);
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, Token);
        var stream = socket.GetStream();
        // Half of a request, so that the signal meets it under way; a body keeps the server waiting.
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nab"), Token);
        var begun = new byte[1];
        Assert.Equal(1, await stream.ReadAsync(begun, Token));

        await run.SignalAsync(signal);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("cd"), Token);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(Token);

        Assert.Contains("TTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.Equal(0, (await run.EndAsync(Token)).Code);
    }

    [Fact]
    public async Task Two_processes_on_one_data_directory_are_one_too_many()
    {
        await using var first = TwinRun.Start(["serve", "--port", "0", "--data", directory]);
        await first.ReadyAsync(Token);
        await using var second = TwinRun.Start(["serve", "--port", "0", "--data", directory]);

        var (code, output, errors) = await second.EndAsync(Token);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("Twin__DataDirectory", errors, StringComparison.Ordinal);
        Assert.Contains($"pid {first.Id}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_kill_the_directory_is_free_again()
    {
        await using (var first = TwinRun.Start(["serve", "--port", "0", "--data", directory]))
        {
            await first.ReadyAsync(Token);
            await first.SignalAsync("KILL");
            await first.EndAsync(Token);
        }

        await using var second = TwinRun.Start(["serve", "--port", "0", "--data", directory]);
        await second.ReadyAsync(Token);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var run = TwinRun.Start(["serve", "--port", $"{port}", "--data", directory, "--open"]);

        var (code, _, errors) = await run.EndAsync(Token);

        Assert.Equal(2, code);
        Assert.Equal($"Twin:Port (Twin__Port in the environment): http://127.0.0.1:{port} is taken by another process; set another port, or 0 for a free one.", errors.Trim());
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
