using Twin.Telemetry.Series;

namespace Twin.Telemetry.Storage;

/// <summary>How series and entities stand in their rows.</summary>
internal static class SeriesRows
{
    /// <summary>The types with a space after each: no IRI has one.</summary>
    public static string Types(SeriesEntity entity) => Joined(entity.Types);

    /// <summary>The scopes with a space after each: no scope has one.</summary>
    public static string Scopes(SeriesEntity entity) => Joined(entity.Scopes);

    /// <summary>The parts of such a text.</summary>
    public static string[] Parts(string joined) => joined.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Joined(string[] parts) => string.Concat(parts.Select(static part => part + " "));
}
