using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>What the store keeps, and what happens when it refuses; run on SQLite and on PostgreSQL.</summary>
public abstract class DurabilityTests(StoreKind kind)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_brings_back_the_same_bytes_times_and_order()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        string entities, tenant, types, registrations;
        await using (RegistryNode node = await RegistryNode.StartAsync(store))
        {
            NgsiClient client = node.Client;
            for (int i = 0; i < 30; i++)
            {
                // Ids go down while creation goes on, so that creation order is not the order of ids.
                await client.CreateAsync(Rich($"urn:e:{99 - i}", i));
            }

            (await client.PatchAsync("/entities/urn:e:90", """{"name":{"value":"renamed"}}""")).Is(HttpStatusCode.NoContent);
            (await client.PutAsync("/entities/urn:e:91", Rich("urn:e:91", 500))).Is(HttpStatusCode.NoContent);
            (await client.DeleteAsync("/entities/urn:e:92")).Is(HttpStatusCode.NoContent);
            (await client.DeleteAsync("/entities/urn:e:93")).Is(HttpStatusCode.NoContent);
            await client.CreateAsync(Rich("urn:e:93", 600));
            await node.Of("other").CreateAsync(Rich("urn:e:99", 700));
            (await client.PostAsync("/csourceRegistrations", """{"id":"urn:r:1","type":"ContextSourceRegistration","information":[{"entities":[{"type":"T"}]}],"endpoint":"http://127.0.0.1:9"}""")).Is(HttpStatusCode.Created);
            (entities, tenant, types, registrations) = await ReadAsync(node);
        }

        await using (RegistryNode node = await RegistryNode.StartAsync(store))
        {
            Assert.Equal((entities, tenant, types, registrations), await ReadAsync(node));
            Assert.Equal("urn:e:93", (string?)JsonNode.Parse(entities)!.AsArray()[^1]!["id"]);

            // What is created now comes after everything that was there before.
            await node.Client.CreateAsync(Rich("urn:e:1", 1));
            Assert.Equal("urn:e:1", (await node.Client.GetAsync("/entities?type=Building&limit=1000&local=true")).Ids[^1]);
        }
    }

    [Fact]
    public async Task Two_hundred_writers_of_one_entity_lose_no_update_and_share_commits()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        await using (RegistryNode node = await RegistryNode.StartAsync(store))
        {
            await node.Client.CreateAsync("""{"id":"urn:e:a","type":"T"}""");
            Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
                node.Client.PostAsync("/entities/urn:e:a/attrs", string.Create(CultureInfo.InvariantCulture, $$$"""{"n{{{i}}}":{"type":"Property","value":{{{i}}}}}"""))));
            Assert.All(answers, a => a.Is(HttpStatusCode.NoContent));
            AssertAll(JsonNode.Parse(await node.Client.TextAsync("urn:e:a"))!);
        }

        await using (RegistryNode node = await RegistryNode.StartAsync(store))
        {
            AssertAll(JsonNode.Parse(await node.Client.TextAsync("urn:e:a"))!);
        }

        static void AssertAll(JsonNode entity)
        {
            for (int i = 0; i < 200; i++)
            {
                Assert.Equal(i, (int)entity["n" + i.ToString(CultureInfo.InvariantCulture)]!["value"]!);
            }
        }
    }

    [Fact]
    public async Task Of_parallel_creations_of_one_id_exactly_one_succeeds()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        await using RegistryNode node = await RegistryNode.StartAsync(store);

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            node.Client.PostAsync("/entities", string.Create(CultureInfo.InvariantCulture, $$$"""{"id":"urn:e:a","type":"T","v":{"value":{{{i}}}}}"""))));

        int winner = Assert.Single(Enumerable.Range(0, 50), i => answers[i].Status == HttpStatusCode.Created);
        Assert.All(answers.Where((_, i) => i != winner), a => a.Refuses(HttpStatusCode.Conflict, "AlreadyExists"));
        Assert.Equal(winner, (int)(await node.Client.EntityAsync("urn:e:a"))["v"]!["value"]!);
    }

    [Fact]
    public async Task What_the_store_refuses_is_answered_503_changes_nothing_and_the_node_recovers()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        string before;
        await using (RegistryNode node = await RegistryNode.StartAsync(store))
        {
            NgsiClient client = node.Client;
            await client.CreateAsync("""{"id":"urn:e:a","type":"T","v":{"value":1}}""");
            before = await client.TextAsync("urn:e:a");
            await RefuseAsync(node);

            Answer[] refused =
            [
                await client.PatchAsync("/entities/urn:e:a/attrs", """{"v":{"value":2}}"""),
                await client.PostAsync("/entities", """{"id":"urn:e:b","type":"T"}"""),
                await client.PostAsync("/entityOperations/upsert", """[{"id":"urn:e:a","type":"T","v":{"value":3}},{"id":"urn:e:c","type":"T"}]"""),
                .. await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.PatchAsync("/entities/urn:e:a/attrs", """{"v":{"value":4}}"""))),
            ];
            Assert.All(refused, answer =>
            {
                answer.Is(HttpStatusCode.ServiceUnavailable);
                Assert.NotNull(answer["Retry-After"]);
                // A trigger can make PostgreSQL say that the disk is full; what SQLite says then is tested on a full disk.
                Assert.Contains(kind == StoreKind.PostgreSql ? "its disk is full" : "did not take", (string?)answer.Json["detail"], StringComparison.Ordinal);
            });
            await UnchangedAsync(client);

            await RecoverAsync(node);
            await UnchangedAsync(client);
            (await client.PatchAsync("/entities/urn:e:a/attrs", """{"v":{"value":5}}""")).Is(HttpStatusCode.NoContent);
            await client.CreateAsync("""{"id":"urn:e:b","type":"T"}""");
        }

        await using (RegistryNode node = await RegistryNode.StartAsync(store))
        {
            Assert.Equal(5, (int)(await node.Client.EntityAsync("urn:e:a"))["v"]!["value"]!);
            Assert.Equal(["urn:e:a", "urn:e:b"], (await node.Client.GetAsync("/entities?local=true")).Ids);
        }

        async Task UnchangedAsync(NgsiClient client)
        {
            Assert.Equal(before, await client.TextAsync("urn:e:a"));
            Assert.Equal(["urn:e:a"], (await client.GetAsync("/entities?local=true")).Ids);
        }
    }

    [Fact]
    public async Task A_batch_is_stored_whole_or_not_at_all()
    {
        using TestStore store = await TestStore.CreateAsync(kind, Cancelled);
        await using (RegistryNode node = await RegistryNode.StartAsync(store))
        {
            // The store takes the first rows of the batch and refuses the last.
            await RefuseAsync(node, "urn:e:49");
            string batch = $"[{string.Join(',', Enumerable.Range(0, 50).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"urn:e:{{i}}","type":"T"}""")))}]";
            (await node.Client.PostAsync("/entityOperations/create", batch)).Is(HttpStatusCode.ServiceUnavailable);
            Assert.Equal("[]", (await node.Client.GetAsync("/entities?local=true")).Text);
        }

        await using (RegistryNode node = await RegistryNode.StartAsync(store))
        {
            Assert.Equal("[]", (await node.Client.GetAsync("/entities?local=true")).Text);
        }
    }

    /// <summary>Makes the store refuse rows: all, or those of one id.</summary>
    private async Task RefuseAsync(RegistryNode node, string? id = null)
    {
        if (kind == StoreKind.Sqlite)
        {
            string when = id is null ? "" : $"WHEN NEW.id = '{id}'";
            await node.ExecuteAsync($"CREATE TRIGGER refuse_insert BEFORE INSERT ON entity {when} BEGIN SELECT RAISE(ABORT, 'disk full'); END");
        }
        else
        {
            string when = id is null ? "" : $"WHEN (NEW.id = '{id}')";
            await node.ExecuteAsync(
                $"""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = 'disk_full'; END $$;
                CREATE TRIGGER refuse_insert BEFORE INSERT OR UPDATE ON entity FOR EACH ROW {when} EXECUTE FUNCTION refuse();
                """);
        }
    }

    private Task RecoverAsync(RegistryNode node) =>
        node.ExecuteAsync(kind == StoreKind.Sqlite ? "DROP TRIGGER refuse_insert" : "DROP TRIGGER refuse_insert ON entity");

    private static async Task<(string Entities, string Tenant, string Types, string Registrations)> ReadAsync(RegistryNode node) =>
    (
        (await node.Client.GetAsync("/entities?type=Building&limit=1000&local=true&options=sysAttrs")).Is(HttpStatusCode.OK).Text,
        (await node.Of("other").GetAsync("/entities/urn:e:99?options=sysAttrs")).Is(HttpStatusCode.OK).Text,
        (await node.Client.GetAsync("/types/Building")).Is(HttpStatusCode.OK).Text,
        (await node.Client.GetAsync("/csourceRegistrations?local=true")).Is(HttpStatusCode.OK).Text
    );

    /// <summary>An entity with something of every kind of attribute.</summary>
    private static string Rich(string id, int number) => string.Create(
        CultureInfo.InvariantCulture,
        $$$$"""
        {"id":"{{{{id}}}}","type":["Building","Hall"],"scope":["/DMC","/Mulhouse/est"],
         "name":{"type":"Property","value":"Halle n° {{{{number}}}} \"Motoco\" 😀"},
         "height":[{"type":"Property","value":1.50,"unitCode":"MTR","observedAt":"2026-11-25T08:00:00.1Z","accuracy":{"type":"Property","value":0.1}},
                   {"type":"Property","value":1e3,"datasetId":"urn:d:1"}],
         "owner":{"type":"Relationship","object":"urn:ngsi-ld:Organization:dmc","objectType":"Organization"},
         "title":{"type":"LanguageProperty","languageMap":{"fr":"Halle","de":"Halle","en":"hall"}},
         "category":{"type":"VocabProperty","vocab":"industrial"},
         "raw":{"type":"JsonProperty","json":{"id":1,"type":null,"@value":[1,2]}},
         "list":{"type":"ListProperty","valueList":[1,"a",null,{"b":2}]},
         "neighbours":{"type":"ListRelationship","objectList":[{"object":"urn:e:1"},{"object":"urn:e:2"}]},
         "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.32,47.75]}}}
        """);
}

public sealed class DurabilityOnSqliteTests() : DurabilityTests(StoreKind.Sqlite);

public sealed class DurabilityOnPostgresTests() : DurabilityTests(StoreKind.PostgreSql)
{
    [Fact]
    public async Task Lost_connections_to_the_server_cost_a_503_and_the_node_recovers()
    {
        using TestStore store = await TestStore.CreateAsync(StoreKind.PostgreSql, TestContext.Current.CancellationToken);
        await using RegistryNode node = await RegistryNode.StartAsync(store);
        NgsiClient client = node.Client;
        await client.CreateAsync("""{"id":"urn:e:a","type":"T","v":{"value":1}}""");
        for (int round = 0; round < 3; round++)
        {
            await DisconnectAsync(store);
            string before = await client.TextAsync("urn:e:a");
            Answer answer = await client.PatchAsync("/entities/urn:e:a/attrs", """{"v":{"value":2}}""");
            if (answer.Status != HttpStatusCode.NoContent)
            {
                answer.Is(HttpStatusCode.ServiceUnavailable);
                Assert.Equal(before, await client.TextAsync("urn:e:a"));
            }

            bool recovered = await Eventually.HoldsAsync(
                async () => (await client.PatchAsync("/entities/urn:e:a/attrs", """{"v":{"value":3}}""")).Status == HttpStatusCode.NoContent,
                seconds: 10,
                TestContext.Current.CancellationToken);
            Assert.True(recovered);
        }
    }

    private static async Task DisconnectAsync(TestStore store)
    {
        await using var connection = new Npgsql.NpgsqlConnection(store.Options.PostgreSql.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
