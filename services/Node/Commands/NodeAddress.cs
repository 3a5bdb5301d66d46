using System.Text.Json;
using Twin.Hosting.Composition;

namespace Twin.Node.Commands;

/// <summary>What <c>node.json</c> in a data directory says about the process that runs on it.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="Name">The city's name.</param>
/// <param name="Http">Where it answers.</param>
internal sealed record NodeAddress(int Pid, string Name, Uri Http)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "node.json";

    /// <summary>Reads it; null when no node runs on the directory.</summary>
    public static NodeAddress? Read(string data)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(data, FileName)));
            var root = document.RootElement;
            return new(root.GetProperty("pid").GetInt32(), root.GetProperty("name").GetString()!, new Uri(root.GetProperty("http").GetString()!));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException)
        {
            return null;
        }
    }

    /// <summary>The node that a command speaks to: what is asked for, else the one that runs on the data directory, else port 8080 here.</summary>
    /// <exception cref="SettingException">The address is none, or no node runs on the directory.</exception>
    public static Uri Find(string? asked, string? data)
    {
        if (asked is not null)
        {
            return Uri.TryCreate(asked, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw new SettingException($"\"{asked}\" is not the address of a node, such as http://127.0.0.1:8080.");
        }

        return data is null ? new Uri("http://127.0.0.1:8080") : Read(data)?.Http
            ?? throw new SettingException($"No node runs on {data}. Start one: twin serve --data {data}");
    }
}
