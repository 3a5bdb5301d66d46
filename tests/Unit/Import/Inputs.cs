using System.Text;
using Twin.Node.Import;

namespace Twin.Tests.Unit.Import;

/// <summary>Feeds the readers from memory, a few bytes at a time, so that every cut through a value is met.</summary>
internal static class Inputs
{
    public static Stream Drip(string text, int step = 3) => new DripStream(Encoding.UTF8.GetBytes(text), step);

    public static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }

    /// <summary>Writes a file that is gone afterwards, and reads its entities.</summary>
    public static async Task<List<EntityRow>> ReadAsync(string name, byte[] content, ImportMapping? mapping = null, string? type = null, string? crs = null, bool repair = false)
    {
        var directory = Directory.CreateTempSubdirectory("twin-import-");
        try
        {
            var file = Path.Combine(directory.FullName, name);
            await File.WriteAllBytesAsync(file, content);
            return await ListAsync(EntitySource.ReadAsync(file, new(ImportFormat.Auto, mapping ?? new(), type, crs, repair), default));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public static Task<List<EntityRow>> ReadAsync(string name, string content, ImportMapping? mapping = null, string? type = null, string? crs = null, bool repair = false) =>
        ReadAsync(name, Encoding.UTF8.GetBytes(content), mapping, type, crs, repair);

    public static string Text(this EntityRow row) => Encoding.UTF8.GetString(row.Json.Span);

    private sealed class DripStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(step, buffer.Length)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
    }
}
