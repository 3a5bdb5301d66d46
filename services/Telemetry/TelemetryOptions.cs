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
    /// Milliseconds between two tellings of newest values to the entity registry: a burst of points of a series is one change
    /// there. 0 tells nothing.
    /// </summary>
    [Range(0, 3_600_000)]
    public int TellMilliseconds { get; set; } = 500;

    /// <summary>
    /// The entity type, a full IRI or a name of the default vocabulary, under which the entity registry gets entities of which
    /// only points of <c>/ingest</c> speak. Not set: those stay history alone.
    /// </summary>
    [MaxLength(2048)]
    public string? UnknownEntityType { get; set; }

    /// <summary>Whether points of entities that nobody has made known, neither the registry nor the temporal API, are refused.</summary>
    public bool RefuseUnknownEntities { get; set; }

    /// <summary>What values attributes can have: a number outside is kept with the quality outOfRange.</summary>
    public List<RangeRule> Ranges { get; } = [];

    /// <summary>In which unit numbers of an attribute are kept; one that comes with another unit is converted.</summary>
    public List<UnitRule> Units { get; } = [];

    /// <summary>How long a number of an attribute may stay exactly the same; then points are kept with the quality stuck.</summary>
    public List<StuckRule> Stuck { get; } = [];

    /// <summary>How long points are kept; the first rule that fits a series counts, and without one they stay for ever.</summary>
    public List<RetentionRule> Retention { get; } = [];

    /// <summary>
    /// From which age on points give way to one for each step. Of the rules that fit a series and an age the one with the
    /// longest step counts; without one, points stay as they were measured.
    /// </summary>
    public List<DownSamplingRule> DownSampling { get; } = [];

    /// <summary>Seconds from one pass of retention and down-sampling to the next.</summary>
    [Range(1, 86_400)]
    public int KeepingSeconds { get; set; } = 3600;

    /// <summary>Seconds that a point may be ahead of the node's clock; one further ahead is kept with the quality clockSkew. 0 asks nothing.</summary>
    [Range(0, int.MaxValue)]
    public int MostAheadSeconds { get; set; } = 86_400;

    /// <summary>
    /// Whether the history of an entity goes when the registry deletes the entity; else the history stays and says when it
    /// was deleted.
    /// </summary>
    public bool ForgetDeleted { get; set; }

    /// <summary>Viewers of live values in the process; one more is told to come again later.</summary>
    [Range(0, 1_000_000)]
    public int LiveViewers { get; set; } = 10_000;

    /// <summary>Seconds between two comments that keep a silent live stream open.</summary>
    [Range(1, 3600)]
    public int LiveHeartbeatSeconds { get; set; } = 15;

    /// <summary>Seconds after which a viewer is dropped that reads nothing of what is sent to it; in whole heartbeats, one at least.</summary>
    [Range(1, 3600)]
    public int LiveSlowSeconds { get; set; } = 30;

    /// <summary>Seconds for which points are kept for viewers who come back, and back to which the history is read for them.</summary>
    [Range(0, 86_400)]
    public int LiveResumeSeconds { get; set; } = 600;

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

/// <summary>What values an attribute can have.</summary>
internal sealed class RangeRule
{
    /// <summary>The attribute: a full IRI or a name of the default vocabulary.</summary>
    public string Attribute { get; set; } = "";

    /// <summary>The least value; not set, there is none.</summary>
    public double? Least { get; set; }

    /// <summary>The greatest value; not set, there is none.</summary>
    public double? Most { get; set; }
}

/// <summary>In which unit numbers of an attribute are kept.</summary>
internal sealed class UnitRule
{
    /// <summary>The attribute: a full IRI or a name of the default vocabulary.</summary>
    public string Attribute { get; set; } = "";

    /// <summary>The code of UN/CEFACT Recommendation 20, such as CEL.</summary>
    public string Unit { get; set; } = "";
}

/// <summary>How long a number of an attribute may stay exactly the same: by time, by points, or both of them.</summary>
internal sealed class StuckRule
{
    /// <summary>The attribute: a full IRI or a name of the default vocabulary.</summary>
    public string Attribute { get; set; } = "";

    /// <summary>An ISO 8601 duration such as PT6H; not set, the number of points decides alone.</summary>
    public string? For { get; set; }

    /// <summary>Equal points one after the other; not set, the time decides alone.</summary>
    public int? Points { get; set; }
}

/// <summary>How long points are kept.</summary>
internal sealed class RetentionRule
{
    /// <summary>The entity type, a full IRI or a name of the default vocabulary; not set, every one.</summary>
    public string? Type { get; set; }

    /// <summary>The attribute, named likewise; not set, every one.</summary>
    public string? Attribute { get; set; }

    /// <summary>An ISO 8601 duration such as P2Y.</summary>
    public string Keep { get; set; } = "";
}

/// <summary>From which age on points give way to one for each step.</summary>
internal sealed class DownSamplingRule
{
    /// <summary>The entity type, a full IRI or a name of the default vocabulary; not set, every one.</summary>
    public string? Type { get; set; }

    /// <summary>The attribute, named likewise; not set, every one.</summary>
    public string? Attribute { get; set; }

    /// <summary>The age, an ISO 8601 duration such as P90D.</summary>
    public string After { get; set; } = "";

    /// <summary>The length of a step, an ISO 8601 duration from PT1S to P366D without years and months, such as PT1H.</summary>
    public string Step { get; set; } = "";
}
