using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry.Grpc;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Authentication;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.Telemetry.Temporal;
using RegistryClient = Twin.Contracts.Registry.V1.EntityRegistry.EntityRegistryClient;

namespace Twin.Telemetry.Federation;

/// <summary>
/// The context sources that the entity registry knows (GS CIM 009 4.3.6): of the same process where it is there, else by gRPC.
/// </summary>
internal sealed class ContextSources(IServiceProvider services, RegistryClient registry, TimeProvider clock)
{
    private readonly SourceCalls? here = services.GetService<SourceCalls>();

    /// <summary>Begins to ask for one answer; null when it is asked for this node alone, or there is nobody to ask.</summary>
    /// <param name="http">The request that is being answered.</param>
    /// <param name="operation">The operation that a registration must offer (4.20).</param>
    /// <param name="query">What is asked for.</param>
    /// <param name="id">The one entity that is asked for; null leaves it to the query.</param>
    /// <param name="temporal">The time that is asked for.</param>
    /// <param name="context">The @context of the query.</param>
    public SourceConversation? Open(HttpContext http, string operation, EntityQuery query, string? id, TemporalQuery temporal, JsonLdContext context)
    {
        var tenant = NgsiLdRequest.TenantName(http) ?? "";
        if (query.IsLocal || NgsiLdRequest.Flag(http, "local") || here?.HasAny(tenant) == false)
        {
            return null;
        }

        var request = new AskSourcesRequest
        {
            Tenant = tenant,
            Operation = operation,
            IdPattern = id is null && query.Selectors is [{ Id: { Ids: null, Pattern: { } pattern } }] ? pattern : "",
            Csf = query.Texts.GetValueOrDefault("csf") ?? "",
            Link = ReferenceEquals(context, JsonLdContext.Core) ? "" : context.LinkHeader ?? "",
            Time = EvolutionQuestion.TimeOf(temporal),
        };
        request.Ids.AddRange(id is not null ? [id] : query.CandidateIds ?? []);
        request.Types_.AddRange((query.CandidateTypes ?? []).Select(Terms.Iri));
        request.Attributes.AddRange((query.Projection.Attributes ?? []).Select(static name => name.Iri));
        foreach (var (name, value) in http.Request.Headers)
        {
            // What the gateway says of the caller is for this node alone.
            if (!name.Equals(InternalIdentity.Header, StringComparison.OrdinalIgnoreCase))
            {
                request.Headers[name] = value.ToString();
            }
        }

        return new SourceConversation(this, request, clock, http.RequestAborted);
    }

    /// <summary>The answers' pieces.</summary>
    /// <exception cref="RpcException">The registry is in another process and does not answer, or refuses.</exception>
    public IAsyncEnumerable<SourceAnswer> AskAsync(AskSourcesRequest request, CancellationToken cancel) =>
        here is not null ? here.AskAsync(request, cancel) : StreamAsync(request, cancel);

    private async IAsyncEnumerable<SourceAnswer> StreamAsync(AskSourcesRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var call = registry.AskSources(request, cancellationToken: cancel);
        await foreach (var piece in call.ResponseStream.ReadAllAsync(cancel))
        {
            yield return piece;
        }
    }
}
