using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Twin.Gateway;
using Twin.Hosting;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>The gateway in one process, the service of a route in another: the public answers are those of one process.</summary>
public sealed class ForwardingTests
{
    private static readonly string Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task A_call_reaches_the_service_with_the_caller_and_without_its_token()
    {
        await using var service = await EchoNode.StartAsync();
        await using var gateway = await GatewayTo(service.Http);

        using var answer = await gateway.GetAsync("/ngsi-ld/v1/echo?q=a%3D%3D%22b%22", gateway.Token(TwinRoles.Planner));

        Assert.Equal("command-line True ?q=a%3D%3D%22b%22 tokens:0 cookies:0", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var anonymous = await gateway.GetAsync("/ngsi-ld/v1/echo");
        Assert.Equal("anonymous False  tokens:0 cookies:0", await anonymous.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_service_decides_who_may_do_what()
    {
        await using var service = await EchoNode.StartAsync();
        await using var gateway = await GatewayTo(service.Http);

        using var refused = await gateway.GetAsync("/ngsi-ld/v1/write", gateway.Token(TwinRoles.Planner));
        using var allowed = await gateway.GetAsync("/ngsi-ld/v1/write", gateway.Token(TwinRoles.Operator));
        using var around = await new HttpClient().GetAsync(new Uri(service.Http, "/ngsi-ld/v1/write"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, around.StatusCode);
    }

    [Fact]
    public async Task An_internal_identity_from_outside_is_dropped()
    {
        await using var service = await EchoNode.StartAsync();
        await using var gateway = await GatewayTo(service.Http);
        var stolen = ((InternalIdentity)service.Services.GetService(typeof(InternalIdentity))!).Issue(CallerAuthenticator.Principal("root", [TwinRoles.Administrator]));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/ngsi-ld/v1/echo");
        request.Headers.Add(InternalIdentity.Header, stolen);
        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.StartsWith("anonymous ", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_not_there_breaks_off_or_keeps_silent_is_named_in_the_problem()
    {
        // Bound and not listening: refused, and the port is nobody else's meanwhile.
        using var closed = new Socket(SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using (var gateway = await GatewayTo(new Uri($"http://127.0.0.1:{((IPEndPoint)closed.LocalEndPoint!).Port}")))
        {
            await NamedAsync(gateway, HttpStatusCode.ServiceUnavailable);
        }

        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using (var gateway = await GatewayTo(new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"), ("Twin:Gateway:ForwardTimeoutSeconds", "1")))
        {
            await NamedAsync(gateway, HttpStatusCode.GatewayTimeout);
        }

        using var breaking = new TcpListener(IPAddress.Loopback, 0);
        breaking.Start();
        var breaks = BreakAsync(breaking);
        await using (var gateway = await GatewayTo(new Uri($"http://127.0.0.1:{((IPEndPoint)breaking.LocalEndpoint).Port}")))
        {
            await NamedAsync(gateway, HttpStatusCode.BadGateway);
        }

        await breaks;

        static async Task NamedAsync(GatewayHost gateway, HttpStatusCode status)
        {
            using var answer = await gateway.GetAsync("/ngsi-ld/v1/echo");
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal("entity-registry", (await GatewayHost.JsonAsync(answer)).GetProperty("service").GetString());
        }

        static async Task BreakAsync(TcpListener listener)
        {
            using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            var stream = client.GetStream();
            _ = await stream.ReadAsync(new byte[4096], TestContext.Current.CancellationToken);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("nonsense\r\n\r\n"), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_gateway_without_the_address_of_a_service_says_at_its_start_which_setting_is_missing()
    {
        var data = Directory.CreateTempSubdirectory("twin-gateway").FullName;
        var failure = await Assert.ThrowsAsync<SettingException>(() => TwinNode.Create(new Dictionary<string, string?>
        {
            ["Twin:DataDirectory"] = data, ["Twin:Port"] = "0", ["Twin:Address"] = "127.0.0.1", ["Twin:Services"] = "gateway",
        }).With<GatewayService>().StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("Twin:Services:Addresses:entity-registry", failure.Message, StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }

    private static Task<GatewayHost> GatewayTo(Uri service, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        settings: [("Twin:Services", "gateway"), ("Twin:Services:Addresses:entity-registry", service.GetLeftPart(UriPartial.Authority)), ("Twin:Identity:Key", Key), .. settings]);

    private sealed class EchoNode(string data, RunningNode node) : IAsyncDisposable
    {
        public Uri Http => node.Http;

        public IServiceProvider Services => node.Services;

        public static async Task<EchoNode> StartAsync()
        {
            var data = Directory.CreateTempSubdirectory("twin-service-").FullName;
            return new EchoNode(data, await TwinNode.Create(new Dictionary<string, string?>
            {
                ["Twin:DataDirectory"] = data,
                ["Twin:Port"] = "0",
                ["Twin:Address"] = "127.0.0.1",
                ["Twin:Identity:Key"] = Key,
            }).With<EchoService>().StartAsync(TestContext.Current.CancellationToken));
        }

        public async ValueTask DisposeAsync()
        {
            await node.DisposeAsync();
            Directory.Delete(data, recursive: true);
        }
    }

    private sealed class EchoService : ITwinService
    {
        public static string Name => "entity-registry";

        public static void Add(IHostApplicationBuilder builder)
        {
        }

        public static void Map(IEndpointRouteBuilder routes)
        {
            routes.MapGet("/ngsi-ld/v1/echo", (HttpContext context) =>
                $"{context.User.Identity?.Name ?? "anonymous"} {CallerAccess.For(context).Everything} {context.Request.QueryString} tokens:{context.Request.Headers.Authorization.Count} cookies:{context.Request.Headers.Cookie.Count}")
                .RequireAuthorization(TwinPolicies.ReadEntities);
            routes.MapGet("/ngsi-ld/v1/write", () => "written").RequireAuthorization(TwinPolicies.WriteEntities);
        }
    }
}
