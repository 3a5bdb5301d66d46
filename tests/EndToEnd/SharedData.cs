namespace Twin.Tests.EndToEnd;

/// <summary>Reference data that are no part of the project: <c>TWIN_SHARED</c>, or <c>shared</c> beside the repository.</summary>
internal static class SharedData
{
    public static string Directory { get; } = Environment.GetEnvironmentVariable("TWIN_SHARED") ?? Path.Combine(Root(), "..", "shared");

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Twin.Federation.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? ".";
    }
}
