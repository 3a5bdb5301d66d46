using Twin.Telemetry.Series;

namespace Twin.Telemetry.Temporal;

/// <summary>What a temporal query takes of one entity.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Attributes">The instances of each series that is answered and has any, in the order of their times.</param>
internal sealed record EntityWindow(SeriesEntity Entity, List<SeriesWindow> Attributes)
{
    /// <summary>Instances in all.</summary>
    public int Count => Attributes.Sum(static one => one.Instances.Count);
}

/// <summary>Instances of one series.</summary>
/// <param name="Series">The series.</param>
/// <param name="Instances">In the order of the time that the query looks at.</param>
internal sealed record SeriesWindow(TimeSeries Series, List<Instance> Instances)
{
    /// <summary>Its aggregates as another source told them; null when they are made here.</summary>
    public Federation.AggregateRows? Rows { get; init; }

    /// <summary>The registrations of those who hold instances of it, this node as an empty one; empty when nobody else was asked.</summary>
    public IReadOnlyCollection<string> Holders { get; init; } = [];
}
