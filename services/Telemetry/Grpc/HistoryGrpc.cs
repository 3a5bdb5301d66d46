using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using Twin.EntityRegistry.Grpc;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Forecasts;
using Twin.Telemetry.History;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;
using Contract = Twin.Contracts.Telemetry.V1;

namespace Twin.Telemetry.Grpc;

/// <summary>The history for the other services of the node (<c>twin.telemetry.v1.History</c>).</summary>
internal sealed class HistoryGrpc(SeriesDirectory directory, PastEntities past, Freshness freshness, ForecastsAhead forecasts) : Contract.History.HistoryBase
{
    /// <inheritdoc />
    public override async Task EntitiesAt(Contract.EntitiesAtRequest request, IServerStreamWriter<Contracts.Registry.V1.Entity> responseStream, ServerCallContext context)
    {
        await freshness.WaitAsync(context.CancellationToken);
        var tenant = TenantOf(request.Tenant);
        var entities = request.Ids.Count > 0 ? request.Ids.Select(tenant.FindEntity).OfType<SeriesEntity>() : tenant.Entities.OrderBy(static entity => entity.Key);
        var at = Instance.Ticks(request.At);
        var buffer = new ArrayBufferWriter<byte>(1024);
        foreach (var entity in entities)
        {
            if ((request.Types_.Count > 0 && !entity.Types.Any(request.Types_.Contains)) || await past.AtAsync(entity, entity.Series, at, context.CancellationToken) is not { } document)
            {
                continue;
            }

            buffer.ResetWrittenCount();
            EntityRenderer.WriteStored(buffer, document);
            await responseStream.WriteAsync(new Contracts.Registry.V1.Entity { Id = document.Id, Json = ByteString.CopyFrom(buffer.WrittenSpan), Version = document.ModifiedAt }, context.CancellationToken);
        }
    }

    /// <inheritdoc />
    public override async Task ForecastAt(Contract.ForecastAtRequest request, IServerStreamWriter<Contract.ForecastValue> responseStream, ServerCallContext context)
    {
        await freshness.WaitAsync(context.CancellationToken);
        await foreach (var value in forecasts.AtAsync(TenantOf(request.Tenant), Instance.Ticks(request.At), context.CancellationToken))
        {
            await responseStream.WriteAsync(value, context.CancellationToken);
        }
    }

    private Tenant TenantOf(string name) => directory.FindTenant(name)
        ?? throw NgsiLdStatus.Of(new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no tenant '{name}' here.", "tenant"));
}
