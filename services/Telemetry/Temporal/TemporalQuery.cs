using System.Globalization;
using System.Text.RegularExpressions;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Queries;

namespace Twin.Telemetry.Temporal;

/// <summary>How a temporal query relates to its times (GS CIM 009 4.11).</summary>
internal enum TimeRelation : byte
{
    /// <summary>It has none: every instance.</summary>
    None,

    /// <summary>Before timeAt, which is not in.</summary>
    Before,

    /// <summary>From timeAt on.</summary>
    After,

    /// <summary>From timeAt on to before endTimeAt.</summary>
    Between,
}

/// <summary>How a temporal evolution is answered.</summary>
internal enum TemporalForm : byte
{
    /// <summary>Instances (4.5.7).</summary>
    Normalized,

    /// <summary>Values with their times (4.5.9).</summary>
    TemporalValues,

    /// <summary>Aggregates over periods (4.5.19).</summary>
    AggregatedValues,
}

/// <summary>The temporal part of a query (5.2.21, 5.2.44): which instances, and in which form.</summary>
internal sealed partial record TemporalQuery
{
    /// <summary>The names of its parameters.</summary>
    public static readonly string[] Parameters = ["timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration", "timeZone"];

    private static readonly string[] Methods = ["totalCount", "distinctCount", "sum", "avg", "min", "max", "stddev", "sumsq"];

    /// <summary>The relation.</summary>
    public TimeRelation Relation { get; init; }

    /// <summary>The first time, in ticks UTC.</summary>
    public long From { get; init; }

    /// <summary>The time before which it ends, in ticks UTC.</summary>
    public long Until { get; init; } = long.MaxValue;

    /// <summary>The times that are looked at.</summary>
    public TimeProperty Property { get; init; }

    /// <summary>Whether the query named the property.</summary>
    public bool NamesProperty { get; init; }

    /// <summary>The most instances of each attribute and dataset, the newest first; null is all.</summary>
    public int? LastN { get; init; }

    /// <summary>The methods of aggregation.</summary>
    public string[] AggregationMethods { get; init; } = [];

    /// <summary>The length of a period.</summary>
    public Period Period { get; init; }

    /// <summary>The time zone by whose calendar periods begin; null when they begin with the range, as the standard has it.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>The same from a time on, which lies within it.</summary>
    public TemporalQuery After(long time) => this with
    {
        Relation = Relation is TimeRelation.Before or TimeRelation.Between ? TimeRelation.Between : TimeRelation.After,
        From = time,
    };

    /// <summary>Whether an instance is asked for.</summary>
    public bool Takes(in Instance instance)
    {
        var at = instance.At(Property);
        // Without a time that is asked for, an instance that lacks it is still part of the evolution.
        return at > 0 ? at >= From && at < Until : Relation == TimeRelation.None && !NamesProperty;
    }

    /// <summary>Reads the parameters.</summary>
    /// <param name="get">The value of a parameter; null when absent.</param>
    /// <param name="periodName">What the parameter of the period is called where the question is not the standard's.</param>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter.</exception>
    public static TemporalQuery Parse(Func<string, string?> get, string periodName = "aggrPeriodDuration")
    {
        var relation = get("timerel") switch
        {
            null or "" => TimeRelation.None,
            "before" => TimeRelation.Before,
            "after" => TimeRelation.After,
            "between" => TimeRelation.Between,
            var other => throw NgsiLdException.BadRequest($"'{other}' is none of before, after and between (4.11).", "timerel"),
        };
        var at = Time(get, "timeAt");
        var end = Time(get, "endTimeAt");
        if (relation != TimeRelation.None && at is null)
        {
            throw NgsiLdException.BadRequest("timerel needs timeAt (4.11).", "timeAt");
        }

        if (relation == TimeRelation.None && (at ?? end) is not null)
        {
            throw NgsiLdException.BadRequest("timeAt and endTimeAt need timerel (4.11).", "timerel");
        }

        if (relation == TimeRelation.Between && (end is null || end <= at))
        {
            throw NgsiLdException.BadRequest("between needs an endTimeAt after timeAt (4.11).", "endTimeAt");
        }

        var (period, zone) = (ParsePeriod(get("aggrPeriodDuration"), periodName), ParseZone(get("timeZone")));
        if (zone is not null && !period.FitsCalendar)
        {
            throw NgsiLdException.BadRequest("With timeZone a period is of years and months, of weeks and days, or of up to 24 hours.", periodName);
        }

        var property = get("timeproperty");
        return new TemporalQuery
        {
            Relation = relation,
            From = relation is TimeRelation.After or TimeRelation.Between ? at!.Value : 0,
            Until = relation == TimeRelation.Before ? at!.Value : relation == TimeRelation.Between ? end!.Value : long.MaxValue,
            Property = property switch
            {
                null or "" or "observedAt" => TimeProperty.ObservedAt,
                "createdAt" => TimeProperty.CreatedAt,
                "modifiedAt" => TimeProperty.ModifiedAt,
                "deletedAt" => TimeProperty.DeletedAt,
                _ => throw NgsiLdException.BadRequest($"'{property}' is none of observedAt, createdAt, modifiedAt and deletedAt (4.8, 4.11).", "timeproperty"),
            },
            NamesProperty = !string.IsNullOrEmpty(property),
            LastN = Count(get("lastN")),
            AggregationMethods = ParseMethods(get("aggrMethods")),
            Period = period,
            Zone = zone,
        };
    }

    private static long? Time(Func<string, string?> get, string name) => get(name) switch
    {
        null or "" => null,
        { } text when Timestamps.TryParse(text.AsSpan(), out var micros) => Instance.Ticks(micros),
        _ => throw NgsiLdException.BadRequest($"{name} is a date-time in UTC such as 2026-01-01T00:00:00Z (4.6.3).", name),
    };

    private static int? Count(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count
        : throw NgsiLdException.BadRequest("lastN is a positive whole number.", "lastN");

    private static string[] ParseMethods(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        string[] methods = [.. text.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
        return Array.Find(methods, static method => !Methods.Contains(method, StringComparer.Ordinal)) is { } unknown
            ? throw NgsiLdException.BadRequest($"aggrMethods: '{unknown}' is none of {string.Join(", ", Methods)} (4.5.19.1).", "aggrMethods")
            : methods;
    }

    private static Period ParsePeriod(string? text, string name) =>
        string.IsNullOrEmpty(text) ? default
        : Period.TryParse(text, out var period) ? period
        : throw NgsiLdException.BadRequest($"{name}: '{text}' is no ISO 8601 duration such as P1D or PT1H (4.5.19.1).", name);

    private static TimeZoneInfo? ParseZone(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : text.Length <= 64 && ZoneName.IsMatch(text) && TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone) ? zone
        : throw NgsiLdException.BadRequest("timeZone is one of the IANA database such as Europe/Paris.", "timeZone");

    [GeneratedRegex("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ZoneName { get; }
}
