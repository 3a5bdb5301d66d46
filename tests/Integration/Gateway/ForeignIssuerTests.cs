using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Twin.Hosting.Authentication;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>Tokens of a real OIDC provider, npm's oidc-provider. Skipped where there is no npm or it cannot install.</summary>
public sealed class ForeignIssuerTests(OidcProviderFolder folder) : IClassFixture<OidcProviderFolder>, IAsyncLifetime
{
    private Process? provider;
    private string? issuer;

    public async ValueTask InitializeAsync()
    {
        if (folder.Missing is not null)
        {
            return;
        }

        provider = folder.Start("node", "oidc-provider.mjs")!;
        var line = await provider.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        issuer = line?["issuer ".Length..] ?? throw new InvalidOperationException("The provider ended: " + await provider.StandardError.ReadToEndAsync());
    }

    [Fact]
    public async Task A_token_of_the_issuer_opens_what_its_mapped_roles_allow()
    {
        await using var host = await HostAsync();
        var token = await TokenAsync("urn:twin:mulhouse");

        using var seen = await host.GetAsync("/as/read-sources", token);
        Assert.True(seen.IsSuccessStatusCode, await seen.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal($"{issuer}#etl True", await seen.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var refused = await host.GetAsync("/as/write-entities", token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task A_token_for_another_audience_and_one_of_an_issuer_that_is_not_configured_are_refused()
    {
        await using var host = await HostAsync();
        await using var stranger = await GatewayHost.StartAsync();

        using var elsewhere = await host.GetAsync("/as/read-entities", await TokenAsync("urn:elsewhere"));
        using var unknown = await stranger.GetAsync("/as/read-entities", await TokenAsync("urn:twin:mulhouse"));

        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
    }

    [Fact]
    public async Task While_the_issuer_is_away_tokens_that_were_never_seen_get_503_and_not_a_refusal()
    {
        await using var host = await HostAsync();
        var token = await TokenAsync("urn:twin:mulhouse");
        provider!.Kill();
        await provider.WaitForExitAsync(TestContext.Current.CancellationToken);

        using var answer = await host.GetAsync("/as/read-sources", token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    public async ValueTask DisposeAsync()
    {
        if (provider is { HasExited: false })
        {
            provider.Kill();
            await provider.WaitForExitAsync();
        }

        provider?.Dispose();
    }

    private Task<GatewayHost> HostAsync()
    {
        Assert.SkipWhen(folder.Missing is not null, folder.Missing ?? "");
        return GatewayHost.StartAsync(settings:
        [
            ("Twin:Identity:Issuers:0:Authority", issuer!), ("Twin:Identity:Issuers:0:Audience", "urn:twin:mulhouse"), ("Twin:Identity:Issuers:0:AllowHttp", "true"),
            ("Twin:Identity:Issuers:0:RoleClaim", "realm_access.roles"), ("Twin:Identity:Issuers:0:RoleMap:Stadtplanung", TwinRoles.Planner),
        ]);
    }

    private async Task<string> TokenAsync(string audience)
    {
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", "etl"), new("client_secret", "for-tests-only"), new("resource", audience), new("scope", "api"),
        ]);
        using var answer = await client.PostAsync(issuer + "/token", form, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(text).RootElement.TryGetProperty("access_token", out var token) ? token.GetString()! : throw new InvalidOperationException(text);
    }
}

/// <summary>The provider as npm installs it, once for all tests.</summary>
public sealed class OidcProviderFolder : IAsyncLifetime
{
    private const string Version = "9.13.3";
    private readonly string directory = Directory.CreateTempSubdirectory("twin-oidc-").FullName;

    /// <summary>Why there is none, or null.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Gateway", "oidc-provider.mjs"), Path.Combine(directory, "oidc-provider.mjs"));
        using var npm = Start("npm", "install", "--no-audit", "--no-fund", "--silent", $"oidc-provider@{Version}");
        if (npm is null)
        {
            Missing = "npm is not installed";
            return;
        }

        var errors = await npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Missing = npm.ExitCode == 0 ? null : $"npm cannot install oidc-provider: {errors}";
    }

    /// <summary>Starts a program in the folder; null where it is not installed.</summary>
    public Process? Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}
