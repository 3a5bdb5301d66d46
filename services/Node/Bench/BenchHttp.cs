using Microsoft.Extensions.DependencyInjection;

namespace Twin.Node.Bench;

/// <summary>An HTTP client that keeps to one connection.</summary>
internal sealed class BenchHttp : IDisposable
{
    private readonly ServiceProvider services;

    public BenchHttp()
    {
        var collection = new ServiceCollection();
        collection.AddHttpClient("bench", static http => http.Timeout = TimeSpan.FromMinutes(10))
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseProxy = false, AllowAutoRedirect = false });
        services = collection.BuildServiceProvider();
        Client = services.GetRequiredService<IHttpClientFactory>().CreateClient("bench");
    }

    /// <summary>The client.</summary>
    public HttpClient Client { get; }

    /// <inheritdoc />
    public void Dispose()
    {
        Client.Dispose();
        services.Dispose();
    }
}
