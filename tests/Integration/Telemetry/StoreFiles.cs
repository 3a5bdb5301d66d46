using System.Text;
using Npgsql;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>The bytes of the files in which a store keeps what a node tells it: nothing is asked of a database.</summary>
internal sealed class StoreFiles(TestStore store)
{
    /// <summary>The files that hold a text, by their names; the whole data directory, or the whole database of PostgreSQL.</summary>
    public async Task<List<string>> WithAsync(params string[] texts)
    {
        var found = new List<string>();
        byte[][] needles = [.. texts.Select(Encoding.UTF8.GetBytes)];
        foreach (var file in await ListAsync())
        {
            var bytes = await BytesAsync(file);
            if (bytes is not null && Array.Exists(needles, needle => bytes.AsSpan().IndexOf(needle) >= 0))
            {
                found.Add(Path.GetFileName(file));
            }
        }

        return found;
    }

    private async Task<string[]> ListAsync()
    {
        if (store.Options.Kind == StoreKind.Sqlite)
        {
            return Directory.GetFiles(store.Options.DataDirectory, "*", SearchOption.AllDirectories);
        }

        // The server is the test's own: its superuser asks for the folder, and for all pages to be written.
        await using var connection = new NpgsqlConnection(store.Options.PostgreSql.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using (var checkpoint = new NpgsqlCommand("CHECKPOINT", connection))
        {
            await checkpoint.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var where = new NpgsqlCommand("SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database WHERE datname = current_database()", connection);
        var folder = (string)(await where.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        if (!Directory.Exists(folder))
        {
            Assert.Skip("The files of the PostgreSQL server cannot be read here.");
        }

        return Directory.GetFiles(folder);
    }

    private static async Task<byte[]?> BytesAsync(string file)
    {
        try
        {
            // SQLite keeps its files open, and locks bytes of them.
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
            return bytes;
        }
        catch (Exception fault) when (fault is FileNotFoundException or EndOfStreamException || (fault is IOException && file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            // Gone or cut meanwhile; the lock of a service has no content.
            return null;
        }
    }
}
