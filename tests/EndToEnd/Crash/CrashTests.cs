using System.Globalization;
using System.Net;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Twin.Contracts.Registry.V1;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;
using RegistryClient = Twin.Contracts.Registry.V1.EntityRegistry.EntityRegistryClient;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary>
/// <c>kill -9</c> while clients write, again and again on the same store. <c>TWIN_CRASH_ROUNDS</c> sets how often (5).
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Clients = 4;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Every_acknowledged_write_survives_a_kill_no_batch_is_half_applied_and_events_match_the_state(StoreKind kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var store = await TestStore.CreateAsync(kind, cancel);
        var log = new CrashLog(store.Options);
        await log.PrepareAsync(cancel);
        var random = CrashRounds.Random(5);
        CrashClient[] clients = [.. Enumerable.Range(0, Clients).Select(number => new CrashClient(number, new Random(random.Next())))];
        var lost = 0;
        for (var round = 0; round < CrashRounds.Count; round++)
        {
            await using (var node = await NodeProcess.StartAsync(store.Options, null, cancel))
            {
                if (round == 0)
                {
                    await CreateSharedAsync(node, cancel);
                }

                await CheckStateAsync(node, clients, cancel);
                using var http = Http(node);
                await CrashRounds.WriteAndKillAsync(
                    node, clients.Select(client => (Func<Action, CancellationToken, Task>)((acknowledged, stop) => client.WriteAsync(http, acknowledged, stop))), (20, 600), random, null, cancel);
            }

            var documents = await log.ReadAsync(cancel);
            lost += clients.Sum(client => Unsettled(client));
            CheckEvents(log, documents, clients);
        }

        await using var last = await NodeProcess.StartAsync(store.Options, null, cancel);
        await CheckStateAsync(last, clients, cancel);
        var acknowledged = clients.Sum(client => client.Acknowledged);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}: {CrashRounds.Count} kills, {acknowledged} acknowledged requests, {lost} under way at a kill, {log.Events} events; all there, none half, all match."));
        Assert.True(acknowledged > CrashRounds.Count * 10L, "The rounds were too short to say anything.");
    }

    private static async Task CreateSharedAsync(NodeProcess node, CancellationToken cancellationToken)
    {
        using var http = Http(node);
        using var body = new StringContent($$"""{"id":"{{CrashClient.Shared}}","type":"Crash"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("entities", body, cancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    /// <summary>What the node answers is what was acknowledged.</summary>
    private static async Task CheckStateAsync(NodeProcess node, CrashClient[] clients, CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(node.Grpc);
        var registry = new RegistryClient(channel);
        foreach (var client in clients)
        {
            foreach (var (id, ledger) in client.Singles)
            {
                Assert.Equal(ledger.Last, (await ReadAsync(registry, id, cancellationToken))?["number"]);
            }

            foreach (var id in client.Batch)
            {
                Assert.Equal(client.BatchLedger.Last, (await ReadAsync(registry, id, cancellationToken))?["number"]);
            }

            var shared = await ReadAsync(registry, CrashClient.Shared, cancellationToken);
            Assert.NotNull(shared);
            Assert.Equal(client.SharedLedger.Last, shared.TryGetValue(client.SharedAttribute, out var value) ? value : null);
        }
    }

    /// <summary>
    /// Settles what was under way by the events, and checks that there is one event for each write and no other, in
    /// order, and that the last event of an entity carries the very bytes that its row has.
    /// </summary>
    private static void CheckEvents(CrashLog log, Dictionary<string, byte[]> documents, CrashClient[] clients)
    {
        foreach (var client in clients)
        {
            foreach (var (id, ledger) in client.Singles)
            {
                Settle(ledger, Told(log, id, "number"));
                Assert.Equal(ledger.Acknowledged, Told(log, id, "number"));
            }

            Settle(client.BatchLedger, Told(log, client.Batch[0], "number"));
            // All entities of a batch tell the same: a batch is there as a whole or not at all.
            Assert.All(client.Batch, id => Assert.Equal(client.BatchLedger.Acknowledged, Told(log, id, "number")));

            var shared = log.Changes[CrashClient.Shared].Select(change => change!.TryGetValue(client.SharedAttribute, out var value) ? value : (long?)null)
                .Where(value => value is not null).ToList();
            List<long?> distinct = [.. shared.Where((value, i) => i == 0 || shared[i - 1] != value)];
            Settle(client.SharedLedger, distinct);
            Assert.Equal(client.SharedLedger.Acknowledged, distinct);
        }

        Assert.Equal(1 + clients.Sum(client => client.SharedLedger.Acknowledged.Count), log.Changes[CrashClient.Shared].Count);
        Assert.Equal(
            documents.Keys.Order(StringComparer.Ordinal),
            log.LastDocuments.Where(last => last.Value.Length > 0).Select(last => last.Key).Order(StringComparer.Ordinal));
        Assert.All(documents, row => Assert.Equal(log.LastDocuments[row.Key], row.Value));
    }

    private static void Settle(CrashLedger ledger, List<long?> told)
    {
        if (ledger.UnderWay)
        {
            ledger.Settle(happened: told.Count == ledger.Acknowledged.Count + 1 && told[^1] == ledger.Intended);
        }
    }

    private static List<long?> Told(CrashLog log, string id, string attribute) =>
        log.Changes.TryGetValue(id, out var changes) ? [.. changes.Select(change => change?[attribute])] : [];

    private static int Unsettled(CrashClient client) =>
        client.Singles.Values.Append(client.BatchLedger).Append(client.SharedLedger).Count(ledger => ledger.UnderWay);

    private static async Task<Dictionary<string, long>?> ReadAsync(
        RegistryClient registry, string id, CancellationToken cancellationToken)
    {
        try
        {
            var entity = await registry.RetrieveEntityAsync(new RetrieveEntityRequest { Id = id }, cancellationToken: cancellationToken);
            return CrashLog.Values(entity.Json.Memory);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private static HttpClient Http(NodeProcess node) => new() { BaseAddress = new Uri(node.Http, "/ngsi-ld/v1/") };
}
