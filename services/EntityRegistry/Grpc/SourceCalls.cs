using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Contract = Twin.Contracts.Registry.V1;

namespace Twin.EntityRegistry.Grpc;

/// <summary>Asks context sources for other services of the node, which know what they ask and not whom.</summary>
internal sealed class SourceCalls(TenantDirectory tenants, FederatedReader reader)
{
    private const int PieceBytes = 1024 * 1024;

    /// <summary>Asks, and streams the answers.</summary>
    /// <exception cref="NgsiLdException">A part of the request is none.</exception>
    public async Task AskAsync(Contract.AskSourcesRequest request, IServerStreamWriter<Contract.SourceAnswer> to, CancellationToken cancel)
    {
        if (!request.PathAndQuery.StartsWith('/'))
        {
            throw NgsiLdException.BadRequest("A path begins with a slash.", "path_and_query");
        }

        var http = Original(request, cancel);
        Tenant tenant = tenants.Get(request.Tenant);
        var sources = reader.TemporalSources(http, tenant, request.Operation, () => Wanted(request));
        if (request.Registrations.Count > 0)
        {
            sources = [.. sources.Where(source => request.Registrations.Contains(source.Id))];
        }

        var answers = await reader.AskAllAsync(
            http, tenant, sources, request.Link.Length == 0 ? null : request.Link, source => PathFor(source, request.PathAndQuery), Checked);
        foreach (var answer in answers)
        {
            await WriteAsync(answer, to, cancel);
        }
    }

    private static async Task WriteAsync(SourceAnswer<byte[]> answer, IServerStreamWriter<Contract.SourceAnswer> to, CancellationToken cancel)
    {
        byte[] body = answer.Value ?? [];
        int at = 0;
        do
        {
            int length = Math.Min(PieceBytes, body.Length - at);
            await to.WriteAsync(
                new Contract.SourceAnswer
                {
                    Registration = answer.Source.Id,
                    Mode = ModeOf(answer.Source),
                    Warning = answer.Warning ?? "",
                    Piece = ByteString.CopyFrom(body, at, length),
                    ContentRange = answer.ContentRange ?? "",
                    HasNext = answer.HasNext,
                },
                cancel);
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
        foreach (var (name, value) in request.Headers)
        {
            http.Request.Headers[name] = value;
        }

        int query = request.PathAndQuery.IndexOf('?', StringComparison.Ordinal);
        http.Request.QueryString = new QueryString(query < 0 ? "" : request.PathAndQuery[query..]);
        return http;
    }

    private static WantedInformation Wanted(Contract.AskSourcesRequest request) => new(
        request.Ids.Count == 0 ? null : request.Ids,
        IdFilter.Parse(null, request.IdPattern),
        request.Types_.Count == 0 ? null : [.. request.Types_.Select(Terms.Intern)],
        request.Attributes.Count == 0 ? null : [.. request.Attributes.Select(Terms.Intern)],
        request.Csf.Length == 0 ? null : QExpression.Parse(request.Csf, JsonLdContext.Core, null, "csf"));

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
