using System.Data.Common;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Npgsql;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Hosting.Composition;
using Twin.ScenarioEngine;
using Twin.Telemetry;

namespace Twin.Node.Commands;

/// <summary>Whether the stores open, and whether this program knows their schema.</summary>
internal static partial class DoctorStores
{
    private static readonly Dictionary<string, Assembly> Services = new(StringComparer.Ordinal)
    {
        [EntityRegistryService.Name] = typeof(EntityRegistryService).Assembly,
        [ScenarioEngineService.Name] = typeof(ScenarioEngineService).Assembly,
        [TelemetryService.Name] = typeof(TelemetryService).Assembly,
        [GatewayService.Name] = typeof(GatewayService).Assembly,
    };

    public static async Task<List<Finding>> CheckAsync(string data, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var file in Directory.Exists(data) ? Directory.GetFiles(data, "*.db").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            findings.Add(await CheckAsync(file, Path.GetFileNameWithoutExtension(file), cancellationToken));
        }

        if (Environment.GetEnvironmentVariable("Twin__Storage__PostgreSql__ConnectionString") is { Length: > 0 } connection)
        {
            findings.Add(await PostgreSqlAsync(connection, cancellationToken));
        }

        return findings;
    }

    private static async Task<Finding> CheckAsync(string file, string service, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            await connection.OpenAsync(cancellationToken);
            var state = new List<string>();
            foreach (var (component, applied) in await AppliedAsync(connection, cancellationToken))
            {
                var known = KnownIn(Services.TryGetValue(component, out var own) ? own : typeof(TwinNode).Assembly, "sqlite");
                if (applied > known)
                {
                    return Finding.Fail($"store {service}", $"{component} is at migration {applied}, this program knows {known}", "A newer version wrote it: run that version, or a backup of before.");
                }

                state.Add(applied == known ? $"{component} at migration {applied}" : $"{component} at migration {applied} of {known}, the rest comes at the next start");
            }

            return Finding.Ok($"store {service}", string.Join(", ", state));
        }
        catch (SqliteException fault)
        {
            return Finding.Fail($"store {service}", $"{file} cannot be read: {fault.Message}", "Check the disk; bring back a backup.");
        }
    }

    private static async Task<List<(string Component, int Applied)>> AppliedAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT component, max(number) FROM applied_migrations GROUP BY component ORDER BY component";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var applied = new List<(string, int)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add((reader.GetString(0), reader.GetInt32(1)));
        }

        return applied;
    }

    private static int KnownIn(Assembly assembly, string kind) => assembly.GetManifestResourceNames()
        .Select(static name => MigrationName.Match(name))
        .Where(match => match.Success && match.Groups[1].Value == kind)
        .Select(static match => int.Parse(match.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture))
        .DefaultIfEmpty()
        .Max();

    private static async Task<Finding> PostgreSqlAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Timeout = 5, Pooling = false });
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            return Finding.Ok("PostgreSQL", $"{connection.Host}:{connection.Port}, version {connection.PostgreSqlVersion}");
        }
        catch (Exception fault) when (fault is NpgsqlException or ArgumentException)
        {
            return Finding.Fail("PostgreSQL", fault.Message, "Check Twin__Storage__PostgreSql__ConnectionString and that the server runs.");
        }
    }

    [GeneratedRegex(@"\.Migrations\.(sqlite|postgresql)\._?([0-9]{4})_[a-z0-9_]+\.sql$", RegexOptions.CultureInvariant)]
    private static partial Regex MigrationName { get; }
}
