using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Temporal;

/// <summary>Which time of an instance a temporal query looks at (GS CIM 009 4.11).</summary>
internal enum TimeProperty : byte
{
    /// <summary>When it was true.</summary>
    ObservedAt,

    /// <summary>When the instance came into being.</summary>
    CreatedAt,

    /// <summary>When the instance was last changed.</summary>
    ModifiedAt,

    /// <summary>When the attribute was deleted.</summary>
    DeletedAt,
}

/// <summary>One attribute instance: a point of a series.</summary>
internal readonly record struct Instance(TimeSeries Series, long Time, byte Form, long Bits, PointExtra? Extra)
{
    /// <summary>Ticks of 0001-01-01 to 1970-01-01, from which NGSI-LD's microseconds count.</summary>
    private static readonly long Epoch = DateTimeOffset.UnixEpoch.Ticks;

    /// <summary>Its facts, when there are any.</summary>
    public PointFacts? Facts => Extra?.Facts;

    /// <summary>Whether its time is an observedAt; that of a scope always is (4.5.6).</summary>
    public bool Observed => Facts is not { Observed: false } || (Series.Term == CoreTerms.Scope && !IsDeletion);

    /// <summary>Whether it says that the attribute was deleted.</summary>
    public bool IsDeletion => Form == PointForm.Null;

    /// <summary>Its id (4.5.8).</summary>
    public string Id => Facts?.InstanceId ?? InstanceIds.Of(Series.Key, Time);

    /// <summary>One of its times in ticks UTC; 0 when it does not have it.</summary>
    public long At(TimeProperty property) => property switch
    {
        TimeProperty.ObservedAt => Observed ? Time : 0,
        TimeProperty.CreatedAt => Facts?.CreatedAt ?? 0,
        TimeProperty.ModifiedAt => Facts?.ModifiedAt ?? 0,
        TimeProperty.DeletedAt => Facts?.DeletedAt ?? 0,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The time by which it is placed when nobody asks for another: observedAt, else when the node learnt of it.</summary>
    public long Placed(TimeProperty property) => At(property) is var at and > 0 ? at : Time;

    /// <summary>Ticks as NGSI-LD's microseconds.</summary>
    public static long Micros(long ticks) => (ticks - Epoch) / TimeSpan.TicksPerMicrosecond;

    /// <summary>NGSI-LD's microseconds as ticks.</summary>
    public static long Ticks(long micros) => (micros * TimeSpan.TicksPerMicrosecond) + Epoch;
}
