using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Authentication;
using Twin.Hosting.Problems;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Sources.Posted;

/// <summary>Takes messages that come as requests: who may post, what is committed, and what the sender is told.</summary>
internal sealed class PostedMessages(MessageIntake intake, TimeProvider clock)
{
    private const int MostBytes = 1024 * 1024;

    /// <summary>
    /// Lets in whoever shows the secret of the source, or may write history as an account or client of the node. What is not
    /// there looks to everybody else like what they may not enter.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="name">The name that it asks for.</param>
    /// <param name="source">The source of that name, or null.</param>
    /// <exception cref="ProblemException">401, 403, or 404 for who may.</exception>
    public static async Task<PostedSource> AdmitAsync(HttpContext http, string name, PostedSource? source)
    {
        try
        {
            if (source?.Secret.IsShown(http.Request) == true)
            {
                return source;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            source!.State.Fail($"the file with the secret cannot be read: {fault.Message}");
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable, "secret-unavailable", "Who posts cannot be told now", "The node cannot read the secret of this source; /ingest/sources says why.")
            {
                RetryAfter = TimeSpan.FromSeconds(30),
            };
        }

        // An open node asks nobody to sign in, and knows no policies: there the secret is all that there is.
        var isSignedIn = http.User.Identity is { IsAuthenticated: true };
        if (isSignedIn && http.RequestServices.GetService<IAuthorizationService>() is { } authorization && (await authorization.AuthorizeAsync(http.User, TwinPolicies.WriteHistory)).Succeeded)
        {
            return source ?? throw new ProblemException(StatusCodes.Status404NotFound, "not-found", "Not found", $"There is no source '{name}' here. /ingest/sources lists them.") { Member = "sourceName" };
        }

        throw isSignedIn
            ? new ProblemException(StatusCodes.Status403Forbidden, "forbidden", "Not allowed", "None of the caller's roles allows this. Ask an administrator of the node for the role that does, or show the secret of the source.")
            : new ProblemException(StatusCodes.Status401Unauthorized, "sign-in-required", "Sign-in required", "Show the secret of the source in the header that its settings name, or send a bearer token of an administrator or operator.");
    }

    /// <summary>Commits one message, and tells what became of it. An answer of success means that it need not come again.</summary>
    /// <param name="http">The request.</param>
    /// <param name="source">Its source.</param>
    /// <param name="topic">Where it was published, for whoever reads about it.</param>
    /// <param name="known">What is known of it, for templates.</param>
    /// <param name="fault">Why it is set aside before anybody reads it; null in the usual case.</param>
    /// <exception cref="ProblemException">400 and 413 for what is no message, unless it would come again; 503 while the store does not take points.</exception>
    public async Task TakeAsync(HttpContext http, PostedSource source, string topic, IReadOnlyDictionary<string, string> known, string? fault = null)
    {
        var (body, isWhole) = await ReadAsync(http);
        if (!isWhole)
        {
            var limit = $"A message has at most {MostBytes} bytes; /ingest takes bodies of any length.";
            fault = source.BringsAgain ? limit : throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "body-too-large", "Body too large", limit) { Member = "body" };
        }
        else if (source is { IsJson: true, BringsAgain: false } && FaultOf(body) is { } broken)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "unreadable-body", "The body cannot be read", $"It is not JSON ({broken}). The source takes {MediaTypes.Json}.") { Member = "body" };
        }

        MessageOutcome outcome;
        try
        {
            outcome = await intake.CommitAsync(source.Tenant, [source.Message(topic, body, clock.GetUtcNow(), known, fault)], http.RequestAborted);
        }
        catch (TailUnavailableException away)
        {
            source.State.Fail(away.Message);
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable, "history-unavailable", "Points cannot be kept now", away.Message) { RetryAfter = TimeSpan.FromSeconds(2) };
        }

        source.State.Add(outcome);
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        outcome.Write(writer);
        await writer.FlushAsync(http.RequestAborted);
    }

    /// <summary>Reads a body as far as a message may go.</summary>
    private static async Task<(byte[] Body, bool IsWhole)> ReadAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // Counted here, so that one too large can be answered with success.
            limit.MaxRequestBodySize = null;
        }

        using var body = new MemoryStream();
        var piece = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(piece, http.RequestAborted)) > 0)
        {
            if (body.Length + read > MostBytes)
            {
                return (body.ToArray(), false);
            }

            body.Write(piece, 0, read);
        }

        return (body.ToArray(), true);
    }

    private static string? FaultOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            while (reader.Read())
            {
                // Whether it can be read to its end is all that is asked.
            }

            return null;
        }
        catch (JsonException fault)
        {
            return $"line {fault.LineNumber + 1}, byte {fault.BytePositionInLine}";
        }
    }
}
