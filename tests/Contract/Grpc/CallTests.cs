using Xunit;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Twin.Tests.Contract.Grpc.V1;

namespace Twin.Tests.Contract.Grpc;

/// <summary>Calls between the services of a node, each in a process of its own unless the test says otherwise.</summary>
public sealed class CallTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Nodes nodes = new();

    [Theory]
    [InlineData("probe,relay,edge")]
    [InlineData("edge")]
    public async Task A_call_reaches_its_service_wherever_that_runs(string edgeHolds)
    {
        if (edgeHolds == "edge")
        {
            await nodes.StartAsync("probe");
            await nodes.StartAsync("relay");
        }

        var edge = await nodes.StartAsync(edgeHolds);
        var answer = await edge.Services.GetRequiredService<Relay.RelayClient>()
            .ForwardAsync(new ProbeRequest { Payload = ByteString.CopyFromUtf8("through both") }, cancellationToken: Token);

        Assert.Equal("through both", answer.Payload.ToStringUtf8());
    }

    [Fact]
    public async Task An_idempotent_call_is_tried_again_when_the_service_does_not_answer()
    {
        var (probe, client) = await StartAsync();

        var answer = await client.AskAsync(new ProbeRequest { Does = "fail twice", Payload = ByteString.CopyFromUtf8("at last") }, cancellationToken: Token);

        Assert.Equal("at last", answer.Payload.ToStringUtf8());
        Assert.Equal(3, probe.Calls);
    }

    [Fact]
    public async Task A_call_that_changes_something_is_not_tried_again()
    {
        var (probe, client) = await StartAsync();

        var fault = await Assert.ThrowsAsync<RpcException>(() => client.ChangeAsync(new ProbeRequest { Does = "fail twice" }, cancellationToken: Token).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        Assert.Equal(1, probe.Calls);
    }

    [Fact]
    public async Task A_service_that_keeps_failing_is_left_alone_until_the_break_is_over()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (probe, client) = await StartAsync(time);
        for (var i = 0; i < 8; i++)
        {
            await Assert.ThrowsAsync<RpcException>(() => client.ChangeAsync(new ProbeRequest { Does = "fail" }, cancellationToken: Token).ResponseAsync);
        }

        var open = await Assert.ThrowsAsync<RpcException>(() => client.ChangeAsync(new ProbeRequest(), cancellationToken: Token).ResponseAsync);
        using var stream = client.Listen(new ProbeRequest(), cancellationToken: Token);
        var openStream = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Token));

        Assert.Equal(StatusCode.Unavailable, open.StatusCode);
        Assert.Equal(StatusCode.Unavailable, openStream.StatusCode);
        Assert.Equal(5000, int.Parse(open.Trailers.GetValue("grpc-retry-pushback-ms")!), 1.0);
        Assert.Equal(8, probe.Calls);

        time.Advance(TimeSpan.FromSeconds(6));
        await client.ChangeAsync(new ProbeRequest(), cancellationToken: Token);
        Assert.Equal(9, probe.Calls);
    }

    [Fact]
    public async Task A_peer_that_dies_mid_stream_is_an_error_after_what_had_come_and_the_next_call_connects_anew()
    {
        var (_, client) = await StartAsync();
        using var stream = client.Listen(new ProbeRequest { Does = "die" }, cancellationToken: Token);

        var received = new List<string>();
        var fault = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await stream.ResponseStream.MoveNext(Token))
            {
                received.Add(stream.ResponseStream.Current.Payload.ToStringUtf8());
            }
        });

        Assert.Contains(fault.StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
        Assert.DoesNotContain("last", received);
        Assert.Equal("again", (await client.AskAsync(new ProbeRequest { Payload = ByteString.CopyFromUtf8("again") }, cancellationToken: Token)).Payload.ToStringUtf8());
    }

    [Theory]
    [InlineData(200_000, "")]
    [InlineData(0, "grow")]
    public async Task A_message_over_the_limit_is_refused_in_either_direction(int sent, string does)
    {
        var (_, client) = await StartAsync(limit: 65_536);

        var fault = await Assert.ThrowsAsync<RpcException>(() =>
            client.AskAsync(new ProbeRequest { Does = does, Payload = ByteString.CopyFrom(new byte[sent]) }, cancellationToken: Token).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, fault.StatusCode);
    }

    [Fact]
    public async Task A_deadline_goes_along_over_two_hops()
    {
        var probe = await nodes.StartAsync("probe");
        await nodes.StartAsync("relay");
        var edge = await nodes.StartAsync("edge");
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(3);

        var fault = await Assert.ThrowsAsync<RpcException>(() => edge.Services.GetRequiredService<Relay.RelayClient>()
            .ForwardAsync(new ProbeRequest { Does = "wait" }, deadline: deadline, cancellationToken: Token).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, fault.StatusCode);
        var seen = await probe.Services.GetRequiredService<ProbeState>().GivenUp.Task.WaitAsync(Patience, Token);
        Assert.Equal(deadline, seen, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_caller_that_gives_up_stops_the_work_two_hops_away()
    {
        var probe = await nodes.StartAsync("probe");
        await nodes.StartAsync("relay");
        var edge = await nodes.StartAsync("edge");
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = edge.Services.GetRequiredService<Relay.RelayClient>().ForwardAsync(new ProbeRequest { Does = "wait" }, cancellationToken: caller.Token).ResponseAsync;
        var state = probe.Services.GetRequiredService<ProbeState>();
        await state.Arrived.Task.WaitAsync(Patience, Token);

        await caller.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
        await state.GivenUp.Task.WaitAsync(Patience, Token);
    }

    [Fact]
    public async Task A_call_without_the_identity_of_the_node_is_refused_and_health_is_not()
    {
        var probe = await nodes.StartAsync("probe");
        using var channel = GrpcChannel.ForAddress(probe.Grpc);

        var fault = await Assert.ThrowsAsync<RpcException>(() => new Probe.ProbeClient(channel).AskAsync(new ProbeRequest(), cancellationToken: Token).ResponseAsync);
        var health = await new global::Grpc.Health.V1.Health.HealthClient(channel).CheckAsync(new(), cancellationToken: Token);

        Assert.Equal(StatusCode.Unauthenticated, fault.StatusCode);
        Assert.Equal(global::Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        Assert.Equal(0, probe.Services.GetRequiredService<ProbeState>().Calls);
    }

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<(ProbeState Probe, Probe.ProbeClient Client)> StartAsync(TimeProvider? time = null, int? limit = null)
    {
        var more = limit is null ? null : new Dictionary<string, string?> { ["Twin:Grpc:MessageBytes"] = limit.ToString() };
        var probe = await nodes.StartAsync("probe", more);
        var edge = await nodes.StartAsync("edge", more, time);
        return (probe.Services.GetRequiredService<ProbeState>(), edge.Services.GetRequiredService<Probe.ProbeClient>());
    }
}
