using Xunit;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Twin.Tests.Contract.Grpc;

/// <summary>What a failed call between services looks like to who asked the edge over HTTP (RFC 9457).</summary>
public sealed class ProblemTests : IAsyncDisposable
{
    private readonly Nodes nodes = new();

    [Fact]
    public async Task A_problem_that_a_service_throws_reaches_the_caller_unchanged()
    {
        var (status, problem, _) = await AskAsync("refuse");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("https://twin.federation/problems/probe-refused", problem.GetProperty("type").GetString());
        Assert.Equal("Réfusé", problem.GetProperty("title").GetString());
        Assert.Equal("The probe was told to refuse.", problem.GetProperty("detail").GetString());
        Assert.Equal("does", problem.GetProperty("member").GetString());
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString());
    }

    [Theory]
    [InlineData("fail", 503, "service-unavailable", "1")]
    [InlineData("grow", 413, "body-too-large", null)]
    [InlineData("crash", 500, "internal-error", null)]
    [InlineData("wait", 504, "gateway-timeout", null)]
    public async Task A_status_becomes_the_problem_that_fits(string does, int status, string type, string? retryAfter)
    {
        var (answered, problem, headers) = await AskAsync(does);

        Assert.Equal(status, (int)answered);
        Assert.Equal("https://twin.federation/problems/" + type, problem.GetProperty("type").GetString());
        Assert.Equal(retryAfter, headers.RetryAfter?.ToString());
        Assert.DoesNotContain("secret", problem.GetRawText());
        Assert.DoesNotContain("told to", problem.GetRawText());
    }

    [Fact]
    public async Task A_service_that_has_no_address_is_unavailable()
    {
        var edge = await nodes.StartAsync("edge");
        using var client = Nodes.HttpOf(edge);

        using var answer = await client.GetAsync("/ask?does=answer", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    private async Task<(HttpStatusCode Status, JsonElement Problem, System.Net.Http.Headers.HttpResponseHeaders Headers)> AskAsync(string does)
    {
        await nodes.StartAsync("probe");
        var edge = await nodes.StartAsync("edge", new() { ["Twin:Grpc:MessageBytes"] = "65536", ["Twin:Grpc:DeadlineSeconds"] = "1" });
        using var client = Nodes.HttpOf(edge);
        using var answer = await client.GetAsync("/ask?does=" + does, TestContext.Current.CancellationToken);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (answer.StatusCode, document.RootElement.Clone(), answer.Headers);
    }
}
