using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Xunit;

namespace Twin.Tests.Contract.Grpc;

/// <summary>
/// The registry's gRPC shows every entity, and so it is for the services of the node alone: whoever else comes, signed in
/// or not, learns of no entity there, open or not. What HTTP says on the same listener is as scoped as on the public one.
/// </summary>
public sealed class RegistryAccessTests : IAsyncLifetime
{
    private const string Open = "urn:ngsi-ld:Park:1";
    private const string Hidden = "urn:ngsi-ld:Meter:1";
    private const string Absent = "urn:ngsi-ld:Meter:9";
    private readonly string data = Directory.CreateTempSubdirectory("twin-grpc-access-").FullName;
    private RunningNode node = null!;
    private GrpcChannel channel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private InternalIdentity Identity => node.Services.GetRequiredService<InternalIdentity>();

    public async ValueTask InitializeAsync()
    {
        node = await TwinNode.Create(new Dictionary<string, string?>
        {
            ["Twin:DataDirectory"] = data,
            ["Twin:Port"] = "0",
            ["Twin:Address"] = "127.0.0.1",
            ["Twin:OpenData:Types:0"] = "Park",
        }).With<EntityRegistryService>().With<GatewayService>().StartAsync(Token);
        channel = GrpcChannel.ForAddress(node.Grpc);
        using var http = new HttpClient { BaseAddress = node.Http };
        http.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(Bearer(TwinRoles.Operator));
        foreach (var id in (string[])[Open, Hidden])
        {
            using var body = new StringContent($$"""{"id":"{{id}}","type":"{{id.Split(':')[2]}}"}""", Encoding.UTF8, "application/json");
            using var created = await http.PostAsync("/ngsi-ld/v1/entities", body, Token);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }
    }

    [Fact]
    public Task An_anonymous_caller_is_refused_whatever_it_asks_for() => RefusedAsync([], StatusCode.Unauthenticated);

    [Fact]
    public Task A_forged_identity_is_refused() => RefusedAsync(new() { { InternalIdentity.Header, Identity.IssueForService("telemetry") + "x" } }, StatusCode.Unauthenticated);

    [Fact]
    public Task An_anonymous_caller_whom_the_gateway_forwards_is_refused() =>
        RefusedAsync(new() { { InternalIdentity.Header, Identity.Issue(new ClaimsPrincipal()) } }, StatusCode.Unauthenticated);

    [Theory]
    [InlineData(TwinRoles.Administrator)]
    [InlineData(TwinRoles.Planner)]
    [InlineData(TwinRoles.Citizen)]
    public async Task A_person_is_refused_with_a_token_and_when_forwarded(string role)
    {
        await RefusedAsync(new() { { "authorization", Bearer(role) } }, StatusCode.PermissionDenied);
        await RefusedAsync(new() { { InternalIdentity.Header, Identity.Issue(CallerAuthenticator.Principal("ada", [role])) } }, StatusCode.PermissionDenied);
    }

    [Fact]
    public async Task A_service_of_the_node_sees_every_entity()
    {
        var client = new Contracts.Registry.V1.EntityRegistry.EntityRegistryClient(channel);
        Metadata service = new() { { InternalIdentity.Header, Identity.IssueForService("telemetry") } };

        using var query = client.QueryEntities(new(), service, cancellationToken: Token);

        Assert.Equal([Open, Hidden], await query.ResponseStream.ReadAllAsync(Token).Select(entity => entity.Id).ToListAsync(Token));
        Assert.Equal(Hidden, (await client.RetrieveEntityAsync(new() { Id = Hidden }, service, cancellationToken: Token)).Id);
    }

    [Fact]
    public async Task HTTP_on_the_same_listener_shows_an_anonymous_caller_what_is_open_and_nothing_else()
    {
        using var http = new HttpClient { BaseAddress = node.Grpc, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var open = await http.GetAsync("/ngsi-ld/v1/entities/" + Open, Token);
        using var hidden = await http.GetAsync("/ngsi-ld/v1/entities/" + Hidden, Token);
        var all = await http.GetStringAsync("/ngsi-ld/v1/entities?type=Park,Meter", Token);
        using var write = await http.DeleteAsync("/ngsi-ld/v1/entities/" + Open, Token);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Unauthorized],
            [open.StatusCode, hidden.StatusCode, write.StatusCode]);
        Assert.Contains(Open, all, StringComparison.Ordinal);
        Assert.DoesNotContain(Hidden, all, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_method_but_health_is_for_the_services_of_the_node()
    {
        var methods = node.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .Where(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null).ToList();

        Assert.Contains(methods, method => method.Metadata.GetMetadata<GrpcMethodMetadata>()!.Method.FullName == "/twin.registry.v1.EntityRegistry/QueryEntities");
        Assert.All(methods, method =>
        {
            var name = method.Metadata.GetMetadata<GrpcMethodMetadata>()!.Method.FullName;
            var policy = name.StartsWith("/grpc.health.", StringComparison.Ordinal) ? TwinPolicies.Anyone : TwinPolicies.Internal;
            Assert.Equal((name, policy), (name, method.Metadata.GetMetadata<IAuthorizeData>()?.Policy));
        });
    }

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await node.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }

    /// <summary>The same refusal for what is open, hidden and not there: it tells nothing.</summary>
    private async Task RefusedAsync(Metadata headers, StatusCode status)
    {
        var client = new Contracts.Registry.V1.EntityRegistry.EntityRegistryClient(channel);
        foreach (var id in (string[])[Open, Hidden, Absent])
        {
            var fault = await Assert.ThrowsAsync<RpcException>(() => client.RetrieveEntityAsync(new() { Id = id }, headers, cancellationToken: Token).ResponseAsync);
            Assert.Equal((id, status), (id, fault.StatusCode));
        }

        using var query = client.QueryEntities(new() { Type = "Park" }, headers, cancellationToken: Token);
        Assert.Equal(status, (await Assert.ThrowsAsync<RpcException>(() => query.ResponseStream.MoveNext(Token))).StatusCode);
    }

    private string Bearer(string role) =>
        "Bearer " + NodeTokens.Issue(node.Services.GetRequiredService<SigningKeys>().Active(), "ada", [role], TimeSpan.FromMinutes(5), TimeProvider.System.GetUtcNow());
}
