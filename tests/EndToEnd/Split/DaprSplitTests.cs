using System.Net;
using System.Net.Http.Headers;
using Twin.Node.Districts;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>The same cities with Dapr sidecars: events through pub/sub on a real broker, gRPC calls through the sidecars.</summary>
[Collection("Split")]
public sealed class DaprSplitTests(SplitFixture fixture) : IAsyncLifetime
{
    private const int Patience = 40;

    private readonly DirectoryInfo names = Directory.CreateTempSubdirectory("twin-dapr-names-");
    private DaprCity? mulhouse;
    private DaprCity? loerrach;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (DaprSidecar.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        mulhouse = await DaprCity.StartAsync(DistrictPlans.All[0], fixture.Broker.BootstrapServers, names.FullName, Cancelled);
        loerrach = await DaprCity.StartAsync(DistrictPlans.All[1], fixture.Broker.BootstrapServers, names.FullName, Cancelled);
        await mulhouse.IntroduceAsync(loerrach, Cancelled);
        await loerrach.IntroduceAsync(mulhouse, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var city in new[] { mulhouse, loerrach })
        {
            await (city?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        names.Delete(recursive: true);
    }

    [Fact]
    public async Task Through_Dapr_sidecars_the_demo_answers_as_in_one_process_and_neither_sidecar_nor_broker_killed_under_writes_loses_an_event()
    {
        await fixture.AssertSameAnswersAsync(mulhouse!.Gateway, loerrach!.Gateway, Cancelled);
        await Proof.AssertLoadAsync(fixture.Broker.BootstrapServers, mulhouse.Topic, "mulhouse-dmc", mulhouse.Gateway, Cancelled);
        await Proof.AssertLoadAsync(fixture.Broker.BootstrapServers, loerrach.Topic, "loerrach-lauffenmuehle", loerrach.Gateway, Cancelled);
        await AssertDeadLettersAsync(HttpStatusCode.OK);
        var (gateway, registry, token) = (mulhouse.Gateway, mulhouse.Registry, mulhouse.AdministratorToken);
        await new Outage("sidecar", "dapr", gateway, registry, token, mulhouse.KillSidecarAsync, mulhouse.StartSidecarAsync).AssertNothingIsLostAsync(
            fixture.Broker.BootstrapServers,
            mulhouse.Topic,
            () => AssertDeadLettersAsync(HttpStatusCode.ServiceUnavailable),
            Cancelled);
        await AssertDeadLettersAsync(HttpStatusCode.OK);
        await new Outage("broker-behind-dapr", "dapr", gateway, registry, token, fixture.Broker.KillAsync, fixture.Broker.StartAsync).AssertNothingIsLostAsync(
            fixture.Broker.BootstrapServers, mulhouse.Topic, () => Task.CompletedTask, Cancelled);
    }

    /// <summary>
    /// A question that the gateway asks the registry by gRPC, through both sidecars. They find each other within a moment,
    /// and a call that was under way when one died may run into its deadline.
    /// </summary>
    private async Task AssertDeadLettersAsync(HttpStatusCode expected)
    {
        using var http = new HttpClient { BaseAddress = mulhouse!.Gateway };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", mulhouse.AdministratorToken);
        var said = "";
        Assert.True(await Eventually.HoldsAsync(AnswersAsync, Patience, Cancelled), $"{expected} was expected of the dead letters, not {said}");

        async Task<bool> AnswersAsync()
        {
            using var answer = await http.GetAsync("/operations/dead-letters/entity-registry", Cancelled);
            said = $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancelled)}";
            return answer.StatusCode == expected;
        }
    }
}
