using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Twin.Gateway;
using Twin.Gateway.SignIn;
using Twin.Hosting;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>A node with the gateway, a data directory of its own and one endpoint for each policy, over real HTTP.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly Dictionary<string, string?> settings;
    private readonly TimeProvider time;
    private readonly RunningNode node;

    private GatewayHost(Dictionary<string, string?> settings, TimeProvider time, RunningNode node)
    {
        this.settings = settings;
        this.time = time;
        this.node = node;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
    }

    public string Data => node.Process.DataDirectory;

    public Uri Address => node.Http;

    /// <summary>Follows no redirect and keeps no cookie: what comes back is what was sent.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => node.Services;

    public static async Task<GatewayHost> StartAsync(
        TimeProvider? time = null, StoreKind kind = StoreKind.Sqlite, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Twin:DataDirectory"] = Directory.CreateTempSubdirectory("twin-gateway-").FullName,
            ["Twin:Port"] = "0",
            ["Twin:Address"] = "127.0.0.1",
            ["Twin:Services"] = "gateway,policies",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        if (kind == StoreKind.PostgreSql)
        {
            all["Twin:Storage:Kind"] = "postgresql";
            all["Twin:Storage:PostgreSql:ConnectionString"] = await PostgresServer.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        }

        all.TryAdd("Twin:Services:Addresses:entity-registry", "http://127.0.0.1:9");
        return await StartAsync(all, time ?? TimeProvider.System);
    }

    /// <summary>Stops, and starts again on the same data directory and database.</summary>
    public async Task<GatewayHost> RestartAsync()
    {
        await StopAsync();
        return await StartAsync(settings, time);
    }

    private static async Task<GatewayHost> StartAsync(Dictionary<string, string?> settings, TimeProvider time)
    {
        try
        {
            return new GatewayHost(settings, time, await TwinNode.Create(settings).With<PolicyEndpoints>().With<GatewayService>()
                .Adjust(builder => builder.Services.AddSingleton(time))
                .StartAsync(TestContext.Current.CancellationToken));
        }
        catch
        {
            Directory.Delete(settings["Twin:DataDirectory"]!, recursive: true);
            throw;
        }
    }

    /// <summary>A token as <c>twin token</c> prints it, by the clock of the node.</summary>
    public string Token(string role)
    {
        using var keys = new SigningKeys(SigningKeys.DirectoryIn(Data), time, TimeSpan.FromDays(90));
        return NodeTokens.Issue(keys.Active(), "command-line", [role], TimeSpan.FromHours(1), time.GetUtcNow());
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token = null, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token);

    public async Task<JsonElement> AdministerAsync(HttpMethod method, string path, string? json = null)
    {
        using var answer = await SendAsync(method, path, Token(TwinRoles.Administrator), json);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Asks the token endpoint.</summary>
    public async Task<(int Status, JsonElement Body)> ExchangeAsync(params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await Client.PostAsync("/connect/token", content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

    public async ValueTask DisposeAsync()
    {
        var data = Data;
        await StopAsync();
        Directory.Delete(data, recursive: true);
    }

    private async Task StopAsync()
    {
        Client.Dispose();
        await node.DisposeAsync();
    }
}

/// <summary>A service with one endpoint for each policy, which tells whom it sees.</summary>
internal sealed class PolicyEndpoints : ITwinService
{
    public static string[] Policies { get; } =
    [
        TwinPolicies.Anyone, TwinPolicies.ReadEntities, TwinPolicies.WriteEntities, TwinPolicies.ReadSources, TwinPolicies.ManageSources,
        TwinPolicies.ManageContexts, TwinPolicies.Operate, TwinPolicies.Administer, TwinPolicies.Internal,
    ];

    public static string Name => "policies";

    public static void Add(IHostApplicationBuilder builder)
    {
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var policy in Policies)
        {
            routes.MapGet("/as/" + policy, (HttpContext context) => $"{context.User.Identity?.Name ?? "anonymous"} {CallerAccess.For(context).Everything}").RequireAuthorization(policy);
        }

        routes.MapGet("/as/nothing", () => "seen");
    }
}
