using Xunit;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Twin.Tests.Contract.Grpc;

/// <summary>What a failed call between services looks like to who asked the edge over HTTP (RFC 9457).</summary>
public sealed class ProblemTests : IAsyncDisposable
{
    private readonly Nodes nodes = new();

    [Fact]
    public async Task A_problem_that_a_service_throws_reaches_the_caller_unchanged()
    {
        await nodes.StartAsync("probe");

        var (status, problem, _) = await AskAsync("refuse", []);

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
        await nodes.StartAsync("probe");

        var (answered, problem, headers) = await AskAsync(does, new() { ["Twin:Grpc:MessageBytes"] = "65536", ["Twin:Grpc:DeadlineSeconds"] = "1" });

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

    [Theory]
    [InlineData(StatusCode.Unknown)]
    [InlineData(StatusCode.Internal)]
    public async Task A_sidecar_that_does_not_find_the_service_makes_it_unavailable(StatusCode says)
    {
        await using var sidecar = await StartSidecarAsync(says);

        var (status, problem, headers) = await AskThroughAsync(new Uri(sidecar.Urls.Single()).Port, "answer");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("https://twin.federation/problems/service-unavailable", problem.GetProperty("type").GetString());
        Assert.Equal("1", headers.RetryAfter?.ToString());
    }

    [Fact]
    public async Task A_service_that_fails_behind_a_sidecar_is_an_error_of_the_node()
    {
        var probe = await nodes.StartAsync("probe");

        var (status, _, _) = await AskThroughAsync(probe.Grpc.Port, "crash");

        Assert.Equal(HttpStatusCode.InternalServerError, status);
    }

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    /// <summary>What Dapr's gRPC proxy answers for an app that it cannot find or has lost: a status, and nothing else.</summary>
    private static async Task<WebApplication> StartSidecarAsync(StatusCode says)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listener => listener.Protocols = HttpProtocols.Http2));
        var sidecar = builder.Build();
        sidecar.Run(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = ((int)says).ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = "couldn't find service: probe";
            return Task.CompletedTask;
        });
        await sidecar.StartAsync(TestContext.Current.CancellationToken);
        return sidecar;
    }

    private Task<(HttpStatusCode Status, JsonElement Problem, HttpResponseHeaders Headers)> AskThroughAsync(int sidecar, string does) =>
        AskAsync(does, new() { ["DAPR_GRPC_PORT"] = sidecar.ToString(CultureInfo.InvariantCulture), ["Twin:Grpc:Addresses:probe"] = null });

    private async Task<(HttpStatusCode Status, JsonElement Problem, HttpResponseHeaders Headers)> AskAsync(string does, Dictionary<string, string?> settings)
    {
        var edge = await nodes.StartAsync("edge", settings);
        using var client = Nodes.HttpOf(edge);
        using var answer = await client.GetAsync("/ask?does=" + does, TestContext.Current.CancellationToken);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (answer.StatusCode, document.RootElement.Clone(), answer.Headers);
    }
}
