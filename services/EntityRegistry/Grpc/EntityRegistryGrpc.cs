using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Contract = Twin.Contracts.Registry.V1;

namespace Twin.EntityRegistry.Grpc;

/// <summary>
/// The registry for the other services of the node (<c>twin.registry.v1.EntityRegistry</c>). They see every entity: what
/// their own caller may see is applied where that caller is answered.
/// </summary>
internal sealed class EntityRegistryGrpc(TenantDirectory tenants, LatestValues latest, SourceCalls sources, TimeProvider time) : Contract.EntityRegistry.EntityRegistryBase
{
    /// <summary>Candidates looked at between two glances at the caller's deadline.</summary>
    private const int Stride = 1024;

    /// <inheritdoc />
    public override Task<Contract.Entity> RetrieveEntity(Contract.RetrieveEntityRequest request, ServerCallContext context)
    {
        try
        {
            if (!Uris.IsAbsolute(request.Id))
            {
                throw NgsiLdException.BadRequest("An entity id is a URI, such as urn:ngsi-ld:Building:1.", "id");
            }

            var evaluation = new EvaluationContext(Now(), AccessScope.Everything);
            return tenants.Get(request.Tenant).Index.Find(request.Id) is { } entity && !evaluation.Gone(entity.ExpiresAt)
                ? Task.FromResult(Message(entity, new ArrayBufferWriter<byte>(1024)))
                : throw NgsiLdException.NotFound($"There is no entity {request.Id}.");
        }
        catch (NgsiLdException fault)
        {
            throw NgsiLdStatus.Of(fault);
        }
    }

    /// <summary>
    /// Streams what matches, in creation order. A write waits for the caller's HTTP/2 window: a caller that reads slowly
    /// slows the walk down, and fills no memory. Each entity is as it was when the walk came by.
    /// </summary>
    public override async Task QueryEntities(
        Contract.QueryEntitiesRequest request, IServerStreamWriter<Contract.Entity> responseStream, ServerCallContext context)
    {
        try
        {
            await StreamAsync(request, responseStream, context.CancellationToken);
        }
        catch (NgsiLdException fault)
        {
            throw NgsiLdStatus.Of(fault);
        }
    }

    /// <inheritdoc />
    public override async Task<Contract.ApplyLatestResponse> ApplyLatest(Contract.ApplyLatestRequest request, ServerCallContext context)
    {
        try
        {
            var response = new Contract.ApplyLatestResponse();
            response.Created.AddRange(await latest.ApplyAsync(request, context.CancellationToken));
            return response;
        }
        catch (NgsiLdException fault)
        {
            throw NgsiLdStatus.Of(fault);
        }
        catch (Exception busy) when (busy is StoreBusyException or StoreFailedException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, busy.Message));
        }
    }

    /// <inheritdoc />
    public override async Task<Contract.WithdrawResponse> Withdraw(Contract.WithdrawRequest request, ServerCallContext context)
    {
        try
        {
            await latest.WithdrawAsync(request, context.CancellationToken);
            return new Contract.WithdrawResponse();
        }
        catch (NgsiLdException fault)
        {
            throw NgsiLdStatus.Of(fault);
        }
        catch (Exception busy) when (busy is StoreBusyException or StoreFailedException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, busy.Message));
        }
    }

    /// <inheritdoc />
    public override async Task AskSources(Contract.AskSourcesRequest request, IServerStreamWriter<Contract.SourceAnswer> responseStream, ServerCallContext context)
    {
        try
        {
            await foreach (var answer in sources.AskAsync(request, context.CancellationToken))
            {
                await responseStream.WriteAsync(answer, context.CancellationToken);
            }
        }
        catch (NgsiLdException fault)
        {
            throw NgsiLdStatus.Of(fault);
        }
    }

    private async Task StreamAsync(Contract.QueryEntitiesRequest request, IServerStreamWriter<Contract.Entity> answer, CancellationToken cancellationToken)
    {
        var filter = Filter.Parse(request);
        var index = tenants.Get(request.Tenant).Index;
        var evaluation = new EvaluationContext(Now(), AccessScope.Everything, index.Find);
        var buffer = new ArrayBufferWriter<byte>(1024);
        if (request.Ids.Count > 0)
        {
            foreach (var entity in request.Ids.Select(index.Find).OfType<EntityDocument>().Take(request.Limit == 0 ? int.MaxValue : request.Limit))
            {
                if (!evaluation.Gone(entity.ExpiresAt) && filter.Matches(entity, evaluation))
                {
                    await answer.WriteAsync(Message(entity, buffer), cancellationToken);
                }
            }

            return;
        }

        var candidates = new Candidates(filter.Lists(index));
        var (sent, seen) = (0, 0);
        while ((request.Limit == 0 || sent < request.Limit) && candidates.TryNext(out var ordinal))
        {
            if (++seen % Stride == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (index.At(ordinal).Document is { } entity && !evaluation.Gone(entity.ExpiresAt) && filter.Matches(entity, evaluation))
            {
                await answer.WriteAsync(request.VersionsOnly ? new Contract.Entity { Id = entity.Id, Version = entity.ModifiedAt } : Message(entity, buffer), cancellationToken);
                sent++;
            }
        }
    }

    private static Contract.Entity Message(EntityDocument entity, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        EntityRenderer.WriteStored(buffer, entity);
        var message = new Contract.Entity
        {
            Id = entity.Id,
            Json = ByteString.CopyFrom(buffer.WrittenSpan),
            Version = entity.ModifiedAt,
        };
        foreach (var type in entity.Types)
        {
            message.Types_.Add(Terms.Iri(type));
        }

        return message;
    }

    private long Now() => (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The expressions of a request, parsed before anything is looked at.</summary>
    private sealed record Filter(TypeExpression? Type, QExpression? Q, ScopeQuery? Scope)
    {
        public static Filter Parse(Contract.QueryEntitiesRequest request)
        {
            if (request.Limit < 0)
            {
                throw NgsiLdException.BadRequest("The limit is 0, which is none, or more.", "limit");
            }

            return new Filter(
                request.Type.Length == 0 ? null : TypeExpression.Parse(request.Type, JsonLdContext.Core),
                request.Q.Length == 0 ? null : QExpression.Parse(request.Q, JsonLdContext.Core),
                request.ScopeQ.Length == 0 ? null : ScopeQuery.Parse(request.ScopeQ, "scope_q"));
        }

        /// <summary>What need be looked at: the entities of the types, or all.</summary>
        public IReadOnlyList<Posting.View> Lists(ResidentIndex index) =>
            Type?.CandidateTypes() is { } types ? [.. types.Select(index.OfType)] : [index.All];

        public bool Matches(EntityDocument entity, in EvaluationContext evaluation) =>
            (Type is null || Type.Matches(entity.Types))
            && (Scope is null || Scope.Matches(entity))
            && (Q is null || Q.Matches(entity, evaluation));
    }
}
