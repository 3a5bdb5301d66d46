using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Twin.Hosting.Storage;

/// <summary>One step of a schema. Its text never changes once it has landed; a change is a new step.</summary>
internal sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text, in hexadecimal, blind to how a checkout ends its lines.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}

/// <summary>The migrations that one assembly embeds as <c>Migrations/sqlite|postgresql/NNNN_name.sql</c>.</summary>
internal sealed partial record MigrationSet(string Component, IReadOnlyList<Migration> Migrations)
{
    public static MigrationSet Read(string component, Assembly assembly, StoreKind kind)
    {
        var folder = kind == StoreKind.Sqlite ? "sqlite" : "postgresql";
        var migrations = assembly.GetManifestResourceNames()
            .Select(name => (name, match: ResourceName.Match(name)))
            .Where(found => found.match.Success && found.match.Groups["store"].Value == folder)
            .Select(found => new Migration(
                int.Parse(found.match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture),
                found.match.Groups["name"].Value,
                Text(assembly, found.name)))
            .OrderBy(migration => migration.Number)
            .ToList();
        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Number != i + 1)
            {
                throw new StorageException(
                    $"The {folder} migrations of {component} are not numbered 1, 2, 3 ... without a gap: {migrations[i].Number:D4}_{migrations[i].Name}.sql stands where {i + 1:D4} belongs.");
            }
        }

        return new MigrationSet(component, migrations);
    }

    private static string Text(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\.Migrations\.(?<store>sqlite|postgresql)\._?(?<number>[0-9]{4})_(?<name>[a-z0-9_]+)\.sql$", RegexOptions.CultureInvariant)]
    private static partial Regex ResourceName { get; }
}
