using Microsoft.Extensions.Options;

namespace Twin.Hosting.Storage;

/// <summary>The database engine that keeps the services' state.</summary>
public enum StoreKind
{
    /// <summary>One file per service in the data directory: the embedded default.</summary>
    Sqlite,

    /// <summary>One schema and role per service in a PostgreSQL database: the one for scale.</summary>
    PostgreSql,
}

/// <summary>Where the services of a process keep their state. Section <c>Twin:Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Twin:Storage";

    /// <summary>The key of the folder that holds everything a node keeps on disk.</summary>
    public const string DataDirectoryKey = "Twin:DataDirectory";

    /// <summary><c>sqlite</c> (default) or <c>postgresql</c>.</summary>
    public StoreKind Kind { get; set; } = StoreKind.Sqlite;

    /// <summary>The folder of the SQLite files, from <c>Twin:DataDirectory</c>.</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>Read when <see cref="Kind"/> is PostgreSQL.</summary>
    public PostgreSqlOptions PostgreSql { get; set; } = new();
}

/// <summary>How to reach PostgreSQL. Section <c>Twin:Storage:PostgreSql</c>.</summary>
public sealed class PostgreSqlOptions
{
    /// <summary>
    /// The login that prepares a role and a schema per service when it may (CREATEROLE and CREATE on the database),
    /// and that every service of the process then uses under its own role.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// A login of its own for a service, by service name. Such a service prepares nothing: its schema has been made by
    /// whoever made the login, and belongs to it.
    /// </summary>
    public IDictionary<string, string> Services { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

internal sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (options.Kind == StoreKind.Sqlite && string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            return ValidateOptionsResult.Fail(
                $"{StorageOptions.DataDirectoryKey} is not set. Set it to the folder that keeps the node's files (twin serve --data DIR), or set {StorageOptions.Section}:Kind to postgresql.");
        }

        if (options.Kind == StoreKind.PostgreSql
            && string.IsNullOrWhiteSpace(options.PostgreSql.ConnectionString)
            && options.PostgreSql.Services.Count == 0)
        {
            return ValidateOptionsResult.Fail(
                $"{StorageOptions.Section}:PostgreSql:ConnectionString is not set. Set it to a connection string such as Host=db;Database=twin;Username=twin;Password=..., or set {StorageOptions.Section}:Kind to sqlite.");
        }

        return ValidateOptionsResult.Success;
    }
}
