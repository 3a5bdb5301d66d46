using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Twin.Hosting.Authentication;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>A process that holds services and no gateway knows its callers by the internal identity alone.</summary>
public sealed class ServiceBehindTheGatewayTests : IAsyncDisposable
{
    private static readonly string Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly FakeTimeProvider time = new(DateTimeOffset.Parse("2026-03-01T12:00:00Z"));
    private readonly List<WebApplication> apps = [];

    [Fact]
    public async Task A_call_around_the_gateway_is_refused_even_where_anonymous_callers_may_pass()
    {
        var app = await StartAsync();

        var answer = await app.GetAsync("/read", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_forwarded_anonymous_call_passes_as_anonymous()
    {
        var app = await StartAsync();

        var answer = await GetAsync(app, "/read", Identity().Issue(new()));

        Assert.Equal("anonymous False Parking", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_forwarded_caller_keeps_its_name_and_roles()
    {
        var app = await StartAsync();
        var planner = Identity().Issue(CallerAuthenticator.Principal("ada", [TwinRoles.Planner]));

        Assert.Equal("ada True ", await (await GetAsync(app, "/read", planner)).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(app, "/write", planner)).StatusCode);
        var @operator = Identity().Issue(CallerAuthenticator.Principal("bo", [TwinRoles.Citizen, TwinRoles.Operator]));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/write", @operator)).StatusCode);
    }

    [Fact]
    public async Task An_identity_of_another_node_and_one_that_is_too_old_are_refused()
    {
        var app = await StartAsync();
        var caller = CallerAuthenticator.Principal("ada", [TwinRoles.Administrator]);
        var foreign = Identity(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Issue(caller);
        var own = Identity().Issue(caller);

        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(app, "/read", foreign)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/read", own)).StatusCode);
        time.Advance(TimeSpan.FromSeconds(70));
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(app, "/read", own)).StatusCode);
    }

    [Fact]
    public async Task An_endpoint_that_names_no_policy_is_refused_to_everybody()
    {
        var app = await StartAsync();
        var administrator = Identity().Issue(CallerAuthenticator.Principal("ada", [TwinRoles.Administrator]));

        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(app, "/forgotten", administrator)).StatusCode);
    }

    [Fact]
    public async Task An_open_node_asks_nobody()
    {
        var app = await StartAsync(open: true);

        Assert.Equal("anonymous True ", await app.GetStringAsync("/read", TestContext.Current.CancellationToken));
        Assert.Equal("written", await app.GetStringAsync("/write", TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Without_a_configured_key_the_processes_that_share_a_data_directory_share_a_key_that_only_the_owner_reads()
    {
        var directory = Directory.CreateTempSubdirectory("twin-identity").FullName;
        try
        {
            var path = Path.Combine(directory, "identity.key");
            var first = PrivateFile.ReadOrCreate(path, () => RandomNumberGenerator.GetBytes(32));
            var second = PrivateFile.ReadOrCreate(path, () => RandomNumberGenerator.GetBytes(32));

            Assert.Equal(first, second);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(["identity.key"], Directory.EnumerateFiles(directory).Select(Path.GetFileName));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in apps)
        {
            await app.DisposeAsync();
        }
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string path, string identity)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(InternalIdentity.Header, identity);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private InternalIdentity Identity(string? key = null) => new(
        Microsoft.Extensions.Options.Options.Create(new InternalIdentityOptions { Key = key ?? Key }),
        new ConfigurationBuilder().Build(),
        time);

    private async Task<HttpClient> StartAsync(bool open = false)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Twin:Identity:Key"] = Key,
            ["Twin:OpenData:Types:0"] = "Parking",
            ["Twin:Open"] = open ? "true" : "false",
            ["urls"] = "http://127.0.0.1:0",
        });
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.AddTwinAuthorization();
        var app = builder.Build();
        apps.Add(app);
        app.UseRouting();
        app.UseTwinAuthorization();
        app.MapGet("/read", (HttpContext context) =>
        {
            var access = CallerAccess.For(context);
            return $"{context.User.Identity?.Name ?? "anonymous"} {access.Everything} {string.Join(',', access.OpenTypes)}";
        }).RequireAuthorization(TwinPolicies.ReadEntities);
        app.MapGet("/write", () => "written").RequireAuthorization(TwinPolicies.WriteEntities);
        app.MapGet("/forgotten", () => "seen");
        await app.StartAsync();
        return new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }
}
