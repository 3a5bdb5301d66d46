using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Twin.Tests.Integration.Contexts;

/// <summary>A web site on loopback that serves documents and counts how often each is asked for.</summary>
internal sealed class DocumentSite : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _pages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _hits = new(StringComparer.Ordinal);

    private DocumentSite(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public static async Task<DocumentSite> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        var site = new DocumentSite(app);
        app.Run(site.AnswerAsync);
        await app.StartAsync();
        return site;
    }

    public string Serve(string path, string document) => Serve(path, http => http.Response.WriteAsync(document));

    public string Serve(string path, RequestDelegate page)
    {
        _pages[path] = page;
        return Url + path;
    }

    public int Hits(string path) => _hits.GetValueOrDefault(path);

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext http)
    {
        string path = http.Request.Path.Value!;
        _hits.AddOrUpdate(path, 1, static (_, n) => n + 1);
        if (_pages.TryGetValue(path, out RequestDelegate? page))
        {
            return page(http);
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
