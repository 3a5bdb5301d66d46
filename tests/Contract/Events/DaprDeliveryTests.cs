using System.Net;
using System.Text;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Contract.Events;

/// <summary>Through a real sidecar with the component that lives in its memory.</summary>
public sealed class DaprDeliveryTests : EventDeliveryTests
{
    private const string Token = "only-the-sidecar-knows";

    private const string InMemory = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: pubsub}
        spec: {type: pubsub.in-memory, version: v1, metadata: []}
        """;

    private readonly int port = ServerProcess.FreePort();
    private DaprSidecar? sidecar;

    protected override Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["urls"] = $"http://127.0.0.1:{port}",
        ["DAPR_HTTP_PORT"] = sidecar!.HttpPort.ToString(),
        ["APP_API_TOKEN"] = Token,
        ["Twin:Identity:Key"] = Convert.ToBase64String(new byte[32]),
    };

    public override async ValueTask InitializeAsync()
    {
        if (DaprSidecar.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        sidecar = new DaprSidecar();
        await sidecar.StartAsync(port, Token, InMemory, Cancelled);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (sidecar is not null)
        {
            await sidecar.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_but_the_sidecar_delivers()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var content = new StringContent("{}", Encoding.UTF8, "application/cloudevents+json");

        var none = await client.PostAsync("/dapr/events/things", content, Cancelled);
        client.DefaultRequestHeaders.Add("dapr-api-token", "guessed");
        var wrong = await client.PostAsync("/dapr/events/things", content, Cancelled);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (none.StatusCode, wrong.StatusCode));
        Assert.Equal(0, await host.DeadLetters.CountAsync(new(), Cancelled));
    }

    [Fact]
    public async Task A_body_that_is_no_event_is_acknowledged_and_set_aside()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        client.DefaultRequestHeaders.Add("dapr-api-token", Token);
        using var content = new StringContent("{\"id\": 7}", Encoding.UTF8, "application/cloudevents+json");

        var answer = await client.PostAsync("/dapr/events/things", content, Cancelled);

        Assert.Equal("{\"status\":\"SUCCESS\"}", await answer.Content.ReadAsStringAsync(Cancelled));
        var letter = Assert.Single(await host.DeadLetters.ListAsync(new(), 0, 10, Cancelled));
        Assert.Equal("{\"id\": 7}", Encoding.UTF8.GetString(letter.Event.Data.Span));
    }
}
