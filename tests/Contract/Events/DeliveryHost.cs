using System.Data.Common;
using System.Globalization;
using System.Text;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Twin.Hosting.Authentication;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.Tests.Support;

namespace Twin.Tests.Contract.Events;

/// <summary>One row of the table that the consumer fills, in the order of effect.</summary>
public sealed record Effect(string Subject, long Value);

/// <summary>A transaction that has appended and not yet committed; rolls back unless it does.</summary>
public sealed class OpenWrite(DbConnection connection, DbTransaction transaction) : IAsyncDisposable
{
    public Task CommitAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}

/// <summary>A process with two services: <c>things</c> appends events, <c>effects</c> consumes them.</summary>
public sealed class DeliveryHost : IAsyncDisposable
{
    private const string Producer = "things";
    private const string Consumer = "effects";

    private readonly WebApplication app;

    private DeliveryHost(WebApplication app) => this.app = app;

    public RecordingConsumer Recorder => app.Services.GetRequiredService<RecordingConsumer>();

    public DeadLetters DeadLetters => app.Services.GetRequiredKeyedService<DeadLetters>(Consumer);

    public EventLag Lag => app.Services.GetRequiredService<EventLag>();

    public T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>Builds the process without starting it: its stores work, and nothing is delivered.</summary>
    public static Task<DeliveryHost> BuildAsync(TestStore store, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken) =>
        BuildAsync([.. store.Settings, .. settings], cancellationToken);

    /// <summary>The same, with the store among the settings.</summary>
    public static async Task<DeliveryHost> BuildAsync(IReadOnlyCollection<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Critical);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Twin:Events:RetryDelay"] = "00:00:00.010",
            ["Twin:Events:MaxRetryDelay"] = "00:00:00.200",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddTwinAuthorization();
        var kind = Enum.Parse<StoreKind>(builder.Configuration[StorageOptions.Section + ":Kind"]!);
        builder.AddServiceDatabase(Producer, Migrations(kind, "CREATE TABLE things (value bigint PRIMARY KEY, subject text NOT NULL)"));
        builder.AddServiceDatabase(Consumer, Migrations(kind, kind == StoreKind.Sqlite
            ? "CREATE TABLE effects (number integer PRIMARY KEY AUTOINCREMENT, subject text NOT NULL, value bigint NOT NULL)"
            : "CREATE TABLE effects (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text NOT NULL, value bigint NOT NULL)"));
        builder.AddEventOutbox(Producer, RecordingConsumer.Topic);
        builder.AddEventConsumer<RecordingConsumer>(Consumer);
        var built = builder.Build();
        built.UseRouting();
        built.UseTwinAuthorization();
        built.MapTwinEvents();
        var host = new DeliveryHost(built);
        await host.Database(Producer).PrepareAsync(cancellationToken);
        await host.Database(Consumer).PrepareAsync(cancellationToken);
        return host;
    }

    public Task StartAsync(CancellationToken cancellationToken) => app.StartAsync(cancellationToken);

    /// <summary>Writes a row and its event for each value, in one transaction.</summary>
    public async Task AppendAsync(IReadOnlyList<TwinEvent> events, bool commit, CancellationToken cancellationToken)
    {
        using (await Database(Producer).TakeWriteTurnAsync(cancellationToken))
        {
            await using var write = await BeginAsync(events, cancellationToken);
            if (!commit)
            {
                return;
            }

            await write.CommitAsync(cancellationToken);
        }

        Outbox.Committed();
    }

    /// <summary>The same, and leaves the transaction open.</summary>
    public async Task<OpenWrite> BeginAsync(IReadOnlyList<TwinEvent> events, CancellationToken cancellationToken)
    {
        var connection = await Database(Producer).DataSource.OpenConnectionAsync(cancellationToken);
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var one in events)
        {
            await connection.ExecuteAsync(
                "INSERT INTO things (value, subject) VALUES (@value, @subject) ON CONFLICT DO NOTHING",
                new { value = Value(one), subject = one.Subject },
                transaction);
        }

        await Outbox.AppendAsync(transaction, RecordingConsumer.Topic, events, cancellationToken);
        return new OpenWrite(connection, transaction);
    }

    public static TwinEvent Event(string subject, long value) => TwinEvent.Create(
        "/things", "thing.changed.v1", subject, TimeProvider.System.GetUtcNow(), Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)), "text/plain");

    public Task<IReadOnlyList<Effect>> EffectsAsync(CancellationToken cancellationToken) =>
        QueryAsync(Consumer, "SELECT subject AS Subject, value AS Value FROM effects ORDER BY number", cancellationToken);

    public Task<IReadOnlyList<Effect>> ThingsAsync(CancellationToken cancellationToken) =>
        QueryAsync(Producer, "SELECT subject AS Subject, value AS Value FROM things ORDER BY value", cancellationToken);

    public async Task<long> OutboxRowsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await Database(Producer).DataSource.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM outbox");
    }

    /// <summary>The effects once there are as many as asked for; what there is when the time is up.</summary>
    public async Task<IReadOnlyList<Effect>> WaitForEffectsAsync(int count, CancellationToken cancellationToken, int seconds = 30)
    {
        IReadOnlyList<Effect> effects = [];
        await Eventually.HoldsAsync(async () => (effects = await EffectsAsync(cancellationToken)).Count >= count, seconds, cancellationToken);
        return effects;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }

    private static long Value(TwinEvent one) => long.Parse(Encoding.ASCII.GetString(one.Data.Span), CultureInfo.InvariantCulture);

    private static MigrationAssembly Migrations(StoreKind kind, string sql) => MigrationAssembly.With(kind, ("0001_tables", sql));

    private EventOutbox Outbox => app.Services.GetRequiredKeyedService<EventOutbox>(Producer);

    private ServiceDatabase Database(string service) => app.Services.GetRequiredKeyedService<ServiceDatabase>(service);

    private async Task<IReadOnlyList<Effect>> QueryAsync(string service, string sql, CancellationToken cancellationToken)
    {
        await using DbConnection connection = await Database(service).DataSource.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<Effect>(sql)];
    }
}
