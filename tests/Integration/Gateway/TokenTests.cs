using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>What opens which door, and what does not.</summary>
public sealed class TokenTests
{
    [Theory]
    [InlineData(TwinRoles.Administrator, "anyone read-entities write-entities read-sources manage-sources manage-contexts operate administer")]
    [InlineData(TwinRoles.Operator, "anyone read-entities write-entities read-sources manage-sources manage-contexts operate")]
    [InlineData(TwinRoles.Planner, "anyone read-entities read-sources")]
    [InlineData(TwinRoles.Peer, "anyone read-entities read-sources")]
    [InlineData(TwinRoles.Provider, "anyone read-entities")]
    [InlineData(TwinRoles.Citizen, "anyone read-entities")]
    [InlineData(null, "anyone read-entities")]
    public async Task Each_role_opens_its_doors_and_no_other(string? role, string doors)
    {
        await using var host = await GatewayHost.StartAsync();
        var token = role is null ? null : host.Token(role);
        var open = new List<string>();
        foreach (var policy in PolicyEndpoints.Policies)
        {
            using var answer = await host.GetAsync("/as/" + policy, token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                open.Add(policy);
            }
            else
            {
                Assert.Equal(role is null ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden, answer.StatusCode);
                Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            }
        }

        Assert.Equal(doors.Split(' '), open);
        using var unnamed = await host.GetAsync("/as/nothing", host.Token(TwinRoles.Administrator));
        Assert.Equal(HttpStatusCode.Forbidden, unnamed.StatusCode);
    }

    [Fact]
    public async Task Every_endpoint_of_a_whole_node_names_a_policy_that_there_is()
    {
        var data = Directory.CreateTempSubdirectory("twin-policies").FullName;
        await using (var node = await TwinNode.Create(new Dictionary<string, string?> { ["Twin:DataDirectory"] = data, ["Twin:Port"] = "0", ["Twin:Address"] = "127.0.0.1" })
            .With<Twin.EntityRegistry.EntityRegistryService>().With<Twin.Gateway.GatewayService>().StartAsync(TestContext.Current.CancellationToken))
        {
            var endpoints = node.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).ToList();

            Assert.NotEmpty(endpoints);
            Assert.All(endpoints, endpoint => Assert.True(
                endpoint.Metadata.GetMetadata<IAuthorizeData>()?.Policy is { } policy && PolicyEndpoints.Policies.Contains(policy) && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null,
                $"{endpoint.DisplayName} names no policy of TwinPolicies"));
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_forged_token_is_refused_even_where_anonymous_callers_may_pass()
    {
        await using var host = await GatewayHost.StartAsync();
        var good = host.Token(TwinRoles.Administrator);
        var own = new SigningKeys(SigningKeys.DirectoryIn(host.Data), TimeProvider.System, TimeSpan.FromDays(90)).Active();
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parts = good.Split('.');
        var none = Base64UrlEncoder.Encode("""{"alg":"none","typ":"at+jwt"}""") + "." + parts[1] + ".";

        await RefusedAsync(parts[0] + "." + parts[1] + "." + Base64UrlEncoder.Encode(new byte[64]));
        await RefusedAsync(none);
        await RefusedAsync("not-a-token");
        await RefusedAsync(new string('a', 9000));
        await RefusedAsync(Sign(new ECDsaSecurityKey(foreign) { KeyId = own.Id }));
        await RefusedAsync(Sign(own.Key, audience: "urn:other"));
        await RefusedAsync(Sign(own.Key, type: "JWT"));
        await RefusedAsync(Sign(own.Key, age: TimeSpan.FromHours(2)));
        await RefusedAsync(Sign(own.Key, age: TimeSpan.FromHours(-2)));
        using var accepted = await host.GetAsync("/as/read-entities", Sign(own.Key));
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        using var service = await host.GetAsync("/as/internal", Sign(own.Key, role: TwinRoles.Service));
        Assert.Equal(HttpStatusCode.Forbidden, service.StatusCode);

        async Task RefusedAsync(string token)
        {
            using var answer = await host.GetAsync("/as/read-entities", token);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Contains("invalid_token", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        static string Sign(SecurityKey key, string audience = NodeTokens.Audience, string type = "at+jwt", TimeSpan age = default, string role = TwinRoles.Operator)
        {
            var now = DateTime.UtcNow - age;
            return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                Issuer = "urn:test",
                Audience = audience,
                IssuedAt = now,
                NotBefore = now,
                Expires = now.AddHours(1),
                TokenType = type,
                Claims = new Dictionary<string, object> { ["sub"] = "x", ["role"] = new[] { role } },
                SigningCredentials = new SigningCredentials(key, "ES256"),
            });
        }
    }

    [Fact]
    public async Task A_token_ends_with_its_time_though_it_was_cached()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-01T12:00:00Z"));
        await using var host = await GatewayHost.StartAsync(time);
        var token = host.Token(TwinRoles.Operator);

        using var before = await host.GetAsync("/as/operate", token);
        time.Advance(TimeSpan.FromMinutes(59));
        using var late = await host.GetAsync("/as/operate", token);
        time.Advance(TimeSpan.FromMinutes(2));
        using var after = await host.GetAsync("/as/operate", token);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized],
            [before.StatusCode, late.StatusCode, after.StatusCode]);
    }

    [Fact]
    public async Task After_a_rotation_new_tokens_carry_the_new_key_and_old_ones_hold_until_their_keys_are_revoked()
    {
        await using var host = await GatewayHost.StartAsync();
        var old = host.Token(TwinRoles.Administrator);
        var before = await KeysAsync();

        using var rotated = await host.SendAsync(HttpMethod.Post, "/operations/keys/rotation", old, "{}");
        Assert.Equal(HttpStatusCode.OK, rotated.StatusCode);
        var after = await KeysAsync();
        var fresh = host.Token(TwinRoles.Administrator);

        Assert.Single(before);
        Assert.Equal(2, after.Length);
        Assert.Equal(before[0], after[1]);
        Assert.Equal(after[0], new JsonWebToken(fresh).Kid);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/as/administer", old)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/as/administer", fresh)).StatusCode);

        using var revoked = await host.SendAsync(HttpMethod.Post, "/operations/keys/rotation", fresh, """{"revokePrevious":true}""");
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/as/administer", old)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/as/administer", fresh)).StatusCode);
        Assert.Single(await KeysAsync());

        async Task<string[]> KeysAsync() =>
        [
            .. (await GatewayHost.JsonAsync(await host.GetAsync("/.well-known/jwks"))).GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!),
        ];
    }

    [Fact]
    public void A_key_that_grows_old_is_followed_by_another_and_goes_when_no_token_of_it_can_hold()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-01-01T00:00:00Z"));
        var directory = Directory.CreateTempSubdirectory("twin-keys").FullName;
        using var keys = new SigningKeys(directory, time, TimeSpan.FromDays(90));
        var first = keys.Active();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(first.File));

        time.Advance(TimeSpan.FromDays(91));
        var second = keys.Active();
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal([second.Id, first.Id], keys.Published().Select(key => key.Id));
        time.Advance(SigningKeys.LongestTokenLifetime + TimeSpan.FromMinutes(1));
        Assert.Equal([second.Id], keys.Published().Select(key => key.Id));
        Assert.False(File.Exists(first.File));
        Directory.Delete(directory, recursive: true);
    }
}
