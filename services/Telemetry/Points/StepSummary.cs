namespace Twin.Telemetry.Points;

/// <summary>
/// What a point says of the points of a step in whose place it stands (down-sampling): whoever sums takes this and not its
/// value. Immutable.
/// </summary>
/// <param name="summary">Of all points of the step.</param>
internal sealed class StepSummary(in PointSummary summary) : IEquatable<StepSummary>
{
    private readonly PointSummary summary = summary;

    /// <summary>Of all points of the step.</summary>
    public ref readonly PointSummary Summary => ref summary;

    /// <inheritdoc />
    public bool Equals(StepSummary? other) =>
        ReferenceEquals(this, other)
        || (other is not null && summary.Count == other.summary.Count && summary.Numbers == other.summary.Numbers
            && summary.Sum.Equals(other.summary.Sum) && summary.SumOfSquares.Equals(other.summary.SumOfSquares)
            && summary.Min.Equals(other.summary.Min) && summary.Max.Equals(other.summary.Max));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as StepSummary);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(summary.Count, summary.Numbers, summary.Min, summary.Max);
}
