using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Federation;

/// <summary>What one source said.</summary>
/// <param name="Source">The registration it was asked under.</param>
/// <param name="Entities">Its entities, in its order; empty when it has none or did not answer.</param>
/// <param name="Count">How many match there in all, when it was asked and told.</param>
/// <param name="Warning">An NGSILD-Warning (GS CIM 009 6.3.17) when the answer is missing or unusable; null when it is good.</param>
internal sealed record SourceAnswer(ContextSourceRegistration Source, IReadOnlyList<EntityNode> Entities, int? Count, string? Warning);

/// <summary>
/// Asks one context source within what is left of the query's budget, and keeps its health: whatever happens there
/// becomes an answer here, never an exception.
/// </summary>
internal sealed class SourceClient(IHttpClientFactory clients, IOptions<FederationOptions> options, TimeProvider clock)
{
    /// <summary>The name of the guarded client that reaches other nodes.</summary>
    public const string ClientName = "context-sources";

    /// <summary>Asks the source.</summary>
    /// <param name="source">The registration.</param>
    /// <param name="pathAndQuery">Below the source's <c>/ngsi-ld/v1</c>, with its leading slash.</param>
    /// <param name="asking">The headers that go along.</param>
    /// <param name="read">Reads a good answer's body.</param>
    /// <param name="cancel">The caller went away.</param>
    public async Task<SourceAnswer> AskAsync(
        ContextSourceRegistration source,
        string pathAndQuery,
        SourceHeaders asking,
        Func<ReadOnlyMemory<byte>, IReadOnlyList<EntityNode>> read,
        CancellationToken cancel)
    {
        if (!source.Health.MayAsk(clock.GetUtcNow()))
        {
            return Unanswered(source, 199, $"left alone until {source.Health.OpenUntil:O} after: {source.Health.LastError}");
        }

        TimeSpan budget = TimeSpan.FromMilliseconds(options.Value.BudgetMilliseconds);
        TimeSpan patience = source.Timeout is { } own && own < budget ? own : budget;
        using CancellationTokenSource deadline = new(patience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        long started = clock.GetTimestamp();
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"{source.Endpoint.AbsoluteUri.TrimEnd('/')}/ngsi-ld/v1{pathAndQuery}");
            asking.CopyTo(request, source);
            HttpClient client = clients.CreateClient(ClientName);
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                // "I do not have it" is an answer like any other (6.3.17: not a warning).
                source.Health.Succeeded(clock.GetUtcNow(), clock.GetElapsedTime(started));
                return new SourceAnswer(source, [], 0, null);
            }

            if (!response.IsSuccessStatusCode)
            {
                return Failed(source, 299, $"answered {(int)response.StatusCode}");
            }

            byte[] body = await ReadAsync(response.Content, either.Token);
            IReadOnlyList<EntityNode> entities = read(body);
            source.Health.Succeeded(clock.GetUtcNow(), clock.GetElapsedTime(started));
            return new SourceAnswer(source, entities, CountOf(response), null);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            source.Health.Abandoned();
            throw;
        }
        catch (OperationCanceledException)
        {
            return Failed(source, 199, $"did not answer within {patience.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms");
        }
        catch (NgsiLdException unusable)
        {
            return Failed(source, 111, $"sent a payload that cannot be used: {unusable.Message}");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or Hosting.Outbound.OutboundRefusedException)
        {
            return Failed(source, 299, $"could not be reached: {failure.Message}");
        }
    }

    private async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancel)
    {
        int most = options.Value.MostBytes;
        await using Stream stream = await content.ReadAsStreamAsync(cancel);
        using var kept = new MemoryStream();
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(65_536);
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, cancel)) > 0;)
            {
                if (kept.Length + read > most)
                {
                    throw NgsiLdException.Invalid($"the answer is larger than {most} bytes");
                }

                kept.Write(buffer, 0, read);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }

        return kept.ToArray();
    }

    private static int? CountOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("NGSILD-Results-Count", out IEnumerable<string>? values)
        && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            ? count
            : null;

    private SourceAnswer Failed(ContextSourceRegistration source, int code, string what)
    {
        TimeSpan cooldown = source.Cooldown ?? TimeSpan.FromMilliseconds(options.Value.CooldownMilliseconds);
        source.Health.Failed(clock.GetUtcNow(), what, options.Value.FailuresToOpen, cooldown);
        return Unanswered(source, code, what);
    }

    private static SourceAnswer Unanswered(ContextSourceRegistration source, int code, string what)
    {
        // One line of visible ASCII: a source's words must not be able to write our headers.
        string text = string.Create(what.Length, what, static (to, from) =>
        {
            for (int i = 0; i < from.Length; i++)
            {
                to[i] = from[i] is >= ' ' and < (char)127 and not '"' and not '\\' ? from[i] : '\'';
            }
        });
        return new SourceAnswer(source, [], null, $"{code} {source.Endpoint.Authority} \"{source.Id} {text}\"");
    }
}

/// <summary>The headers of a request to a source, but for what its registration adds.</summary>
/// <param name="Via">Where the request has been.</param>
/// <param name="Link">The @context of the query as a Link header; null for the core one.</param>
/// <param name="Original">The request that is being answered, for registrations that pass a header through.</param>
internal sealed record SourceHeaders(string Via, string? Link, Microsoft.AspNetCore.Http.HttpRequest Original)
{
    /// <summary>The value by which a registration asks for the caller's own header to be passed on (5.2.9).</summary>
    private const string PassThrough = "urn:ngsi-ld:request";

    /// <summary>Puts the headers onto a request.</summary>
    public void CopyTo(HttpRequestMessage request, ContextSourceRegistration source)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation("Via", Via);
        if (Link is not null)
        {
            request.Headers.TryAddWithoutValidation("Link", Link);
        }

        if (source.Tenant is not null)
        {
            request.Headers.TryAddWithoutValidation("NGSILD-Tenant", source.Tenant);
        }

        foreach ((string name, string value) in source.Headers)
        {
            if (name.Equals("jsonldContext", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.Remove("Link");
                request.Headers.TryAddWithoutValidation("Link", $"<{value}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
                continue;
            }

            string? sent = value == PassThrough ? Original.Headers[name] : value;
            if (!string.IsNullOrEmpty(sent))
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, sent);
            }
        }
    }
}
