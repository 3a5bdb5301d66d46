using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Twin.Hosting;
using Twin.Hosting.Authentication;
using Twin.Hosting.Grpc;
using Twin.Hosting.Problems;
using Twin.Tests.Contract.Grpc.V1;

namespace Twin.Tests.Contract.Grpc;

/// <summary>What the probe has seen.</summary>
internal sealed class ProbeState
{
    private int calls;

    public int Calls => Volatile.Read(ref calls);

    public string Does { get; set; } = "";

    public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<DateTime> GivenUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Count() => Interlocked.Increment(ref calls);
}

internal sealed class ProbeCalls(ProbeState state) : Probe.ProbeBase
{
    public override Task<ProbeAnswer> Ask(ProbeRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<ProbeAnswer> Change(ProbeRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override async Task Listen(ProbeRequest request, IServerStreamWriter<ProbeAnswer> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(new ProbeAnswer { Payload = ByteString.CopyFromUtf8("first") });
        if (request.Does == "die")
        {
            context.GetHttpContext().Features.Get<IConnectionLifetimeFeature>()!.Abort();
            return;
        }

        await responseStream.WriteAsync(new ProbeAnswer { Payload = ByteString.CopyFromUtf8("last") });
    }

    private async Task<ProbeAnswer> AnswerAsync(ProbeRequest request, ServerCallContext context)
    {
        var call = state.Count();
        switch (state.Does.Length > 0 ? state.Does : request.Does)
        {
            case "fail":
            case "fail twice" when call <= 2:
                throw new RpcException(new Status(StatusCode.Unavailable, "told to"));
            case "wait":
                state.Arrived.TrySetResult();
                var cancelled = new TaskCompletionSource();
                await using (context.CancellationToken.Register(cancelled.SetResult))
                {
                    await cancelled.Task;
                }

                state.GivenUp.TrySetResult(context.Deadline);
                return new ProbeAnswer();
            case "refuse":
                throw new ProblemException(StatusCodes.Status409Conflict, "probe-refused", "Réfusé", "The probe was told to refuse.") { Member = "does" };
            case "crash":
                throw new InvalidOperationException("a secret that must not leave");
            case "grow":
                return new ProbeAnswer { Payload = ByteString.CopyFrom(new byte[200_000]) };
            default:
                return new ProbeAnswer { Payload = request.Payload };
        }
    }
}

internal sealed class RelayCalls(Probe.ProbeClient probe) : Relay.RelayBase
{
    public override async Task<ProbeAnswer> Forward(ProbeRequest request, ServerCallContext context) => await probe.AskAsync(request);
}

internal sealed class ProbeService : ITwinService
{
    public static string Name => "probe";

    public static void Add(IHostApplicationBuilder builder) => builder.Services.AddSingleton<ProbeState>();

    public static void Map(IEndpointRouteBuilder routes) => routes.MapTwinGrpcService<ProbeCalls>();
}

internal sealed class RelayService : ITwinService
{
    public static string Name => "relay";

    public static void Add(IHostApplicationBuilder builder) => builder.AddTwinGrpcClient<Probe.ProbeClient>("probe", Probe.Descriptor);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapTwinGrpcService<RelayCalls>();
}

/// <summary>The edge: calls the two others, and answers HTTP.</summary>
internal sealed class EdgeService : ITwinService
{
    public static string Name => "edge";

    public static void Add(IHostApplicationBuilder builder)
    {
        builder.AddTwinGrpcClient<Probe.ProbeClient>("probe", Probe.Descriptor);
        builder.AddTwinGrpcClient<Relay.RelayClient>("relay", Relay.Descriptor);
    }

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/ask", async (string does, Probe.ProbeClient probe, CancellationToken cancellationToken) =>
            (await probe.ChangeAsync(new ProbeRequest { Does = does }, cancellationToken: cancellationToken)).Payload.Length)
        .RequireAuthorization(TwinPolicies.Anyone);
}
