using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Twin.Hosting.Outbound;

namespace Twin.ScenarioEngine.Remote;

/// <summary>An answer that came whole.</summary>
internal sealed record RemoteAnswer(HttpStatusCode Status, Uri? Location, TimeSpan? RetryAfter, byte[] Body)
{
    /// <summary>Its JSON.</summary>
    /// <exception cref="RemoteFaultException">It is none.</exception>
    public JsonElement Json(string what)
    {
        try
        {
            return JsonElement.Parse(Body);
        }
        catch (JsonException fault)
        {
            throw new RemoteFaultException(RemoteFailure.Refused, $"{what} is no JSON, or half of one: {fault.Message}");
        }
    }
}

/// <summary>The questions of one run, each written down. No answer is larger than agreed, and no redirect is followed.</summary>
internal sealed class RemoteCalls(HttpClient client, RemoteTerms terms, TimeProvider time)
{
    public List<RemoteStep> Steps { get; } = [];

    /// <summary>What is under way, for the report.</summary>
    public string? Doing { get; private set; }

    /// <summary>Asks, and asks again a few times when the question changes nothing and the server is not there for now.</summary>
    public async Task<RemoteAnswer> AskAsync(string phase, HttpMethod method, Uri url, byte[]? body, string? prefer, CancellationToken cancellationToken)
    {
        var pause = terms.FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            var last = attempt >= terms.Tries || method == HttpMethod.Post;
            try
            {
                var answer = await OnceAsync(phase, method, url, body, prefer, cancellationToken);
                if (last || answer.Status is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests))
                {
                    return answer;
                }

                pause = Pause(answer.RetryAfter ?? pause);
            }
            catch (RemoteFaultException fault) when (!last && fault.Failure == RemoteFailure.Failed)
            {
                // Asked again after the pause.
            }

            await WaitAsync(pause, $"a second try of the {phase}", cancellationToken);
            pause = Pause(pause * 1.5);
        }
    }

    /// <summary>Waits for the server's sake.</summary>
    public async Task WaitAsync(TimeSpan pause, string what, CancellationToken cancellationToken)
    {
        Doing = what;
        await Task.Delay(pause, time, cancellationToken);
    }

    public TimeSpan Pause(TimeSpan wanted) => wanted < terms.LongestPause ? wanted : terms.LongestPause;

    private async Task<RemoteAnswer> OnceAsync(string phase, HttpMethod method, Uri url, byte[]? body, string? prefer, CancellationToken cancellationToken)
    {
        Doing = $"the {phase} ({method} {url})";
        var (started, began) = (time.GetUtcNow(), time.GetTimestamp());
        int? status = null;
        long bytes = 0;
        var outcome = "";
        try
        {
            using var request = Request(method, url, body, prefer);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            status = (int)response.StatusCode;
            if ((int)response.StatusCode is >= 300 and < 400)
            {
                throw new RemoteFaultException(RemoteFailure.NotCalled, $"{url} redirects to {response.Headers.Location}; a server of models is asked at its own address only");
            }

            using var kept = new MemoryStream();
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[65_536];
            for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                kept.Write(buffer, 0, read);
                if ((bytes = kept.Length) > terms.MostAnswerBytes)
                {
                    throw new RemoteFaultException(RemoteFailure.Refused, $"the answer to the {phase} has more than {terms.MostAnswerBytes} bytes");
                }
            }

            outcome = "answered";
            return new RemoteAnswer(response.StatusCode, response.Headers.Location, RetryAfter(response.Headers.RetryAfter), kept.ToArray());
        }
        catch (OperationCanceledException)
        {
            outcome = status is null ? "no answer yet" : "the answer had begun and was not whole";
            throw;
        }
        catch (OutboundRefusedException fault)
        {
            outcome = fault.Message;
            throw new RemoteFaultException(RemoteFailure.NotCalled, fault.Message);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            outcome = fault.Message;
            throw new RemoteFaultException(RemoteFailure.Failed, $"the {phase} failed: {fault.Message}");
        }
        catch (RemoteFaultException fault)
        {
            outcome = fault.Message;
            throw;
        }
        finally
        {
            Steps.Add(new RemoteStep(phase, method.Method, url, started, Math.Round(time.GetElapsedTime(began).TotalMilliseconds, 1), status, bytes, outcome));
        }
    }

    private HttpRequestMessage Request(HttpMethod method, Uri url, byte[]? body, string? prefer)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.Accept.ParseAdd("application/json");
        if (terms.Agreement is { } agreement)
        {
            request.Headers.Add(RemoteTerms.AgreementHeader, agreement);
        }

        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return request;
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date && date > time.GetUtcNow() ? date - time.GetUtcNow() : null);

    /// <summary>What an error says of itself, by RFC 9457 or the exception of the standard.</summary>
    public static string Problem(RemoteAnswer answer)
    {
        var status = ((int)answer.Status).ToString(CultureInfo.InvariantCulture);
        try
        {
            var json = JsonElement.Parse(answer.Body);
            var said = json.ValueKind != JsonValueKind.Object ? null
                : json.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String ? detail.GetString()
                : json.TryGetProperty("title", out var title) && title.ValueKind == JsonValueKind.String ? title.GetString()
                : null;
            return said is null ? status : $"{status}: {(said.Length <= 300 ? said : said[..300] + "…")}";
        }
        catch (JsonException)
        {
            return status;
        }
    }
}
