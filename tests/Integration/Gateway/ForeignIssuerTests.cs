using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Twin.Hosting.Authentication;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>Tokens of a real OIDC provider, npm's oidc-provider. Skipped where there is no npm or it cannot install.</summary>
public sealed class ForeignIssuerTests : IAsyncLifetime
{
    private const string Version = "9.13.3";
    private readonly string directory = Directory.CreateTempSubdirectory("twin-oidc").FullName;
    private Process? provider;
    private string? issuer;
    private string reason = "npm is not installed";

    public async ValueTask InitializeAsync()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Gateway", "oidc-provider.mjs"), Path.Combine(directory, "oidc-provider.mjs"));
        if (await RunAsync("npm", "install", "--no-audit", "--no-fund", "--silent", $"oidc-provider@{Version}") != 0)
        {
            return;
        }

        provider = Start("node", "oidc-provider.mjs");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var line = await provider!.StandardOutput.ReadLineAsync(patience.Token);
        issuer = line?["issuer ".Length..];
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
        Directory.Delete(directory, recursive: true);
    }

    private Task<GatewayHost> HostAsync()
    {
        Assert.SkipWhen(issuer is null, reason);
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

    private async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        if (process is null)
        {
            return -1;
        }

        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        reason = $"npm cannot install oidc-provider: {errors}";
        return process.ExitCode;
    }

    private Process? Start(string program, params string[] arguments)
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
}
