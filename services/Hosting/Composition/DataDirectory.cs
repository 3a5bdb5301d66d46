using System.Globalization;
using System.Text.Json;
using Twin.Hosting.Authentication;

namespace Twin.Hosting.Composition;

/// <summary>
/// The data directory while a process uses it. Services hold a lock each, so that no two processes write one store; the
/// kernel drops the locks of a process that dies. <c>node.json</c> says where the node answers.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly List<FileStream> locks = [];
    private readonly string description;

    private DataDirectory(string path, IReadOnlyList<string> services, bool whole)
    {
        Path = path;
        // A process that holds a part of the node describes itself beside the one with the front door.
        description = System.IO.Path.Combine(path, whole || services.Contains("gateway") ? "node.json" : $"node.{string.Join('+', services)}.json");
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Makes the directory where it is missing, and takes it for these services.</summary>
    /// <exception cref="SettingException">It cannot be made or written, or another process holds one of the services.</exception>
    public static DataDirectory Take(string path, IReadOnlyList<string> services, bool whole)
    {
        var directory = new DataDirectory(System.IO.Path.GetFullPath(path), services, whole);
        try
        {
            Directory.CreateDirectory(directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var service in services)
            {
                directory.Lock(service);
            }

            return directory;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            directory.Dispose();
            throw SettingException.Of(NodeOptions.DataDirectoryKey, $"{directory.Path} cannot be used: {fault.Message} Set a directory that this user may write.");
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Writes <c>node.json</c>: where the process answers, for the commands that find it by its directory.</summary>
    internal void Describe(string name, Uri http, Uri grpc, IReadOnlyList<string> services)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("pid", Environment.ProcessId);
            json.WriteString("name", name);
            json.WriteString("http", http.GetLeftPart(UriPartial.Authority));
            json.WriteString("grpc", grpc.GetLeftPart(UriPartial.Authority));
            json.WriteStartArray("services");
            foreach (var service in services)
            {
                json.WriteStringValue(service);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        PrivateFile.TryWrite(description, buffer.WrittenSpan, replace: true);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (locks.Count > 0)
        {
            File.Delete(description);
        }

        foreach (var held in locks)
        {
            held.Dispose();
        }

        locks.Clear();
    }

    private void Lock(string service)
    {
        var path = System.IO.Path.Combine(Path, $".{service}.lock");
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Linux.
            locks.Add(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(path))
        {
            throw SettingException.Of(
                NodeOptions.DataDirectoryKey,
                $"{Path} is in use: another process{Holder(service)} runs {service} on it. Stop that one, or set another directory.");
        }
    }

    /// <summary>The process that says it runs the service, once it has said so.</summary>
    private string Holder(string service)
    {
        foreach (var file in Directory.EnumerateFiles(Path, "node*.json"))
        {
            try
            {
                using var node = JsonDocument.Parse(File.ReadAllBytes(file));
                if (node.RootElement.GetProperty("services").EnumerateArray().Any(name => name.ValueEquals(service)))
                {
                    return $" (pid {node.RootElement.GetProperty("pid").GetInt32().ToString(CultureInfo.InvariantCulture)})";
                }
            }
            catch (Exception unreadable) when (unreadable is IOException or JsonException or KeyNotFoundException)
            {
                // It went away or is not ours; the pid is a help, no more.
            }
        }

        return "";
    }
}
