using System.Data.Common;
using System.Reflection;
using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Storage;

/// <summary>What every store promises to a service; run on SQLite and on PostgreSQL.</summary>
public abstract class ServiceDatabaseTests(StoreKind kind)
{
    private static readonly Assembly Empty = typeof(Assembly).Assembly;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected Task<TestStore> StoreAsync() => TestStore.CreateAsync(kind, Cancelled);

    [Fact]
    public async Task A_host_migrates_before_its_first_hosted_service_starts()
    {
        using var store = await StoreAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(store.Settings);
        builder.Services.AddHostedService<ReadsTheSchema>();
        builder.AddServiceDatabase("first", MigrationAssembly.With(kind, ("0001_things", "CREATE TABLE things (id integer PRIMARY KEY)")));
        builder.AddServiceDatabase("second", Empty);
        using var host = builder.Build();

        await host.StartAsync(Cancelled);

        Assert.Equal(0, host.Services.GetServices<IHostedService>().OfType<ReadsTheSchema>().Single().Things);
        Assert.Equal("second", host.Services.GetRequiredKeyedService<ServiceDatabase>("second").Service);
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_migration_runs_once_and_a_later_build_adds_its_own()
    {
        using var store = await StoreAsync();
        var first = ("0001_things", "CREATE TABLE things (id integer PRIMARY KEY); INSERT INTO things VALUES (1);");
        await using (await store.OpenAsync("city", MigrationAssembly.With(kind, first), Cancelled))
        {
        }

        await using var database = await store.OpenAsync(
            "city", MigrationAssembly.With(kind, first, ("0002_more", "INSERT INTO things VALUES (2);")), Cancelled);

        await using var connection = await database.DataSource.OpenConnectionAsync(Cancelled);
        Assert.Equal([1L, 2L], await connection.QueryAsync<long>("SELECT id FROM things ORDER BY id"));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_schema_as_it_was()
    {
        using var store = await StoreAsync();
        var broken = MigrationAssembly.With(kind, ("0001_things", "CREATE TABLE things (id integer PRIMARY KEY); INSERT INTO nowhere VALUES (1);"));

        var refusal = await Assert.ThrowsAsync<StorageException>(() => store.OpenAsync("city", broken, Cancelled));

        Assert.Contains("0001_things", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_with_what_to_do()
    {
        using var store = await StoreAsync();
        var first = ("0001_things", "CREATE TABLE things (id integer PRIMARY KEY)");
        await using (await store.OpenAsync("city", MigrationAssembly.With(kind, first, ("0002_more", "INSERT INTO things VALUES (2)")), Cancelled))
        {
        }

        await using var older = ServiceDatabase.Create("city", store.Options, MigrationAssembly.With(kind, first), TimeProvider.System);
        var refusal = await Assert.ThrowsAsync<StorageException>(() => older.PrepareAsync(Cancelled));

        Assert.Contains("migration 2, this build knows 1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Start the newer build", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_whose_text_has_changed_is_refused()
    {
        using var store = await StoreAsync();
        await using (await store.OpenAsync("city", MigrationAssembly.With(kind, ("0001_things", "CREATE TABLE things (id integer)")), Cancelled))
        {
        }

        await using var changed = ServiceDatabase.Create(
            "city", store.Options, MigrationAssembly.With(kind, ("0001_things", "CREATE TABLE things (id text)")), TimeProvider.System);
        var refusal = await Assert.ThrowsAsync<StorageException>(() => changed.PrepareAsync(Cancelled));

        Assert.Contains("0001_things of city is not the text that was applied", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Migrations_are_numbered_without_a_gap()
    {
        var gap = MigrationAssembly.With(kind, ("0001_things", "SELECT 1"), ("0003_more", "SELECT 1"));

        var refusal = Assert.Throws<StorageException>(() => ServiceDatabase.Create(
            "city", new StorageOptions { Kind = kind, DataDirectory = ".", PostgreSql = { ConnectionString = "Host=127.0.0.1" } }, gap, TimeProvider.System));

        Assert.Contains("0003_more.sql stands where 0002 belongs", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_writer_has_committed_a_pooled_reader_sees_and_what_it_rolls_back_nobody()
    {
        using var store = await StoreAsync();
        await using var database = await store.OpenAsync(
            "city", MigrationAssembly.With(kind, ("0001_things", "CREATE TABLE things (id integer PRIMARY KEY)")), Cancelled);
        await using var writer = await database.OpenWriterAsync(Cancelled);

        foreach (var (id, commit) in new[] { (1, true), (2, false) })
        {
            using var turn = await database.TakeWriteTurnAsync(Cancelled);
            await using var transaction = await writer.BeginTransactionAsync(Cancelled);
            await writer.ExecuteAsync("INSERT INTO things VALUES (@id)", new { id }, transaction);
            if (commit)
            {
                await transaction.CommitAsync(Cancelled);
            }
        }

        await using var reader = await database.DataSource.OpenConnectionAsync(Cancelled);
        Assert.Equal([1L], await reader.QueryAsync<long>("SELECT id FROM things"));
    }

    private sealed class ReadsTheSchema([FromKeyedServices("first")] ServiceDatabase database) : IHostedService
    {
        public long? Things { get; private set; }

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
            Things = await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM things");
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

public sealed class SqliteServiceDatabaseTests() : ServiceDatabaseTests(StoreKind.Sqlite)
{
    [Fact]
    public async Task A_second_node_on_the_same_directory_is_refused_until_the_first_has_gone()
    {
        using var store = await StoreAsync();
        var empty = typeof(Assembly).Assembly;
        await using (await store.OpenAsync("city", empty, Cancelled))
        {
            await using var second = ServiceDatabase.Create("city", store.Options, empty, TimeProvider.System);
            var refusal = await Assert.ThrowsAsync<StorageException>(() => second.PrepareAsync(Cancelled));
            Assert.Contains("Another node runs on this data directory", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(Environment.ProcessId.ToString(), refusal.Message, StringComparison.Ordinal);
        }

        await using var third = await store.OpenAsync("city", empty, Cancelled);
    }

    [Fact]
    public async Task Commits_are_durable_and_foreign_keys_hold_on_every_connection()
    {
        using var store = await StoreAsync();
        await using var database = await store.OpenAsync("city", typeof(Assembly).Assembly, Cancelled);
        await using var writer = await database.OpenWriterAsync(Cancelled);
        await using var reader = await database.DataSource.OpenConnectionAsync(Cancelled);

        foreach (var connection in new[] { writer, reader })
        {
            Assert.Equal("wal", await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode"));
            Assert.Equal(2, await connection.ExecuteScalarAsync<int>("PRAGMA synchronous"));
            Assert.Equal(1, await connection.ExecuteScalarAsync<int>("PRAGMA foreign_keys"));
        }
    }

    [Fact]
    public async Task A_long_log_is_copied_into_the_file_beside_its_writer_and_begins_anew()
    {
        using var store = await StoreAsync();
        await using var database = await store.OpenAsync(
            "city", MigrationAssembly.With(StoreKind.Sqlite, ("0001_things", "CREATE TABLE things (bytes blob)")), Cancelled);
        await using var writer = await database.OpenWriterAsync(Cancelled);
        await WriteAsync(megabytes: 20);

        long pages, copied;
        do
        {
            await Task.Yield();
            (_, pages, copied) = await LogAsync();
        }
        while (copied < pages);

        await WriteAsync(megabytes: 1);
        Assert.InRange(pages, 5_000, 5_500);
        Assert.InRange((await LogAsync()).Pages, 250, 400);

        async Task WriteAsync(int megabytes)
        {
            using var turn = await database.TakeWriteTurnAsync(Cancelled);
            await writer.ExecuteAsync("INSERT INTO things VALUES (zeroblob(@bytes))", new { bytes = megabytes << 20 });
        }

        Task<(long Busy, long Pages, long Copied)> LogAsync() => writer.QuerySingleAsync<(long, long, long)>("PRAGMA wal_checkpoint(NOOP)");
    }

    [Fact]
    public async Task A_host_without_a_data_directory_says_which_setting_is_missing()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddServiceDatabase("city", typeof(Assembly).Assembly);
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancelled));

        Assert.Contains("Twin:DataDirectory is not set", refusal.Message, StringComparison.Ordinal);
    }
}

public sealed class PostgreSqlServiceDatabaseTests() : ServiceDatabaseTests(StoreKind.PostgreSql)
{
    [Fact]
    public async Task A_service_cannot_read_the_schema_of_another()
    {
        using var store = await StoreAsync();
        await using var first = await store.OpenAsync(
            "first-one", MigrationAssembly.With(StoreKind.PostgreSql, ("0001_things", "CREATE TABLE things (id integer)")), Cancelled);
        await using var second = await store.OpenAsync("second-one", typeof(Assembly).Assembly, Cancelled);

        foreach (var open in new Func<Task<DbConnection>>[] { () => second.OpenWriterAsync(Cancelled), () => second.DataSource.OpenConnectionAsync(Cancelled).AsTask() })
        {
            await using var connection = await open();
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.QueryAsync<int>("SELECT id FROM first_one.things"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
            Assert.Equal("twin_second_one", await connection.ExecuteScalarAsync<string>("SELECT current_user::text"));
        }
    }

    [Fact]
    public async Task A_connection_keeps_its_role_through_the_pool()
    {
        using var store = await StoreAsync();
        await using var database = await store.OpenAsync("city", typeof(Assembly).Assembly, Cancelled);

        for (var i = 0; i < 3; i++)
        {
            await using var connection = await database.DataSource.OpenConnectionAsync(Cancelled);
            Assert.Equal("twin_city city", await connection.ExecuteScalarAsync<string>("SELECT current_user || ' ' || current_schema()"));
        }
    }

    [Fact]
    public async Task Processes_that_start_at_once_migrate_once()
    {
        using var store = await StoreAsync();
        var migrations = MigrationAssembly.With(StoreKind.PostgreSql, ("0001_things", "SELECT pg_sleep(0.2); CREATE TABLE things (id integer)"));

        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.OpenAsync("city", migrations, Cancelled)));

        Assert.Equal(4, opened.Length);
        foreach (var database in opened)
        {
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_login_without_rights_is_told_what_an_administrator_has_to_run()
    {
        using var store = await StoreAsync();
        await using (var admin = new NpgsqlConnection(store.Options.PostgreSql.ConnectionString))
        {
            await admin.OpenAsync(Cancelled);
            await admin.ExecuteAsync("CREATE ROLE plain LOGIN");
        }

        store.Options.PostgreSql.ConnectionString =
            new NpgsqlConnectionStringBuilder(store.Options.PostgreSql.ConnectionString) { Username = "plain" }.ConnectionString;
        var refusal = await Assert.ThrowsAsync<StorageException>(() => store.OpenAsync("lonely", typeof(Assembly).Assembly, Cancelled));

        Assert.Contains("CREATE ROLE twin_lonely NOLOGIN", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_may_bring_a_login_of_its_own()
    {
        using var store = await StoreAsync();
        await using (var admin = new NpgsqlConnection(store.Options.PostgreSql.ConnectionString))
        {
            await admin.OpenAsync(Cancelled);
            await admin.ExecuteAsync("CREATE ROLE town LOGIN; CREATE SCHEMA town AUTHORIZATION town");
        }

        store.Options.PostgreSql.Services["town"] =
            new NpgsqlConnectionStringBuilder(store.Options.PostgreSql.ConnectionString) { Username = "town" }.ConnectionString;
        await using var database = await store.OpenAsync("town", typeof(Assembly).Assembly, Cancelled);

        await using var connection = await database.DataSource.OpenConnectionAsync(Cancelled);
        Assert.Equal("town", await connection.ExecuteScalarAsync<string>("SELECT current_user::text"));
    }
}
