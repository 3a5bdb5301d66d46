using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Xunit;

namespace Twin.Tests.EndToEnd.SignIn;

/// <summary><c>twin token</c> as scripts use it: the program itself, beside a node that runs or not.</summary>
public sealed class TokenCommandTests : IDisposable
{
    private readonly string data = Directory.CreateTempSubdirectory("twin-token").FullName;

    [Fact]
    public async Task A_token_made_before_the_first_start_and_one_made_while_the_node_runs_both_open_it()
    {
        var (code, before, _) = await RunAsync("token", "--data", data, "--role", "administrator");
        Assert.Equal(0, code);

        using var node = Start("serve", "--port", "0", "--data", data);
        try
        {
            var ready = await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith("ready http://127.0.0.1:", ready, StringComparison.Ordinal);
            var (_, during, _) = await RunAsync("token", "--data", data, "--role", "operator", "--lifetime", "5m");

            var address = new Uri(ready!["ready ".Length..]);
            Assert.Equal(HttpStatusCode.OK, await AskAsync(address, before.Trim()));
            Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(address, during.Trim()));
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(address, null));
        }
        finally
        {
            node.Kill();
            await node.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task Scripts_read_an_object()
    {
        var (code, output, _) = await RunAsync("token", "--data", data, "--role", "planner", "--role", "peer", "--lifetime", "30d", "--json");

        Assert.Equal(0, code);
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["planner", "peer"], answer.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal(3, answer.GetProperty("token").GetString()!.Split('.').Length);
        Assert.Equal(30, Math.Round((answer.GetProperty("expires").GetDateTimeOffset() - TimeProvider.System.GetUtcNow()).TotalDays));
    }

    [Theory]
    [InlineData("--role", "king")]
    [InlineData("--role", "service")]
    [InlineData("--role", "planner", "--lifetime", "31d")]
    [InlineData("--role", "planner", "--lifetime", "soon")]
    [InlineData("--lifetime", "1h")]
    public async Task What_is_wrong_is_said_and_the_exit_code_is_2(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(["token", "--data", data, .. arguments]);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.NotEmpty(errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(data));
    }

    public void Dispose() => Directory.Delete(data, recursive: true);

    private static async Task<HttpStatusCode> AskAsync(Uri address, string? token)
    {
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync("/operations/accounts", TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, errors);
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "twin"), arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    })!;
}
