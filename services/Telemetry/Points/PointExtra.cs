namespace Twin.Telemetry.Points;

/// <summary>How far a point can be trusted; kept beside the value, never a reason to drop it.</summary>
internal enum PointQuality : byte
{
    /// <summary>Nothing speaks against it.</summary>
    Good,

    /// <summary>The source itself is not sure.</summary>
    Uncertain,

    /// <summary>The source calls it wrong.</summary>
    Bad,

    /// <summary>Outside what the quantity can be.</summary>
    OutOfRange,

    /// <summary>The sensor has not moved for longer than the quantity does.</summary>
    Stuck,

    /// <summary>The clock of the source is off.</summary>
    ClockSkew,

    /// <summary>Filled in, not measured.</summary>
    Estimated,

    /// <summary>Its unit cannot be made the one of the attribute.</summary>
    UnitMismatch,
}

/// <summary>
/// What a point has besides a time and 64 bits. Immutable and shared: the points of a series that have a unit and nothing
/// else refer to one instance.
/// </summary>
/// <param name="Text">The value of a text form, UTF-8.</param>
/// <param name="Unit">The unit code (UN/CEFACT), when the point has one.</param>
/// <param name="Quality">How far the point can be trusted.</param>
/// <param name="Facts">What NGSI-LD knows of the instance besides.</param>
internal sealed record PointExtra(ReadOnlyMemory<byte> Text, string? Unit, PointQuality Quality, PointFacts? Facts)
{
    /// <summary>The points of a step in whose place the point stands; null for a point that was measured.</summary>
    public StepSummary? Step { get; init; }

    /// <inheritdoc />
    public bool Equals(PointExtra? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Unit == other.Unit && Quality == other.Quality
            && Text.Span.SequenceEqual(other.Text.Span) && Equals(Facts, other.Facts) && Equals(Step, other.Step));

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Text.Span);
        hash.Add(Unit);
        hash.Add(Quality);
        hash.Add(Facts);
        hash.Add(Step);
        return hash.ToHashCode();
    }
}

/// <summary>What an NGSI-LD attribute instance has besides value, unit and observedAt.</summary>
/// <param name="CreatedAt">When the instance came into being, in ticks UTC; 0 when not known.</param>
/// <param name="ModifiedAt">When it was last changed, in ticks UTC; 0 when not known.</param>
/// <param name="DeletedAt">When the attribute was deleted, in ticks UTC; 0 when it was not.</param>
/// <param name="InstanceId">An instance id that somebody else gave; null when <see cref="InstanceIds"/> derives it.</param>
/// <param name="Instance">The whole instance in its stored form, when it is more than a value with a unit and a time; else empty.</param>
/// <param name="Observed">Whether the time of the point is its observedAt; else it is when the node learnt of it.</param>
internal sealed record PointFacts(
    long CreatedAt, long ModifiedAt, long DeletedAt, string? InstanceId, ReadOnlyMemory<byte> Instance, bool Observed)
{
    /// <inheritdoc />
    public bool Equals(PointFacts? other) =>
        ReferenceEquals(this, other)
        || (other is not null && CreatedAt == other.CreatedAt && ModifiedAt == other.ModifiedAt && DeletedAt == other.DeletedAt
            && InstanceId == other.InstanceId && Observed == other.Observed && Instance.Span.SequenceEqual(other.Instance.Span));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(CreatedAt, ModifiedAt, DeletedAt, InstanceId, Observed, Instance.Length);
}
