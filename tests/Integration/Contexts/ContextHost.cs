using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Contexts;
using Twin.Hosting.Authentication;
using Twin.Hosting.Storage;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.Tests.Support;

namespace Twin.Tests.Integration.Contexts;

/// <summary>
/// The @context endpoints over a real store and real HTTP, with one more: <c>POST /use?term=T</c> resolves the request's
/// @context as an entity operation does, and answers what it makes of a term.
/// </summary>
internal sealed class ContextHost : IAsyncDisposable
{
    public const string Contexts = "/ngsi-ld/v1/jsonldContexts";

    private readonly WebApplication _app;

    private ContextHost(WebApplication app, HttpClient client)
    {
        _app = app;
        Client = client;
    }

    public HttpClient Client { get; }

    public string Url => _app.Urls.Single();

    public IServiceProvider Services => _app.Services;

    public static async Task<ContextHost> StartAsync(TestStore store, Action<Dictionary<string, string?>>? settings = null, TimeProvider? time = null)
    {
        Dictionary<string, string?> configuration = store.Settings;
        configuration["Twin:Open"] = "true";
        settings?.Invoke(configuration);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(configuration);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.AddTwinAuthorization();
        builder.AddServiceDatabase(EntityRegistryService.Name, typeof(EntityRegistryService).Assembly);
        builder.AddContexts(EntityRegistryService.Name);
        WebApplication app = builder.Build();
        app.UseTwinAuthorization();
        ContextEndpoints.Map(app.MapGroup("/ngsi-ld/v1"), app.Services.GetRequiredService<ContextStore>(), Guard);
        app.MapPost("/use", Guard(UseAsync));
        await app.StartAsync();
        return new ContextHost(app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });
    }

    /// <summary>Uses a @context by Link header.</summary>
    public Task<HttpResponseMessage> UseLinkAsync(string url, string term = "T1", string? tenant = null) =>
        SendAsync(HttpMethod.Post, $"/use?term={term}", null, tenant, ("Link", $"<{url}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\""));

    /// <summary>Uses an inline @context.</summary>
    public Task<HttpResponseMessage> UseInlineAsync(string contextJson, string term = "T1", string? tenant = null) =>
        SendAsync(HttpMethod.Post, $"/use?term={term}", contextJson, tenant);

    public Task<HttpResponseMessage> HostAsync(string body, string? tenant = null) => SendAsync(HttpMethod.Post, Contexts, body, tenant);

    public async Task<JsonNode?> GetAsync(string path, string? tenant = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, null, tenant);
        Xunit.Assert.Equal(expected, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync());
    }

    public Task<JsonNode?> DetailsAsync(string id, HttpStatusCode expected = HttpStatusCode.OK) =>
        GetAsync($"{Contexts}/{Uri.EscapeDataString(id)}?details=true", expected: expected);

    public async Task<HttpStatusCode> DeleteAsync(string id, string query = "", string? tenant = null) =>
        (await SendAsync(HttpMethod.Delete, $"{Contexts}/{Uri.EscapeDataString(id)}{query}", null, tenant)).StatusCode;

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, string? tenant, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
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
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task UseAsync(HttpContext http)
    {
        ContextResolver resolver = http.RequestServices.GetRequiredService<ContextResolver>();
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        JsonLdContext context = resolver.HasLink(http.Request) || body.Length == 0
            ? await resolver.FromLinkAsync(http.Request, http.RequestAborted)
            : await resolver.FromJsonAsync(http.Request, body.ToArray(), http.RequestAborted);
        if (http.Request.Query.ContainsKey("linkable"))
        {
            context = await resolver.LinkableAsync(context, http.Request, http.RequestAborted);
        }

        http.Response.Headers.Link = context.LinkHeader;
        await http.Response.WriteAsync(context.ExpandTerm(http.Request.Query["term"]!));
    }

    private static RequestDelegate Guard(RequestDelegate handler) => async http =>
    {
        try
        {
            await handler(http);
        }
        catch (NgsiLdException e)
        {
            http.Response.StatusCode = e.ErrorType switch
            {
                NgsiLdErrorType.LdContextNotAvailable => 504,
                NgsiLdErrorType.ResourceNotFound => 404,
                _ => 400,
            };
            await http.Response.WriteAsync(JsonSerializer.Serialize(new { type = e.ErrorType.ToString(), detail = e.Message }));
        }
    };
}
