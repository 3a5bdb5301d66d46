using System.Net;
using System.Net.Http.Headers;
using Twin.Hosting.Outbound;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;

namespace Twin.EntityRegistry.Contexts;

/// <summary>Fetches @context documents from the web, within limits and guarded.</summary>
internal sealed class ContextFetcher(IHttpClientFactory clients, OutboundGuard guard)
{
    /// <summary>The name of the guarded client.</summary>
    public const string ClientName = "contexts";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);

    /// <summary>Fetches a document that can be a @context.</summary>
    /// <exception cref="NgsiLdException">LdContextNotAvailable: not to be had. BadRequestData: too large, or no @context.</exception>
    public async Task<ReadOnlyMemory<byte>> FetchAsync(string url, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            ReadOnlyMemory<byte> document = await GetAsync(new Uri(url), limit.Token);
            ContextCompiler.CheckDocument(document, url);
            return document;
        }
        catch (OutboundRefusedException e)
        {
            throw Unavailable(url, e.Message);
        }
        catch (HttpRequestException e)
        {
            throw Unavailable(url, e.StatusCode is { } status ? $"it answers {(int)status}." : "it cannot be reached.");
        }
        catch (IOException)
        {
            throw Unavailable(url, "its answer broke off.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(url, $"it did not answer within {Timeout.TotalSeconds} seconds.");
        }
    }

    private async Task<ReadOnlyMemory<byte>> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        guard.Check(url);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/ld+json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json", 0.9));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Twin.Federation", null));
        using HttpClient client = clients.CreateClient(ClientName);
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new HttpRequestException(null, null, response.StatusCode);
        }

        if (response.Content.Headers.ContentLength > ContextLimits.DocumentBytes)
        {
            throw TooLarge(url);
        }

        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] bytes = new byte[16 * 1024];
        int length = 0;
        int read;
        while ((read = await body.ReadAsync(bytes.AsMemory(length), cancellationToken)) > 0)
        {
            length += read;
            if (length > ContextLimits.DocumentBytes)
            {
                throw TooLarge(url);
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, length * 2);
            }
        }

        return bytes.AsMemory(0, length).ToArray();
    }

    private static NgsiLdException Unavailable(string url, string why) =>
        new(NgsiLdErrorType.LdContextNotAvailable, $"The @context '{url}' is not available: {why}", "@context");

    private static NgsiLdException TooLarge(Uri url) =>
        NgsiLdException.BadRequest($"The @context '{url}' has more than {ContextLimits.DocumentBytes} bytes.", "@context");
}
