using System.ComponentModel.DataAnnotations;

namespace Twin.Telemetry;

/// <summary>How the history is kept (<c>Twin:Telemetry</c>).</summary>
internal sealed class TelemetryOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:Telemetry";

    /// <summary>Committed points that wait in memory before they are sealed into chunks; each takes 17 to 40 bytes there.</summary>
    [Range(1, 100_000_000)]
    public int SealPoints { get; set; } = 2_000_000;

    /// <summary>Commits that wait before their points are sealed, so that a start need not replay more.</summary>
    [Range(1, 1_000_000)]
    public int SealBlocks { get; set; } = 20_000;

    /// <summary>
    /// Attribute instances in one answer of the temporal API (GS CIM 009 6.3.10); past it the answer is a part (206) whose
    /// Content-Range says where to go on. Not set: 10 000, and in an open node the 30 that ETSI's conformance suite takes for granted.
    /// </summary>
    [Range(1, 50_000)]
    public int? PageInstances { get; set; }

    /// <summary>
    /// Whether the history of an entity goes when the registry deletes the entity; else the history stays and says when it
    /// was deleted.
    /// </summary>
    public bool ForgetDeleted { get; set; }

    /// <summary>Refused rows that an answer of <c>/ingest</c> names.</summary>
    [Range(0, 10_000)]
    public int ReportedRefusals { get; set; } = 100;

    /// <summary>Bytes of one body of <c>/ingest</c>.</summary>
    [Range(1024, long.MaxValue)]
    public long MostBodyBytes { get; set; } = 64L * 1024 * 1024 * 1024;

    /// <summary>Series that one tenant may have.</summary>
    [Range(1, 10_000_000)]
    public int MostSeries { get; set; } = 1_000_000;
}
