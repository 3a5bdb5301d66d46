using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Federation;

/// <summary>
/// Asks one context source within what is left of the query's budget, and keeps its health: whatever happens there
/// becomes an answer here, never an exception.
/// </summary>
internal sealed class SourceClient(IHttpClientFactory clients, IOptions<FederationOptions> options, TimeProvider clock)
{
    /// <summary>The name of the guarded client that reaches other nodes.</summary>
    public const string ClientName = "context-sources";

    /// <summary>The time that a request may give its sources, of which it may have used some.</summary>
    public SourceBudget NewBudget(TimeSpan spent = default) => new(clock, TimeSpan.FromMilliseconds(options.Value.BudgetMilliseconds), spent);

    /// <summary>Asks the source.</summary>
    /// <param name="source">The registration.</param>
    /// <param name="asked">What is asked.</param>
    /// <param name="asking">The headers that go along.</param>
    /// <param name="budget">The time that is left.</param>
    /// <param name="read">Reads a good answer's body.</param>
    /// <param name="cancel">The caller went away.</param>
    public async Task<SourceAnswer<T>> AskAsync<T>(
        ContextSourceRegistration source,
        SourceRequest asked,
        SourceHeaders asking,
        SourceBudget budget,
        Func<ReadOnlyMemory<byte>, T> read,
        CancellationToken cancel)
        where T : class
    {
        if (!source.Health.MayAsk(clock.GetUtcNow()))
        {
            return Unanswered<T>(source, 199, $"left alone until {source.Health.OpenUntil:O} after: {source.Health.LastError}");
        }

        TimeSpan allowed = source.Timeout is { } own && own < budget.Whole ? own : budget.Whole;
        TimeSpan left = budget.Left;
        using CancellationTokenSource deadline = new(left < allowed ? left : allowed, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        long started = clock.GetTimestamp();
        try
        {
            using HttpRequestMessage request = RequestFor(source, asked, asking);
            HttpClient client = clients.CreateClient(ClientName);
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            bool refused = asked.MayBeRefused && response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.NotImplemented;
            if (refused || response.StatusCode == HttpStatusCode.NotFound)
            {
                // "I do not have it" is an answer like any other (6.3.17: not a warning).
                source.Health.Succeeded(clock.GetUtcNow(), clock.GetElapsedTime(started));
                return new SourceAnswer<T>(source, null, null) { IsRefused = refused };
            }

            if (!response.IsSuccessStatusCode)
            {
                return Failed<T>(source, 299, $"answered {(int)response.StatusCode}");
            }

            byte[] body = await ReadAsync(response.Content, either.Token);
            T value = read(body);
            source.Health.Succeeded(clock.GetUtcNow(), clock.GetElapsedTime(started));
            return new SourceAnswer<T>(source, value, null)
            {
                HasNext = response.Headers.TryGetValues("Link", out IEnumerable<string>? links) && links.Any(l => l.Contains("rel=\"next\"", StringComparison.Ordinal)),
                ContentRange = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.NonValidated.TryGetValues("Content-Range", out var range) ? range.ToString() : null,
                PagesByKey = response.Headers.Contains(Http.Paging.NextHeader),
            };
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            source.Health.Abandoned();
            throw;
        }
        catch (OperationCanceledException) when (left < allowed / 2)
        {
            // Others have used the time up, or this source's own many pages: no fault of this answer.
            source.Health.Abandoned();
            return Unanswered<T>(source, 199, $"could not tell all within {Text(budget.Whole)} ms");
        }
        catch (OperationCanceledException)
        {
            return Failed<T>(source, 199, $"did not answer within {Text(allowed)} ms");
        }
        catch (NgsiLdException unusable)
        {
            return Failed<T>(source, 111, $"sent a payload that cannot be used: {unusable.Message}");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or Hosting.Outbound.OutboundRefusedException)
        {
            return Failed<T>(source, 299, $"could not be reached: {failure.Message}");
        }
    }

    /// <summary>An answer that is missing, with its NGSILD-Warning.</summary>
    public static SourceAnswer<T> Unanswered<T>(ContextSourceRegistration source, int code, string what)
        where T : class
    {
        return new SourceAnswer<T>(source, null, $"{code} {Visible(source.Endpoint.Authority)} \"{Visible(source.Id)} {Visible(what)}\"");
    }

    private static HttpRequestMessage RequestFor(ContextSourceRegistration source, SourceRequest asked, SourceHeaders asking)
    {
        var request = new HttpRequestMessage(asked.Body is null ? HttpMethod.Get : HttpMethod.Post, $"{source.Endpoint.AbsoluteUri.TrimEnd('/')}/ngsi-ld/v1{asked.PathAndQuery}");
        asking.CopyTo(request, source);
        if (asked.Body is not null)
        {
            // The @context is in the body; a Link header beside it would be refused (6.3.5).
            request.Headers.Remove("Link");
            request.Content = new ByteArrayContent(asked.Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(Http.MediaTypes.JsonLd);
        }

        return request;
    }

    private static string Text(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

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

    private SourceAnswer<T> Failed<T>(ContextSourceRegistration source, int code, string what)
        where T : class
    {
        TimeSpan cooldown = source.Cooldown ?? TimeSpan.FromMilliseconds(options.Value.CooldownMilliseconds);
        source.Health.Failed(clock.GetUtcNow(), what, options.Value.FailuresToOpen, cooldown);
        return Unanswered<T>(source, code, what);
    }

    /// <summary>One line of visible ASCII: neither a source's words nor a registration's may write our headers.</summary>
    private static string Visible(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = from[i] is >= ' ' and < (char)127 and not '"' and not '\\' ? from[i] : '\'';
        }
    });
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
                if (request.Headers.NonValidated.Contains(name))
                {
                    request.Headers.Remove(name);
                }

                request.Headers.TryAddWithoutValidation(name, sent);
            }
        }
    }
}
