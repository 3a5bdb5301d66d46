namespace Twin.ScenarioEngine.Buildings;

/// <summary>A value for each hour of the day, local standard time; every day alike.</summary>
public sealed class DayProfile : IEquatable<DayProfile>
{
    private readonly double[] _hours;

    /// <summary>Takes 24 values, the first from midnight to one.</summary>
    /// <exception cref="ModelInputException">There are not 24.</exception>
    public DayProfile(IEnumerable<double> hours)
    {
        _hours = [.. hours];
        if (_hours.Length != 24)
        {
            throw new ModelInputException("profile", $"it has {_hours.Length} values, a day has 24 hours.");
        }
    }

    /// <summary>The 24 values.</summary>
    public IReadOnlyList<double> Hours => _hours;

    /// <summary>The value of an hour, from 0 to 23.</summary>
    public double this[int hour] => _hours[hour];

    /// <summary>The same at every hour.</summary>
    public static DayProfile Constant(double value) => new(Enumerable.Repeat(value, 24));

    /// <inheritdoc />
    public bool Equals(DayProfile? other) => other is not null && _hours.AsSpan().SequenceEqual(other._hours);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as DayProfile);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_hours[0], _hours[6], _hours[12], _hours[18]);
}
