using System.Data.Common;
using Npgsql;

namespace Twin.Hosting.Storage;

/// <summary>
/// A schema and a role per service in one PostgreSQL database. The role has rights on its own schema alone, so that a
/// query across services fails in a small city as it would in a large one.
/// </summary>
internal sealed class PostgreSqlEngine : StoreEngine
{
    private readonly string service;
    private readonly string schema;
    private readonly string login;
    private readonly bool ownLogin;
    private readonly NpgsqlDataSource pooled;
    private readonly string dedicated;

    public PostgreSqlEngine(string service, PostgreSqlOptions options)
    {
        this.service = service;
        schema = service.Replace('-', '_');
        ownLogin = options.Services.TryGetValue(service, out var own);
        login = own ?? options.ConnectionString;
        if (login.Length == 0)
        {
            throw new StorageException(
                $"No PostgreSQL login for the service '{service}'. Set {StorageOptions.Section}:PostgreSql:ConnectionString or {StorageOptions.Section}:PostgreSql:Services:{service}.");
        }

        var connection = new NpgsqlConnectionStringBuilder(login) { Enlist = false };
        connection.ApplicationName ??= "twin " + service;
        connection.Options = string.Join(' ', new[]
        {
            connection.Options,
            "-c search_path=" + schema,
            ownLogin ? null : "-c role=" + Role,
        }.Where(part => !string.IsNullOrEmpty(part)));

        // The reset on return to the pool ends the role of the session; our code leaves no other session state behind.
        connection.NoResetOnClose = true;
        if (connection.MaxAutoPrepare == 0)
        {
            connection.MaxAutoPrepare = 64;
        }

        pooled = Build(connection.ConnectionString);
        connection.Pooling = false;
        dedicated = connection.ConnectionString;
    }

    public override StoreKind Kind => StoreKind.PostgreSql;

    public override DbDataSource DataSource => pooled;

    private string Role => "twin_" + schema;

    public override async Task ClaimAsync(CancellationToken cancellationToken)
    {
        if (ownLogin)
        {
            return;
        }

        await using var source = Build(new NpgsqlConnectionStringBuilder(login) { Pooling = false }.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, "SELECT pg_advisory_lock(hashtextextended('twin roles', 0))", cancellationToken);
            await CreateRoleAsync(connection, cancellationToken);
            await ExecuteAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {Role}", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new StorageException(
                $"The PostgreSQL login may not prepare the service '{service}' ({e.MessageText}). Let an administrator run: CREATE ROLE {Role} NOLOGIN; GRANT {Role} TO <login>; CREATE SCHEMA {schema} AUTHORIZATION {Role}; or give the service a login of its own in {StorageOptions.Section}:PostgreSql:Services:{service}.", e);
        }
    }

    public override async Task<DbConnection> OpenDedicatedAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(dedicated);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override Task LockMigrationsAsync(DbConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync((NpgsqlConnection)connection, $"SELECT pg_advisory_lock(hashtextextended('twin migrations {schema}', 0))", cancellationToken);

    public override ValueTask DisposeAsync() => pooled.DisposeAsync();

    // Roles belong to the whole server, the lock to one database: another node's start may win the race.
    private async Task CreateRoleAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var find = connection.CreateCommand();
        find.CommandText = "SELECT pg_has_role($1::name, 'MEMBER') FROM pg_roles WHERE rolname = $1";
        find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Role });
        var member = await find.ExecuteScalarAsync(cancellationToken) as bool?;
        if (member is null)
        {
            try
            {
                await ExecuteAsync(connection, $"CREATE ROLE {Role} NOLOGIN", cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
            {
                member = null;
            }
        }

        if (member is true)
        {
            return;
        }

        try
        {
            await ExecuteAsync(connection, $"GRANT {Role} TO CURRENT_USER", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation)
        {
            // The other start has granted it at the same moment.
        }
    }

    private static NpgsqlDataSource Build(string connectionString)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(connectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        return builder.Build();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
