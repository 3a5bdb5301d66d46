using System.Runtime.CompilerServices;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Contract = Twin.Contracts.Registry.V1;

namespace Twin.EntityRegistry.Grpc;

/// <summary>
/// Asks context sources for other services of the node, which know what they ask and not whom. A service in the same process
/// calls it itself.
/// </summary>
internal sealed class SourceCalls(TenantDirectory tenants, FederatedReader reader, ContextResolver contexts)
{
    private const int PieceBytes = 1024 * 1024;

    /// <summary>Whether a tenant has any source at all.</summary>
    public bool HasAny(string tenant) => tenant.Length == 0 ? reader.HasSources(tenants.Default) : tenants.All.Any(one => one.Name == tenant && reader.HasSources(one));

    /// <summary>Asks all at once, and gives the answers in the order of registration; none where there is nobody to ask.</summary>
    /// <exception cref="NgsiLdException">A part of the request is none, or there is no such tenant.</exception>
    public async IAsyncEnumerable<Contract.SourceAnswer> AskAsync(Contract.AskSourcesRequest request, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (!request.PathAndQuery.StartsWith('/'))
        {
            throw NgsiLdException.BadRequest("A path begins with a slash.", "path_and_query");
        }

        HttpContext http = Original(request, cancel);
        Tenant tenant = tenants.Get(request.Tenant);
        JsonLdContext context = request.Csf.Length == 0 ? JsonLdContext.Core : await contexts.FromLinkAsync(http.Request, cancel);
        IReadOnlyList<ContextSourceRegistration> sources = reader.TemporalSources(http, tenant, request.Operation, () => Wanted(request, context));
        if (request.Registrations.Count > 0)
        {
            sources = [.. sources.Where(source => request.Registrations.Contains(source.Id))];
        }

        if (sources.Count == 0)
        {
            yield break;
        }

        SourceBudget budget = reader.Budget(TimeSpan.FromMilliseconds(request.SpentMilliseconds));
        byte[]? body = request.Body.IsEmpty ? null : request.Body.ToByteArray();
        SourceAnswer<byte[]>[] answers = await reader.AskAllAsync(
            http,
            tenant,
            sources,
            request.Link.Length == 0 ? null : request.Link,
            budget,
            source => new SourceRequest(PathFor(source, request.PathAndQuery), body, request.MayBeRefused),
            Checked);
        foreach (Contract.SourceAnswer piece in answers.SelectMany(Pieces))
        {
            yield return piece;
        }
    }

    private static IEnumerable<Contract.SourceAnswer> Pieces(SourceAnswer<byte[]> answer)
    {
        byte[] body = answer.Value ?? [];
        int at = 0;
        do
        {
            int length = Math.Min(PieceBytes, body.Length - at);
            var piece = new Contract.SourceAnswer
            {
                Registration = answer.Source.Id,
                Mode = ModeOf(answer.Source),
                Warning = answer.Warning ?? "",
                Piece = UnsafeByteOperations.UnsafeWrap(body.AsMemory(at, length)),
                ContentRange = answer.ContentRange ?? "",
                HasNext = answer.HasNext,
                Refused = answer.IsRefused,
            };
            if (answer.Source.Information.All(info => info.Attributes.Length > 0))
            {
                piece.Attributes.AddRange(answer.Source.Information.SelectMany(info => info.Attributes).Distinct().Select(Terms.Iri));
            }

            yield return piece;
            at += length;
        }
        while (at < body.Length);
    }

    private static string PathFor(ContextSourceRegistration source, string asked) =>
        !source.LocalOnly ? asked : asked + (asked.Contains('?', StringComparison.Ordinal) ? "&local=true" : "?local=true");

    /// <summary>The request that is being answered elsewhere, as far as sources are concerned.</summary>
    private static DefaultHttpContext Original(Contract.AskSourcesRequest request, CancellationToken cancel)
    {
        var http = new DefaultHttpContext { RequestAborted = cancel };
        foreach ((string name, string value) in request.Headers)
        {
            http.Request.Headers[name] = value;
        }

        if (request.Link.Length > 0)
        {
            http.Request.Headers.Link = request.Link;
        }

        if (request.Time is { } time)
        {
            KeyValuePair<string, string?>[] given =
            [
                new("timerel", time.Timerel), new("timeAt", time.TimeAt), new("endTimeAt", time.EndTimeAt), new("timeproperty", time.Timeproperty),
            ];
            http.Request.QueryString = QueryString.Create(given.Where(one => one.Value is { Length: > 0 }));
        }

        return http;
    }

    private static WantedInformation Wanted(Contract.AskSourcesRequest request, JsonLdContext context) => new(
        request.Ids.Count == 0 ? null : request.Ids,
        IdFilter.Parse(null, request.IdPattern.Length == 0 ? null : request.IdPattern),
        request.Types_.Count == 0 ? null : [.. request.Types_.Select(Terms.Intern)],
        request.Attributes.Count == 0 ? null : [.. request.Attributes.Select(Terms.Intern)],
        request.Csf.Length == 0 ? null : QExpression.Parse(request.Csf, context, null, "csf"));

    /// <summary>What is no JSON is the source's fault, and is told to its health.</summary>
    private static byte[] Checked(ReadOnlyMemory<byte> body)
    {
        try
        {
            var json = new Utf8JsonReader(body.Span);
            while (json.Read())
            {
                // To its end.
            }

            return body.ToArray();
        }
        catch (JsonException unusable)
        {
            throw NgsiLdException.Invalid($"it is no JSON: {unusable.Message}");
        }
    }

    private static Contract.SourceAnswer.Types.Mode ModeOf(ContextSourceRegistration source) => source.Mode switch
    {
        RegistrationMode.Exclusive => Contract.SourceAnswer.Types.Mode.Exclusive,
        RegistrationMode.Redirect => Contract.SourceAnswer.Types.Mode.Redirect,
        RegistrationMode.Auxiliary => Contract.SourceAnswer.Types.Mode.Auxiliary,
        _ => Contract.SourceAnswer.Types.Mode.Inclusive,
    };
}
