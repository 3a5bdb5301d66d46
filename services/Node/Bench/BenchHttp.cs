using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Twin.Node.Bench;

/// <summary>An HTTP client that keeps to one connection, or to some.</summary>
internal sealed class BenchHttp : IDisposable
{
    private readonly ServiceProvider services;
    private byte[] buffer = new byte[1 << 20];

    public BenchHttp(int connections = 1)
    {
        var collection = new ServiceCollection();
        collection.AddHttpClient("bench", static http => http.Timeout = TimeSpan.FromMinutes(10))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false, AllowAutoRedirect = false });
        services = collection.BuildServiceProvider();
        Client = services.GetRequiredService<IHttpClientFactory>().CreateClient("bench");
    }

    /// <summary>The client.</summary>
    public HttpClient Client { get; }

    /// <summary>Asks, and reads the answer into a buffer that is used again; for one question at a time.</summary>
    /// <exception cref="BenchException">It is no answer; the message has what came instead.</exception>
    public async Task<ReadOnlyMemory<byte>> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var answer = await Client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var length = 0;
        while (await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is var read and > 0)
        {
            length += read;
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }

        return answer.IsSuccessStatusCode
            ? buffer.AsMemory(0, length)
            : throw new BenchException($"{address.Authority} answered {answer.StatusCode}: {Encoding.UTF8.GetString(buffer.AsSpan(0, length))}");
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Client.Dispose();
        services.Dispose();
    }
}
