using System.Net;
using Npgsql;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>
/// A PostgreSQL server that has no room left for new rows: what a full disk does to a node on SQLite is shown by the end to
/// end tests on a file system of a few megabytes.
/// </summary>
public sealed class FullStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_server_makes_the_history_and_the_registry_read_only_and_both_come_back_without_a_request()
    {
        using var store = await TestStore.CreateAsync(StoreKind.PostgreSql, Token);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0"));
        var client = node.Of(null);
        IngestTests.Counts(await node.IngestAsync(Row(0)), taken: 1);
        await RunAsync(store, """
            CREATE FUNCTION public.full_row() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$;
            CREATE FUNCTION public.full_table() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$;
            CREATE TRIGGER full_disk BEFORE INSERT ON telemetry.tail_block FOR EACH ROW EXECUTE FUNCTION public.full_row();
            CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON telemetry.erasure FOR EACH ROW EXECUTE FUNCTION public.full_row();
            CREATE TRIGGER full_disk BEFORE INSERT ON entity_registry.entity FOR EACH ROW EXECUTE FUNCTION public.full_row();
            CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.full_table();
            """);

        Full(await node.IngestAsync(Row(1)));
        Full(await client.PostAsync("/entities", """{"id":"urn:e:1","type":"Room"}"""));
        using (var content = new StringContent("""{"entity":"urn:d:1"}""", System.Text.Encoding.UTF8, "application/json"))
        {
            using var erasure = await node.Http.PostAsync("/history/erasures", content, Token);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, erasure.StatusCode);
        }

        Assert.Equal("0", Assert.Single(await node.PointsAsync(null, "urn:d:1", "t")).Value);
        var ready = (await node.GetAsync("/health/ready")).Is(HttpStatusCode.OK).Json["checks"]!["stores"]!;
        Assert.Equal("Degraded", (string?)ready["status"]);
        foreach (var service in new[] { "entity-registry", "telemetry" })
        {
            Assert.Matches($"(^|; )the store of {service} did not take its last change, at [^;]*: its disk is full(;|$)", (string)ready["description"]!);
        }

        await RunAsync(store, "DROP EVENT TRIGGER full_disk; DROP TRIGGER full_disk ON telemetry.tail_block; DROP TRIGGER full_disk ON telemetry.erasure; DROP TRIGGER full_disk ON entity_registry.entity");
        Assert.True(await Eventually.HoldsAsync(
            async () => (string?)(await node.GetAsync("/health/ready")).Json["checks"]!["stores"]!["status"] == "Healthy", 30, Token));
        IngestTests.Counts(await node.IngestAsync(Row(1)), taken: 1);
        (await client.PostAsync("/entities", """{"id":"urn:e:1","type":"Room"}""")).Is(HttpStatusCode.Created);
    }

    private static void Full(Answer answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("its disk is full", answer.Text, StringComparison.Ordinal);
    }

    private static string Row(int value) => $"entity,attribute,observedAt,value\nurn:d:1,t,2026-01-01T00:0{value}:00Z,{value}\n";

    private static async Task RunAsync(TestStore store, string sql)
    {
        await using var connection = new NpgsqlConnection(store.Options.PostgreSql.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
