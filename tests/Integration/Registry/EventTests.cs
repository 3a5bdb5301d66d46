using System.Data.Common;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Twin.Contracts;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>What the other services are told of changes, and entities that end by themselves; run on SQLite and on PostgreSQL.</summary>
public abstract class EventTests(StoreKind kind)
{
    private const string Term = "https://uri.etsi.org/ngsi-ld/default-context/";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_change_is_told_once_in_order_with_the_attributes_it_touched()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        var listener = new Listener();
        await using RegistryNode node = await RegistryNode.StartAsync(store, adjust: listener.Listen);
        NgsiClient client = node.Of("city");
        await client.CreateAsync("""{"id":"urn:e:a","type":"T","v":{"value":1},"w":{"value":1},"x":{"value":1}}""");
        (await client.PatchAsync("/entities/urn:e:a/attrs", """{"v":{"value":2}}""")).Is(HttpStatusCode.NoContent);
        (await client.PatchAsync("/entities/urn:e:a", """{"w":"urn:ngsi-ld:null","y":{"value":1}}""")).Is(HttpStatusCode.NoContent);
        (await client.DeleteAsync("/entities/urn:e:a/attrs/x")).Is(HttpStatusCode.NoContent);
        (await client.PutAsync("/entities/urn:e:a", """{"id":"urn:e:a","type":"U","v":{"value":2},"z":{"value":1}}""")).Is(HttpStatusCode.NoContent);
        (await client.DeleteAsync("/entities/urn:e:a")).Is(HttpStatusCode.NoContent);

        (TwinEvent Event, EntityChanged Change)[] told = await listener.TakeAsync(6);

        Assert.Equal(
            [EntityTopics.Created, EntityTopics.Updated, EntityTopics.Updated, EntityTopics.Updated, EntityTopics.Updated, EntityTopics.Deleted],
            told.Select(t => t.Event.Type));
        Assert.All(told, t => Assert.Equal(("urn:e:a", "city", "urn:e:a", "city"), (t.Event.Subject, t.Event.Tenant, t.Change.Id, t.Change.Tenant)));
        Assert.Single(told.Select(t => t.Change.Sequence).Distinct());
        Assert.Equal(
            ["+v +w +x", "+v", "+y -w", "-x", "+v +z -y", "-v -z"],
            told.Select(t => string.Join(' ', [.. t.Change.ChangedAttributes.Select(a => "+" + Short(a)).Order(), .. t.Change.DeletedAttributes.Select(a => "-" + Short(a)).Order()])));
        Assert.Equal(["T", "T", "T", "T", "U", "U"], told.Select(t => Short(Assert.Single(t.Change.Types_))));
        Assert.True(told[^1].Change.Entity.IsEmpty);
        Assert.Contains("\"urn:e:a\"", Encoding.UTF8.GetString(told[0].Change.Entity.Span), StringComparison.Ordinal);
        Assert.Equal(6, told.Select(t => t.Event.Id).Distinct().Count());
    }

    [Fact]
    public async Task What_is_refused_and_what_changes_nothing_is_not_told()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        var listener = new Listener();
        await using RegistryNode node = await RegistryNode.StartAsync(store, adjust: listener.Listen);
        NgsiClient client = node.Client;
        await client.CreateAsync("""{"id":"urn:e:a","type":"T","v":{"value":1}}""");
        (await client.PostAsync("/entities", """{"id":"urn:e:a","type":"T"}""")).Is(HttpStatusCode.Conflict);
        (await client.PostAsync("/entities", """{"id":"urn:e:x","type":"T","v":{"type":"Property"}}""")).Is(HttpStatusCode.BadRequest);
        (await client.DeleteAsync("/entities/urn:e:none")).Is(HttpStatusCode.NotFound);
        (await client.PostAsync("/entities/urn:e:a/attrs?options=noOverwrite", """{"v":{"value":9}}""")).Is(HttpStatusCode.MultiStatus);
        (await client.PostAsync("/entityOperations/create", """[{"id":"urn:e:a","type":"T"},{"id":"urn:e:b","type":"T"}]""")).Is(HttpStatusCode.MultiStatus);

        (TwinEvent Event, EntityChanged Change)[] told = await listener.TakeAsync(2);

        Assert.Equal([("urn:e:a", EntityTopics.Created), ("urn:e:b", EntityTopics.Created)], told.Select(t => (t.Event.Subject, t.Event.Type)));
    }

    [Fact]
    public async Task Events_of_parallel_writers_tell_every_entity_in_the_order_of_its_states()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        var listener = new Listener();
        await using RegistryNode node = await RegistryNode.StartAsync(store, adjust: listener.Listen);
        string[] ids = [.. Enumerable.Range(0, 5).Select(i => $"urn:e:{i}")];
        await Task.WhenAll(ids.Select(async id =>
        {
            await node.Client.CreateAsync($$$"""{"id":"{{{id}}}","type":"T","v":{"value":0}}""");
            for (int i = 1; i <= 20; i++)
            {
                (await node.Client.PatchAsync($"/entities/{id}/attrs", $$$"""{"v":{"value":{{{i}}}}}""")).Is(HttpStatusCode.NoContent);
            }
        }));

        (TwinEvent Event, EntityChanged Change)[] told = await listener.TakeAsync(5 * 21);

        foreach (string id in ids)
        {
            int[] states = [.. told.Where(t => t.Event.Subject == id).Select(t => StoredValue(t.Change))];
            Assert.Equal(Enumerable.Range(0, 21), states);
        }
    }

    [Fact]
    public async Task An_entity_whose_time_is_over_is_not_there_any_more_and_its_end_is_told_4_22()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        var listener = new Listener();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
        await using (RegistryNode node = await RegistryNode.StartAsync(store, clock, listener.Listen))
        {
            NgsiClient client = node.Client;
            await client.CreateAsync("""{"id":"urn:e:short","type":"T","expiresAt":"2026-11-25T12:00:10Z"}""");
            await client.CreateAsync("""{"id":"urn:e:renewed","type":"T","expiresAt":"2026-11-25T12:00:10Z"}""");
            await client.CreateAsync("""{"id":"urn:e:long","type":"T","expiresAt":"2026-11-25T13:00:00Z"}""");
            await client.CreateAsync("""{"id":"urn:e:lasting","type":"T"}""");
            (await client.PatchAsync("/entities/urn:e:renewed", """{"expiresAt":"2026-11-25T14:00:00Z"}""")).Is(HttpStatusCode.NoContent);
            await listener.TakeAsync(5);

            clock.Advance(TimeSpan.FromSeconds(11));
            (await client.GetAsync("/entities/urn:e:short")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
            (await client.PatchAsync("/entities/urn:e:short/attrs", """{"v":{"value":1}}""")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
            (await client.DeleteAsync("/entities/urn:e:short")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
            Assert.Equal(["urn:e:renewed", "urn:e:long", "urn:e:lasting"], (await client.GetAsync("/entities?type=T")).Ids);
            Assert.Equal(3, (int)(await client.GetAsync("/types/T")).Json["entityCount"]!);

            // The sweep comes every half minute.
            clock.Advance(TimeSpan.FromSeconds(30));
            (TwinEvent Event, EntityChanged Change) swept = (await listener.TakeAsync(1))[0];
            Assert.Equal((EntityTopics.Deleted, "urn:e:short"), (swept.Event.Type, swept.Event.Subject));
        }

        clock.Advance(TimeSpan.FromHours(1));
        await using (RegistryNode node = await RegistryNode.StartAsync(store, clock))
        {
            Assert.Equal(["urn:e:renewed", "urn:e:lasting"], (await node.Client.GetAsync("/entities?type=T")).Ids);
        }
    }

    [Fact]
    public async Task The_id_of_an_entity_whose_time_is_over_is_free_before_the_sweep_4_22()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
        await using RegistryNode node = await RegistryNode.StartAsync(store, clock);
        await node.Client.CreateAsync("""{"id":"urn:e:a","type":"T","expiresAt":"2026-11-25T12:00:10Z","v":{"value":1}}""");
        clock.Advance(TimeSpan.FromSeconds(11));

        await node.Client.CreateAsync("""{"id":"urn:e:a","type":"U"}""");

        Assert.Equal("""{"id":"urn:e:a","type":"U"}""", await node.Client.TextAsync("urn:e:a"));
    }

    private static int StoredValue(EntityChanged change) =>
        (int)System.Text.Json.Nodes.JsonNode.Parse(change.Entity.Span)![":v"]!["value"]!;

    private static string Short(string iri) => iri.Replace(Term, "", StringComparison.Ordinal);

    /// <summary>Hears every event of the registry.</summary>
    private sealed class Listener : IEventConsumer
    {
        private readonly Channel<TwinEvent> heard = Channel.CreateUnbounded<TwinEvent>();

        public string Name => "listener";

        public IReadOnlyCollection<string> Topics => [EntityTopics.Entities];

        public void Listen(IHostApplicationBuilder builder)
        {
            builder.Services.AddSingleton(this);
            builder.AddEventConsumer<Listener>(EntityRegistryService.Name);
        }

        public async Task HandleAsync(IReadOnlyList<TwinEvent> events, DbTransaction transaction, CancellationToken cancellationToken)
        {
            foreach (TwinEvent one in events)
            {
                await heard.Writer.WriteAsync(one, cancellationToken);
            }
        }

        /// <summary>The next events; one more than was expected would be found by the next call.</summary>
        public async Task<(TwinEvent Event, EntityChanged Change)[]> TakeAsync(int count)
        {
            var taken = new List<(TwinEvent, EntityChanged)>();
            while (taken.Count < count)
            {
                TwinEvent one = await heard.Reader.ReadAsync(Cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
                taken.Add((one, EntityChanged.Parser.ParseFrom(one.Data.Span)));
            }

            return [.. taken];
        }
    }
}

public sealed class EventsOnSqliteTests() : EventTests(StoreKind.Sqlite);

public sealed class EventsOnPostgresTests() : EventTests(StoreKind.PostgreSql);
