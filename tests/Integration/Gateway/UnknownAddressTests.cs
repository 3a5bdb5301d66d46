using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>Who is wrong about the address learns that, and is not sent for a role that would not help.</summary>
public sealed class UnknownAddressTests
{
    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound, "not-found", null)]
    [InlineData("GET", "/operations/keys/nothing", HttpStatusCode.NotFound, "not-found", null)]
    [InlineData("DELETE", "/operations/accounts", HttpStatusCode.MethodNotAllowed, "method-not-allowed", "GET, POST")]
    [InlineData("POST", "/health/live", HttpStatusCode.MethodNotAllowed, "method-not-allowed", "GET, HEAD")]
    [InlineData("DELETE", "/connect/token", HttpStatusCode.MethodNotAllowed, "method-not-allowed", "POST")]
    public async Task An_address_or_method_that_is_not_there_is_404_or_405_for_everybody(string method, string path, HttpStatusCode status, string problem, string? allow)
    {
        await using var host = await GatewayHost.StartAsync();
        var key = host.Services.GetRequiredService<SigningKeys>().Active();
        var token = NodeTokens.Issue(key, "test", [TwinRoles.Administrator], TimeSpan.FromMinutes(5), TimeProvider.System.GetUtcNow());
        foreach (var authorization in (AuthenticationHeaderValue?[])[null, new("Bearer", token)])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { Authorization = authorization } };
            using var answer = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(status, answer.StatusCode);
            Assert.Equal("https://twin.federation/problems/" + problem, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["type"]);
            Assert.Equal(allow, answer.Content.Headers.Allow.Count == 0 ? null : string.Join(", ", answer.Content.Headers.Allow));
        }
    }

    [Fact]
    public async Task A_token_that_does_not_hold_is_refused_even_there()
    {
        await using var host = await GatewayHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere") { Headers = { Authorization = new("Bearer", "made-up") } };

        using var answer = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
