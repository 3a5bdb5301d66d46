using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Hosting.Composition;
using Twin.Hosting.Storage;
using Twin.Telemetry;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>A whole node with its history on port 0 over a real store.</summary>
internal sealed class HistoryNode : IAsyncDisposable
{
    private static int tenants;
    private readonly RunningNode node;
    private readonly HttpClient http;
    private int disposed;

    private HistoryNode(RunningNode node)
    {
        this.node = node;
        http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = node.Http };
    }

    public IServiceProvider Services => node.Services;

    public ServiceDatabase Database => node.Services.GetRequiredKeyedService<ServiceDatabase>(TelemetryService.Name);

    public SeriesDirectory Directory => node.Services.GetRequiredService<SeriesDirectory>();

    public HttpClient Http => http;

    public Uri Grpc => node.Grpc;

    /// <summary>A tenant that nobody else uses.</summary>
    public NgsiClient Fresh() => new(http, FreshTenant());

    public NgsiClient Of(string? tenant) => new(http, tenant);

    public static string FreshTenant() => $"h{Interlocked.Increment(ref tenants)}";

    public static Task<HistoryNode> StartAsync(TestStore store, params (string Key, string Value)[] settings) => StartAsync(store, static _ => { }, settings);

    public static async Task<HistoryNode> StartAsync(TestStore store, Action<IHostApplicationBuilder> adjust, params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> all = store.Settings;
        all["Twin:Port"] = "0";
        all["Twin:Open"] = "true";
        all["Twin:Services"] = "all";
        foreach ((string key, string value) in settings)
        {
            all[key] = value;
        }

        return new HistoryNode(await TwinNode.Create(all).With<EntityRegistryService>().With<TelemetryService>().With<GatewayService>().Adjust(adjust)
            .StartAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends a body to <c>/ingest</c>.</summary>
    public async Task<Answer> IngestAsync(string body, string type = "text/csv", string? tenant = null, string query = "", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ingest" + query) { Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (tenant is not null)
        {
            request.Headers.Add("NGSILD-Tenant", tenant);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers, response.Content.Headers);
    }

    /// <summary>Asks for a path of the node itself.</summary>
    public async Task<Answer> GetAsync(string path, string? tenant = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (tenant is not null)
        {
            request.Headers.Add("NGSILD-Tenant", tenant);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers, response.Content.Headers);
    }

    /// <summary>All points of a series: time in ticks, value as text.</summary>
    public async Task<List<(long Time, string Value)>> PointsAsync(string? tenant, string entity, string attribute, string dataset = "")
    {
        var found = new List<(long, string)>();
        if (Directory.FindTenant(tenant) is not { } owner || owner.FindEntity(entity) is not { } one
            || owner.Find(one, "https://uri.etsi.org/ngsi-ld/default-context/" + attribute, dataset) is not { } series)
        {
            return found;
        }

        await foreach (var run in node.Services.GetRequiredService<SeriesReader>().ScanAsync(series, 0, long.MaxValue, TestContext.Current.CancellationToken))
        {
            for (var i = run.Start; i < run.Start + run.Length; i++)
            {
                found.Add((run.Points.Times[i], Shown(run.Points, i)));
            }
        }

        return found;
    }

    /// <summary>Seals whatever is committed.</summary>
    public Task SealAsync() => node.Services.GetRequiredService<Sealer>().SealAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            // A test has ended it itself.
            return;
        }

        http.Dispose();
        await node.StopAsync(CancellationToken.None);
        await node.DisposeAsync();
    }

    private static string Shown(Twin.Telemetry.Points.PointColumns points, int index)
    {
        var (form, bits) = (points.Forms[index], points.Bits[index]);
        if (Twin.Telemetry.Points.PointForm.IsText(form))
        {
            return System.Text.Encoding.UTF8.GetString(points.ExtraAt(index)!.Text.Span);
        }

        using var buffer = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(buffer))
        {
            Twin.Telemetry.Points.NumberText.Write(writer, form, bits);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
