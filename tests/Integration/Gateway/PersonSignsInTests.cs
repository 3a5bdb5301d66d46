using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Web;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Twin.Hosting.Authentication;
using Twin.Hosting.Storage;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>A browser, step by step: authorization code with PKCE (RFC 7636) at the built-in issuer.</summary>
public abstract partial class PersonSignsInTests(StoreKind kind)
{
    private const string Back = "https://app.example.org/back";
    private static readonly string Verifier = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
    private static readonly string Challenge = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    [Fact]
    public async Task A_person_signs_in_with_a_password_and_the_application_gets_a_token_with_the_roles_of_the_account()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var password = await AddAccountAsync(host, "Ada", TwinRoles.Operator);
        await AddClientAsync(host);

        var browser = new Browser(host);
        var code = await browser.SignInAsync(AuthorizeAt("openid profile roles"), "ada", password);
        var (status, answer) = await RedeemAsync(host, code);

        Assert.Equal(200, status);
        var access = answer.GetProperty("access_token").GetString()!;
        using var seen = await host.GetAsync("/as/write-entities", access);
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        using var hidden = await host.GetAsync("/as/administer", access);
        Assert.Equal(HttpStatusCode.Forbidden, hidden.StatusCode);
        var identity = new JsonWebToken(answer.GetProperty("id_token").GetString()!);
        Assert.Equal("ada", identity.GetClaim("name").Value);
        Assert.Equal("n-1", identity.GetClaim("nonce").Value);
        Assert.Equal("app", identity.Audiences.Single());
        // An identity token says who signed in; it opens nothing.
        using var refused = await host.GetAsync("/as/read-entities", identity.EncodedToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task The_tokens_are_signed_with_a_key_that_the_discovery_document_leads_to()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var password = await AddAccountAsync(host, "ada", TwinRoles.Planner);
        await AddClientAsync(host);
        var (_, answer) = await RedeemAsync(host, await new Browser(host).SignInAsync(AuthorizeAt("openid"), "ada", password));

        var discovery = await GatewayHost.JsonAsync(await host.GetAsync("/.well-known/openid-configuration"));
        var keys = await host.Client.GetStringAsync(new Uri(discovery.GetProperty("jwks_uri").GetString()!), TestContext.Current.CancellationToken);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(answer.GetProperty("access_token").GetString()!, new TokenValidationParameters
        {
            ValidIssuer = discovery.GetProperty("issuer").GetString(),
            ValidAudience = "urn:twin:api",
            ValidTypes = ["at+jwt"],
            ValidAlgorithms = ["ES256"],
            IssuerSigningKeys = new JsonWebKeySet(keys).GetSigningKeys(),
        });

        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.DoesNotContain("\"d\"", keys, StringComparison.Ordinal);
        Assert.Equal(["S256"], discovery.GetProperty("code_challenge_methods_supported").EnumerateArray().Select(method => method.GetString()));
    }

    [Fact]
    public async Task A_code_is_good_once_and_only_with_the_verifier_that_it_was_asked_with()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var password = await AddAccountAsync(host, "ada", TwinRoles.Planner);
        await AddClientAsync(host);
        var browser = new Browser(host);
        var code = await browser.SignInAsync(AuthorizeAt("openid"), "ada", password);

        Assert.Equal("invalid_grant", (await RedeemAsync(host, code, "another-verifier-of-the-right-length-0123456789")).Body.GetProperty("error").GetString());
        Assert.Equal(200, (await RedeemAsync(host, code)).Status);
        Assert.Equal("invalid_grant", (await RedeemAsync(host, code)).Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task The_form_is_refused_without_its_antiforgery_token_and_returns_nowhere_else()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var password = await AddAccountAsync(host, "ada", TwinRoles.Planner);
        await AddClientAsync(host);
        var browser = new Browser(host);
        var page = await browser.OpenFormAsync(AuthorizeAt("openid"));

        using var forged = await browser.PostAsync(page with { Token = "forged" }, "ada", password);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        using var redirector = await browser.PostAsync(page with { Return = "https://elsewhere.example.org/" }, "ada", password);
        Assert.Equal(HttpStatusCode.BadRequest, redirector.StatusCode);
        Assert.Null(redirector.Headers.Location);
    }

    [Fact]
    public async Task Failures_in_a_row_lock_the_account_for_a_while_and_a_reset_lifts_the_lock()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await GatewayHost.StartAsync(time, kind: kind, settings: [("Twin:Identity:LockAfterFailures", "3"), ("Twin:Identity:LockMinutes", "15")]);
        var password = await AddAccountAsync(host, "ada", TwinRoles.Planner);
        await AddClientAsync(host);
        var browser = new Browser(host);
        var page = await browser.OpenFormAsync(AuthorizeAt("openid"));
        for (var i = 0; i < 3; i++)
        {
            using var wrong = await browser.PostAsync(page, "ada", "wrong");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var locked = await browser.PostAsync(page, "ada", password);
        Assert.Equal(HttpStatusCode.Unauthorized, locked.StatusCode);
        time.Advance(TimeSpan.FromMinutes(16));
        using var open = await browser.PostAsync(page, "ada", password);
        Assert.Equal(HttpStatusCode.Redirect, open.StatusCode);

        browser = new Browser(host);
        page = await browser.OpenFormAsync(AuthorizeAt("openid"));
        for (var i = 0; i < 3; i++)
        {
            using var wrong = await browser.PostAsync(page, "ada", "wrong");
        }

        var account = await FindAccountAsync(host, "ada");
        Assert.True(account.GetProperty("locked").GetBoolean());
        var fresh = (await host.AdministerAsync(HttpMethod.Post, $"/operations/accounts/{account.GetProperty("id").GetString()}/password")).GetProperty("secret").GetString()!;
        using var former = await browser.PostAsync(page, "ada", password);
        Assert.Equal(HttpStatusCode.Unauthorized, former.StatusCode);
        using var after = await browser.PostAsync(page, "ada", fresh);
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task A_disabled_account_loses_its_session_and_its_tokens_at_once()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        var password = await AddAccountAsync(host, "ada", TwinRoles.Operator);
        await AddClientAsync(host);
        var browser = new Browser(host);
        var (_, answer) = await RedeemAsync(host, await browser.SignInAsync(AuthorizeAt("openid"), "ada", password));
        var access = answer.GetProperty("access_token").GetString()!;
        using var before = await host.GetAsync("/as/write-entities", access);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        var id = (await FindAccountAsync(host, "ada")).GetProperty("id").GetString();
        await host.AdministerAsync(HttpMethod.Patch, $"/operations/accounts/{id}", """{"disabled":true}""");

        using var after = await host.GetAsync("/as/write-entities", access);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        using var again = await browser.GetAsync(AuthorizeAt("openid"));
        Assert.StartsWith("/connect/sign-in", again.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_start_makes_an_administrator_whose_password_lies_in_a_file_for_the_owner_alone()
    {
        await using var host = await GatewayHost.StartAsync(kind: kind);
        await AddClientAsync(host);
        var file = Path.Combine(host.Data, "administrator.txt");
        var password = File.ReadAllLines(file).Single(line => line.StartsWith("password: ", StringComparison.Ordinal))["password: ".Length..];

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var (_, answer) = await RedeemAsync(host, await new Browser(host).SignInAsync(AuthorizeAt("openid"), "administrator", password));
        using var seen = await host.GetAsync("/as/administer", answer.GetProperty("access_token").GetString());
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
    }

    private protected static string AuthorizeAt(string scope) =>
        $"/connect/authorize?response_type=code&client_id=app&redirect_uri={Uri.EscapeDataString(Back)}&scope={Uri.EscapeDataString(scope)}&state=s-1&nonce=n-1&code_challenge={Challenge}&code_challenge_method=S256";

    private static Task<(int Status, JsonElement Body)> RedeemAsync(GatewayHost host, string code, string? verifier = null) => host.ExchangeAsync(
        ("grant_type", "authorization_code"), ("client_id", "app"), ("redirect_uri", Back), ("code", code), ("code_verifier", verifier ?? Verifier));

    private static async Task<string> AddAccountAsync(GatewayHost host, string name, string role) =>
        (await host.AdministerAsync(HttpMethod.Post, "/operations/accounts", $$"""{"name":"{{name}}","roles":["{{role}}"]}""")).GetProperty("password").GetString()!;

    private protected static Task<JsonElement> AddClientAsync(GatewayHost host) =>
        host.AdministerAsync(HttpMethod.Post, "/operations/clients", $$"""{"id":"app","authentication":"none","redirectUris":["{{Back}}"]}""");

    private static async Task<JsonElement> FindAccountAsync(GatewayHost host, string name) =>
        (await host.AdministerAsync(HttpMethod.Get, "/operations/accounts")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("name").GetString() == name);

    private protected sealed record Form(string TokenName, string Token, string Return);

    private protected sealed partial class Browser(GatewayHost host)
    {
        private readonly Dictionary<string, string> cookies = new(StringComparer.Ordinal);

        public string Html { get; private set; } = "";

        public string Policy { get; private set; } = "";

        public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

        /// <summary>From the application to the form.</summary>
        public async Task<Form> OpenFormAsync(string authorize)
        {
            using var start = await GetAsync(authorize);
            Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
            using var page = await GetAsync(start.Headers.Location!.OriginalString);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Policy = page.Headers.GetValues("Content-Security-Policy").Single();
            var hidden = Hidden.Matches(Html);
            return new Form(hidden[0].Groups[1].Value, HttpUtility.HtmlDecode(hidden[0].Groups[2].Value), HttpUtility.HtmlDecode(hidden[1].Groups[2].Value));
        }

        public Task<HttpResponseMessage> PostAsync(Form form, string name, string password) => SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/sign-in")
        {
            Content = new FormUrlEncodedContent([new(form.TokenName, form.Token), new("return", form.Return), new("name", name), new("password", password)]),
        });

        /// <summary>All the way back to the application; the code that it gets.</summary>
        public async Task<string> SignInAsync(string authorize, string name, string password)
        {
            var form = await OpenFormAsync(authorize);
            using var signedIn = await PostAsync(form, name, password);
            Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
            using var back = await GetAsync(signedIn.Headers.Location!.OriginalString);
            Assert.Equal(HttpStatusCode.Redirect, back.StatusCode);
            Assert.StartsWith(Back + "?", back.Headers.Location!.OriginalString, StringComparison.Ordinal);
            var query = HttpUtility.ParseQueryString(back.Headers.Location.Query);
            Assert.Equal("s-1", query["state"]);
            return query["code"]!;
        }

        private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
        {
            if (cookies.Count > 0)
            {
                request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            }

            var answer = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            {
                Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
                var pair = cookie.Split(';')[0].Split('=', 2);
                cookies[pair[0]] = pair[1];
            }

            return answer;
        }

        [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
        private static partial Regex Hidden { get; }
    }
}

public sealed class PersonSignsInOnSqliteTests() : PersonSignsInTests(StoreKind.Sqlite)
{
    // What changes nothing in a table: one store is enough.
    [Theory]
    [InlineData("redirect_uri", "https://elsewhere.example.org/back")]
    [InlineData("client_id", "nobody")]
    [InlineData("code_challenge", null)]
    [InlineData("code_challenge_method", "plain")]
    [InlineData("response_type", "token")]
    public async Task A_request_that_is_not_in_order_leads_to_no_form(string parameter, string? value)
    {
        await using var host = await GatewayHost.StartAsync();
        await AddClientAsync(host);
        var uri = new UriBuilder(new Uri(host.Address, AuthorizeAt("openid")));
        var query = HttpUtility.ParseQueryString(uri.Query);
        query.Remove(parameter);
        if (value is not null)
        {
            query[parameter] = value;
        }

        using var answer = await host.GetAsync($"/connect/authorize?{query}");

        Assert.DoesNotContain("/connect/sign-in", answer.Headers.Location?.OriginalString ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain("code=", answer.Headers.Location?.Query ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere", answer.Headers.Location?.OriginalString ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/connect/token", "application/x-www-form-urlencoded", "grant_type=%00")]
    [InlineData("/connect/authorize", "application/x-www-form-urlencoded", "client_id=%00")]
    [InlineData("/connect/sign-in", "application/x-www-form-urlencoded", "name=%00")]
    [InlineData("/connect/sign-in", "multipart/form-data", "name=ada")]
    public async Task A_form_that_cannot_be_read_is_the_senders_fault(string path, string type, string form)
    {
        await using var host = await GatewayHost.StartAsync();
        using var body = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(form));
        body.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await host.Client.PostAsync(path, body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task The_page_loads_nothing_and_is_labelled()
    {
        await using var host = await GatewayHost.StartAsync();
        await AddClientAsync(host);
        var browser = new Browser(host);
        await browser.OpenFormAsync(AuthorizeAt("openid"));

        Assert.Contains("default-src 'none'", browser.Policy, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", browser.Html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", browser.Html, StringComparison.Ordinal);
        Assert.Contains("<label for=\"name\">", browser.Html, StringComparison.Ordinal);
        Assert.Contains("<label for=\"password\">", browser.Html, StringComparison.Ordinal);
    }
}

public sealed class PersonSignsInOnPostgresTests() : PersonSignsInTests(StoreKind.PostgreSql);
