using System.Reflection;
using Twin.Hosting.Storage;

namespace Twin.Tests.Support;

/// <summary>A place for the databases of a test: a temporary folder, or an empty PostgreSQL database.</summary>
public sealed class TestStore : IDisposable
{
    private TestStore(StorageOptions options) => Options = options;

    /// <summary>What a host in the test is configured with.</summary>
    public StorageOptions Options { get; }

    /// <summary>The same as <see cref="Options"/>, as settings of a host.</summary>
    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Twin:Storage:Kind"] = Options.Kind.ToString(),
        ["Twin:Storage:PostgreSql:ConnectionString"] = Options.PostgreSql.ConnectionString,
        ["Twin:DataDirectory"] = Options.DataDirectory,
    };

    /// <summary>Makes an empty store; skips the test where PostgreSQL is asked for and not installed.</summary>
    public static async Task<TestStore> CreateAsync(StoreKind kind, CancellationToken cancellationToken = default)
    {
        var options = new StorageOptions { Kind = kind, DataDirectory = Directory.CreateTempSubdirectory("twin-store-").FullName };
        if (kind == StoreKind.PostgreSql)
        {
            options.PostgreSql.ConnectionString = await PostgresServer.CreateDatabaseAsync(cancellationToken);
        }

        return new TestStore(options);
    }

    /// <summary>The prepared database of a service; the caller disposes of it.</summary>
    public async Task<ServiceDatabase> OpenAsync(string service, Assembly migrations, CancellationToken cancellationToken = default)
    {
        var database = ServiceDatabase.Create(service, Options, migrations, TimeProvider.System);
        await database.PrepareAsync(cancellationToken);
        return database;
    }

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(Options.DataDirectory, recursive: true);
}
