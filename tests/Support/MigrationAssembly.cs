using System.Reflection;
using System.Text;
using Twin.Hosting.Storage;

namespace Twin.Tests.Support;

/// <summary>An assembly that embeds the given migrations, so that a test can be several builds of one service.</summary>
public sealed class MigrationAssembly : Assembly
{
    private readonly Dictionary<string, string> resources;

    private MigrationAssembly(Dictionary<string, string> resources) => this.resources = resources;

    /// <summary>Embeds each text under the name that the SDK would give <c>Migrations/KIND/NAME.sql</c>.</summary>
    public static MigrationAssembly With(StoreKind kind, params (string Name, string Sql)[] migrations) => new(
        migrations.ToDictionary(
            migration => $"Service.Migrations.{(kind == StoreKind.Sqlite ? "sqlite" : "postgresql")}.{migration.Name}.sql",
            migration => migration.Sql,
            StringComparer.Ordinal));

    /// <inheritdoc />
    public override string[] GetManifestResourceNames() => [.. resources.Keys];

    /// <inheritdoc />
    public override Stream? GetManifestResourceStream(string name) => new MemoryStream(Encoding.UTF8.GetBytes(resources[name]));
}
