using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Twin.Hosting.Authentication;
using Twin.Hosting.Storage;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>Client credentials (RFC 6749, clause 4.4) with a secret, or with an assertion (RFC 7523).</summary>
public abstract class MachineSignsInTests(StoreKind kind)
{
    [Fact]
    public async Task A_machine_gets_a_token_for_its_secret_in_the_header_or_in_the_form_and_the_token_has_the_roles_of_the_client()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var secret = (await host.AdministerAsync(HttpMethod.Post, "/operations/clients", """{"id":"etl","authentication":"secret","roles":["operator"]}""")).GetProperty("secret").GetString()!;

        var (status, answer) = await host.ExchangeAsync(("grant_type", "client_credentials"), ("client_id", "etl"), ("client_secret", secret));
        Assert.Equal(200, status);
        Assert.Equal("Bearer", answer.GetProperty("token_type").GetString());
        using var seen = await host.GetAsync("/as/operate", answer.GetProperty("access_token").GetString());
        Assert.Equal("etl True", await seen.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var refused = await host.GetAsync("/as/administer", answer.GetProperty("access_token").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        using var basic = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
        basic.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("etl:" + secret)));
        using var again = await host.Client.SendAsync(basic, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_wrong_secret_an_unknown_client_and_a_disabled_one_get_no_token_and_a_new_secret_replaces_the_old()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var secret = (await host.AdministerAsync(HttpMethod.Post, "/operations/clients", """{"id":"etl","authentication":"secret","roles":["operator"]}""")).GetProperty("secret").GetString()!;

        Assert.Equal("invalid_client", await ErrorAsync(("client_id", "etl"), ("client_secret", secret + "x")));
        Assert.Equal("invalid_client", await ErrorAsync(("client_id", "nobody"), ("client_secret", secret)));
        var fresh = (await host.AdministerAsync(HttpMethod.Post, "/operations/clients/etl/secret")).GetProperty("secret").GetString()!;
        Assert.Equal("invalid_client", await ErrorAsync(("client_id", "etl"), ("client_secret", secret)));
        Assert.Null(await ErrorAsync(("client_id", "etl"), ("client_secret", fresh)));

        var (_, answer) = await host.ExchangeAsync(("grant_type", "client_credentials"), ("client_id", "etl"), ("client_secret", fresh));
        var token = answer.GetProperty("access_token").GetString();
        using var before = await host.GetAsync("/as/operate", token);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await host.AdministerAsync(HttpMethod.Patch, "/operations/clients/etl", """{"disabled":true}""");
        Assert.Equal("invalid_client", await ErrorAsync(("client_id", "etl"), ("client_secret", fresh)));
        using var after = await host.GetAsync("/as/operate", token);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);

        async Task<string?> ErrorAsync(params (string, string)[] credentials)
        {
            var (_, body) = await host.ExchangeAsync([("grant_type", "client_credentials"), .. credentials]);
            return body.TryGetProperty("error", out var error) ? error.GetString() : null;
        }
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task A_machine_proves_itself_with_its_private_key_once_per_assertion(string algorithm)
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var key = NewKey(algorithm);
        await AddClientAsync(host, "sensor", key);

        var assertion = Assertion(host, "sensor", key, algorithm);
        var (status, answer) = await AssertAsync(host, assertion);
        Assert.True(status == 200, answer.ToString());
        using var seen = await host.GetAsync("/as/read-sources", answer.GetProperty("access_token").GetString());
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);

        Assert.Equal("invalid_client", (await AssertAsync(host, assertion)).Body.GetProperty("error").GetString());
        Assert.Equal(200, (await AssertAsync(host, Assertion(host, "sensor", key, algorithm))).Status);
    }

    [Fact]
    public async Task An_assertion_with_another_key_for_another_server_expired_or_beside_a_secret_proves_nothing()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var key = NewKey("ES256");
        await AddClientAsync(host, "sensor", key);
        var secret = (await host.AdministerAsync(HttpMethod.Post, "/operations/clients", """{"id":"etl","authentication":"secret","roles":["operator"]}""")).GetProperty("secret").GetString()!;

        Assert.NotEqual(200, (await AssertAsync(host, Assertion(host, "sensor", NewKey("ES256"), "ES256"))).Status);
        Assert.NotEqual(200, (await AssertAsync(host, Assertion(host, "sensor", key, "ES256", audience: "https://other.example.org/"))).Status);
        Assert.NotEqual(200, (await AssertAsync(host, Assertion(host, "sensor", key, "ES256", age: TimeSpan.FromHours(1)))).Status);
        Assert.NotEqual(200, (await host.ExchangeAsync(("grant_type", "client_credentials"), ("client_id", "sensor"), ("client_secret", secret))).Status);
        // A key set that is public is no shared secret: HMAC with it must not pass.
        var confused = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(KeySet(key))) { KeyId = key.KeyId };
        Assert.NotEqual(200, (await AssertAsync(host, Assertion(host, "sensor", confused, "HS256"))).Status);
    }

    private static SecurityKey NewKey(string algorithm) => algorithm == "RS256"
        ? new RsaSecurityKey(RSA.Create(2048)) { KeyId = "k1" }
        : new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = Guid.NewGuid().ToString() };

    private static string KeySet(SecurityKey key)
    {
        var jwk = JsonWebKeyConverter.ConvertFromSecurityKey(key);
        Dictionary<string, string> members = jwk.Kty == "RSA"
            ? new() { ["kty"] = "RSA", ["kid"] = key.KeyId, ["n"] = jwk.N, ["e"] = jwk.E }
            : new() { ["kty"] = "EC", ["kid"] = key.KeyId, ["crv"] = jwk.Crv, ["x"] = jwk.X, ["y"] = jwk.Y };
        return $$"""{"keys":[{{JsonSerializer.Serialize(members)}}]}""";
    }

    private static Task<JsonElement> AddClientAsync(GatewayHost host, string id, SecurityKey key) => host.AdministerAsync(
        HttpMethod.Post, "/operations/clients", $$"""{"id":"{{id}}","authentication":"private_key_jwt","roles":["peer"],"jwks":{{KeySet(key)}}}""");

    private static string Assertion(GatewayHost host, string client, SecurityKey key, string algorithm, string? audience = null, TimeSpan age = default)
    {
        var now = DateTime.UtcNow - age;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = client,
            Audience = audience ?? host.Address.AbsoluteUri,
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(2),
            TokenType = "client-authentication+jwt",
            Claims = new Dictionary<string, object> { ["sub"] = client, ["jti"] = Guid.NewGuid().ToString() },
            SigningCredentials = new SigningCredentials(key, algorithm),
        });
    }

    private static Task<(int Status, JsonElement Body)> AssertAsync(GatewayHost host, string assertion) => host.ExchangeAsync(
        ("grant_type", "client_credentials"), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", assertion));
}

public sealed class MachineSignsInOnSqliteTests() : MachineSignsInTests(StoreKind.Sqlite)
{
    // Refused before any table is asked: one store is enough.
    [Theory]
    [InlineData("""{"id":"x","authentication":"private_key_jwt"}""", "$.jwks")]
    [InlineData("""{"id":"x","authentication":"secret","roles":["service"]}""", "$.roles[0]")]
    [InlineData("""{"id":"x","authentication":"none","roles":["operator"]}""", "$.roles")]
    [InlineData("""{"id":"x","authentication":"secret","redirectUris":["http://example.org/"]}""", "$.redirectUris[0]")]
    [InlineData("""{"id":"x","authentication":"secret","redirectUris":["https://example.org/#f"]}""", "$.redirectUris[0]")]
    [InlineData("""{"id":"x y","authentication":"secret"}""", "$.id")]
    [InlineData("""{"id":"x","authentication":"password"}""", "$.authentication")]
    [InlineData("""{"id":"x","authentication":"private_key_jwt","jwks":{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}}""", "$.jwks")]
    [InlineData("""{"id":"x","authentication":"secret","unknown":1}""", "$.unknown")]
    [InlineData("""{"id":"x","id":"y","authentication":"secret"}""", "$.id")]
    [InlineData("""{"id":"x","authentication":""", "$.authentication")]
    public async Task A_client_that_cannot_be_is_refused_with_the_member_at_fault(string body, string member)
    {
        await using var host = await GatewayHost.StartAsync();

        using var answer = await host.SendAsync(HttpMethod.Post, "/operations/clients", host.Token(TwinRoles.Administrator), body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(member, (await GatewayHost.JsonAsync(answer)).GetProperty("member").GetString());
        Assert.Empty((await host.AdministerAsync(HttpMethod.Get, "/operations/clients")).GetProperty("items").EnumerateArray());
    }
}

public sealed class MachineSignsInOnPostgresTests() : MachineSignsInTests(StoreKind.PostgreSql);
