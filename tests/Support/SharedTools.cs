using System.Runtime.CompilerServices;

namespace Twin.Tests.Support;

/// <summary>Programs and data that stand beside the repository: the folder that <c>TWIN_SHARED</c> names, else <c>../shared</c>.</summary>
public static class SharedTools
{
    /// <summary>The path of a tool, or null when it is not offered here.</summary>
    public static string? Find(string relative)
    {
        var root = Environment.GetEnvironmentVariable("TWIN_SHARED") is { Length: > 0 } set ? set : Path.Combine(Repository(), "..", "shared");
        var path = Path.GetFullPath(Path.Combine(root, relative));
        return Path.Exists(path) ? path : null;
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
