using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Hosting.Composition;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>A node on port 0 over a real store: open and with the entity registry alone, unless a test sets it otherwise.</summary>
internal sealed class RegistryNode : IAsyncDisposable
{
    private static int tenants;
    private readonly RunningNode node;
    private readonly HttpClient http;

    private RegistryNode(RunningNode node)
    {
        this.node = node;
        http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = node.Http };
    }

    public Uri Address => node.Http;

    public IServiceProvider Services => node.Services;

    public ServiceDatabase Database => node.Services.GetRequiredKeyedService<ServiceDatabase>(EntityRegistryService.Name);

    /// <summary>The default tenant.</summary>
    public NgsiClient Client => new(http, null);

    /// <summary>A tenant that nobody else uses: each test has entities of its own on a node that many share.</summary>
    public NgsiClient Fresh() => new(http, $"t{Interlocked.Increment(ref tenants)}");

    public NgsiClient Of(string? tenant) => new(http, tenant);

    public static async Task<RegistryNode> StartAsync(
        TestStore store,
        TimeProvider? clock = null,
        Action<IHostApplicationBuilder>? adjust = null,
        params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> all = store.Settings;
        all["Twin:Port"] = "0";
        all["Twin:Open"] = "true";
        all["Twin:Services"] = EntityRegistryService.Name;
        foreach ((string key, string value) in settings)
        {
            all[key] = value;
        }

        TwinNode composition = TwinNode.Create(all).With<EntityRegistryService>().With<GatewayService>().Adjust(builder =>
        {
            if (clock is not null)
            {
                builder.Services.AddSingleton(clock);
            }

            adjust?.Invoke(builder);
        });
        return new RegistryNode(await composition.StartAsync(TestContext.Current.CancellationToken));
    }

    public async Task ExecuteAsync(string sql)
    {
        using WriteTurn turn = await Database.TakeWriteTurnAsync(TestContext.Current.CancellationToken);
        await using var connection = await Database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await node.StopAsync(CancellationToken.None);
        await node.DisposeAsync();
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders Content)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? this[string header] => Headers.TryGetValues(header, out IEnumerable<string>? values) ? string.Join(", ", values) : null;

    /// <summary>The last word of a problem's type, such as BadRequestData.</summary>
    public string? Problem => Text.Length == 0 ? null : ((string?)Json["type"])?.Split('/')[^1];

    /// <summary>The member at fault that a problem names.</summary>
    public string? Member => (string?)Json["member"];

    public Answer Is(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{(int)Status} instead of {(int)status}: {Text}");
        return this;
    }

    public Answer Refuses(HttpStatusCode status, string problem)
    {
        Is(status);
        Assert.Equal(problem, Problem);
        Assert.Equal("application/problem+json", Content.ContentType?.MediaType);
        Assert.Equal((int)status, (int)Json["status"]!);
        return this;
    }

    /// <summary>The ids of a list of entities.</summary>
    public string[] Ids => [.. Json.AsArray().Select(e => (string)e!["id"]!)];
}

/// <summary>Speaks NGSI-LD to a node for one tenant.</summary>
internal sealed class NgsiClient(HttpClient http, string? tenant)
{
    public const string Api = "/ngsi-ld/v1";

    public string? Tenant => tenant;

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, null, headers);

    public Task<Answer> PostAsync(string path, string body, string type = "application/json") => SendAsync(HttpMethod.Post, path, body, type);

    public Task<Answer> PutAsync(string path, string body, string type = "application/json") => SendAsync(HttpMethod.Put, path, body, type);

    public Task<Answer> PatchAsync(string path, string body, string type = "application/json") => SendAsync(HttpMethod.Patch, path, body, type);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null, null);

    public async Task CreateAsync(string entity) => (await PostAsync("/entities", entity)).Is(HttpStatusCode.Created);

    /// <summary>The entity, normalized with system attributes.</summary>
    public async Task<JsonNode> EntityAsync(string id) => (await GetAsync($"/entities/{id}?options=sysAttrs")).Is(HttpStatusCode.OK).Json;

    /// <summary>The entity in normalized form, as text.</summary>
    public async Task<string> TextAsync(string id) => (await GetAsync($"/entities/{id}")).Is(HttpStatusCode.OK).Text;

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, string? type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith(Api, StringComparison.Ordinal) ? path : Api + path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (tenant is not null)
        {
            request.Headers.Add("NGSILD-Tenant", tenant);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (type is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }
        }

        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, text, response.Headers, response.Content.Headers);
    }
}
