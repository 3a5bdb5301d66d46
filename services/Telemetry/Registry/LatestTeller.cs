using System.Buffers;
using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Contracts.Registry.V1;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;
using Twin.Telemetry.Temporal;
using RegistryClient = Twin.Contracts.Registry.V1.EntityRegistry.EntityRegistryClient;

namespace Twin.Telemetry.Registry;

/// <summary>
/// Tells the entity registry the newest values, coalesced: however many points a series gets within an interval, the
/// registry sees one change, and so does whoever follows it.
/// </summary>
internal sealed partial class LatestTeller(
    TailWriter tail, SeriesReader reader, RegistryClient registry, ChangeGate gate, IOptions<TelemetryOptions> options, TimeProvider clock, ILogger<LatestTeller> log) : BackgroundService
{
    private const int MostAtOnce = 1000;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<TimeSeries> waiting = new();
    private bool silent;

    private bool Tells => options.Value.TellMilliseconds > 0;

    /// <inheritdoc />
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (Tells)
        {
            tail.Announce = changed => changed.ForEach(waiting.Enqueue);
        }

        return base.StartAsync(cancellationToken);
    }

    /// <summary>Tells of one entity now, and lets it come into being where it is not there.</summary>
    /// <returns>Whether the entity came into being.</returns>
    public async Task<bool> TellAsync(SeriesEntity entity, CancellationToken cancel)
    {
        if (!Tells || entity.Types.Length == 0)
        {
            return false;
        }

        using var pass = await gate.PassAsync(cancel);
        if (entity.Removed)
        {
            return false;
        }

        var request = new ApplyLatestRequest { Tenant = entity.Tenant.Name };
        request.Entities.Add(await MessageAsync(entity, entity.Series, entity.Types, cancel));
        return await SendAsync(request, cancel) is { } answer && answer.Created.Contains(entity.Id);
    }

    /// <summary>Lets an entity go that came into being by its history.</summary>
    public async Task WithdrawAsync(SeriesEntity entity, CancellationToken cancel)
    {
        if (!Tells || !entity.Made)
        {
            return;
        }

        try
        {
            var request = new WithdrawRequest { Tenant = entity.Tenant.Name };
            request.Ids.Add(entity.Id);
            await registry.WithdrawAsync(request, cancellationToken: cancel);
        }
        catch (RpcException fault) when (!cancel.IsCancellationRequested)
        {
            Log.Failed(log, fault.Status.Detail);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Tells)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.TellMilliseconds), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                while (!waiting.IsEmpty && await TellSomeAsync(stoppingToken))
                {
                    // As many as wait.
                }
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or RpcException && stoppingToken.IsCancellationRequested)
        {
            // What was not told is told with the next point.
        }
    }

    /// <returns>False when the registry does not listen.</returns>
    private async Task<bool> TellSomeAsync(CancellationToken cancel)
    {
        var taken = new List<TimeSeries>();
        while (taken.Count < MostAtOnce && waiting.TryDequeue(out var series))
        {
            // Before its value is read: a point that comes meanwhile announces it again.
            series.Announced = false;
            taken.Add(series);
        }

        foreach (var tenant in taken.GroupBy(static series => series.Entity.Tenant))
        {
            using var pass = await gate.PassAsync(cancel);
            var request = new ApplyLatestRequest { Tenant = tenant.Key.Name };
            foreach (var entity in tenant.Where(static series => !series.Removed).GroupBy(static series => series.Entity))
            {
                var types = entity.Key.IsNews ? entity.Key.Types : entity.Key.Types.Length == 0 && options.Value.UnknownEntityType is { Length: > 0 } type
                    ? [JsonLdContext.Core.ExpandTerm(type)]
                    : Array.Empty<string>();
                // Whose types the history does not know may be there all the same: the registry passes over who is not.
                request.Entities.Add(await MessageAsync(entity.Key, entity, types, cancel));
            }

            var answer = request.Entities.Count > 0 ? await SendAsync(request, cancel) : new ApplyLatestResponse();
            if (answer is null)
            {
                foreach (var series in taken.Where(static series => !series.Announced))
                {
                    series.Announced = true;
                    waiting.Enqueue(series);
                }

                pass.Dispose();
                await Task.Delay(Retry, clock, cancel);
                return false;
            }

            await NoteMadeAsync(tenant.Key, tenant.Select(static series => series.Entity).Where(static entity => entity.IsNews), answer, cancel);
        }

        return true;
    }

    /// <summary>Remembers which entities came into being by their history: they go with it.</summary>
    private async Task NoteMadeAsync(Tenant tenant, IEnumerable<SeriesEntity> news, ApplyLatestResponse answer, CancellationToken cancel)
    {
        var batch = new PointBatch(tenant, 1);
        foreach (var entity in news.Distinct())
        {
            entity.IsNews = false;
            if (answer.Created.Contains(entity.Id))
            {
                entity.Made = true;
                batch.ChangedEntities.Add(entity);
            }
        }

        if (batch.ChangedEntities.Count > 0)
        {
            try
            {
                await tail.WriteAsync(batch, cancel);
            }
            catch (TailUnavailableException fault)
            {
                Log.Failed(log, fault.Message);
            }
        }
    }

    private async Task<ApplyLatestResponse?> SendAsync(ApplyLatestRequest request, CancellationToken cancel)
    {
        try
        {
            var answer = await registry.ApplyLatestAsync(request, cancellationToken: cancel);
            silent = false;
            return answer;
        }
        catch (RpcException fault) when (!cancel.IsCancellationRequested)
        {
            if (!silent)
            {
                // Once, not twice a second.
                Log.Failed(log, fault.Status.Detail);
            }

            silent = true;
            return null;
        }
    }

    private async Task<LatestEntity> MessageAsync(SeriesEntity entity, IEnumerable<TimeSeries> series, string[] types, CancellationToken cancel)
    {
        var node = new EntityNode
        {
            Id = entity.Id,
            Types = [.. (types.Length > 0 ? types : entity.Types).Select(Terms.Intern)],
            Scopes = types.Length > 0 && entity.Scopes.Length > 0 ? [.. entity.Scopes] : null,
        };
        foreach (var one in series.Where(static one => one.Term != CoreTerms.Scope))
        {
            var latest = await reader.LatestAsync(one, cancel);
            if (latest.Count > 0 && new Instance(one, latest.Times[0], latest.Forms[0], latest.Bits[0], latest.ExtraAt(0)) is { IsDeletion: false } instance)
            {
                node.Attributes.Add(InstanceCodec.ToNode(instance));
            }
        }

        var json = new ArrayBufferWriter<byte>(512);
        EntityRenderer.WriteStored(json, EntityDocument.Pack(node));
        return new LatestEntity { Id = entity.Id, Json = ByteString.CopyFrom(json.WrittenSpan), Create = types.Length > 0 };
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The entity registry could not be told the newest values and is tried again: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
