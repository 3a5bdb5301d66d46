using Twin.Telemetry.Series;

namespace Twin.Telemetry.Storage;

/// <summary>How series and entities stand in their rows.</summary>
internal static class SeriesRows
{
    /// <summary>The types with a space after each: no IRI has one.</summary>
    public static string Types(SeriesEntity entity) => string.Concat(entity.Types.Select(static type => type + " "));
}
