namespace Twin.Telemetry.History;

/// <summary>Fills steps without points from the values around them. The time of a step's value is its start.</summary>
internal static class Filling
{
    /// <summary>Fills what can be filled; what lies too far from a value stays empty.</summary>
    /// <param name="values">The values of the steps.</param>
    /// <param name="how">The steps, the method, and how far values reach.</param>
    /// <param name="before">The last value before the first step; null when there is none, or it does not matter.</param>
    /// <param name="after">The first value after the last step.</param>
    public static void Fill(StepValue[] values, Resampling how, (long Time, StepValue Value)? before, (long Time, StepValue Value)? after)
    {
        var left = Known(before);
        for (int start = 0, end; start < values.Length; start = end)
        {
            end = start + 1;
            if (!values[start].IsEmpty)
            {
                left = (how.Boundaries[start], values[start]);
                continue;
            }

            while (end < values.Length && values[end].IsEmpty)
            {
                end++;
            }

            var right = end < values.Length ? (how.Boundaries[end], values[end]) : Known(after);
            for (var i = start; i < end; i++)
            {
                values[i] = Between(how.Boundaries[i], how, left, right);
            }
        }
    }

    private static (long Time, StepValue Value)? Known((long Time, StepValue Value)? one) => one is { Value.IsEmpty: false } ? one : null;

    private static StepValue Between(long time, Resampling how, (long Time, StepValue Value)? left, (long Time, StepValue Value)? right) => how.Fill switch
    {
        FillMethod.Previous when left is { } one && time - one.Time <= how.Within => one.Value with { Filled = true },
        FillMethod.Next when right is { } one && one.Time - time <= how.Within => one.Value with { Filled = true },
        // Between values that are no numbers nothing lies.
        FillMethod.Linear when left is { } a && right is { } b && b.Time - a.Time <= how.Within && double.IsFinite(a.Value.Number) && double.IsFinite(b.Value.Number) =>
            new StepValue(a.Value.Number + ((b.Value.Number - a.Value.Number) * ((double)(time - a.Time) / (b.Time - a.Time))), default, true),
        _ => StepValue.Empty,
    };
}
