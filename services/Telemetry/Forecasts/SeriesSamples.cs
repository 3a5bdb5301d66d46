namespace Twin.Telemetry.Forecasts;

/// <summary>A series in equal steps: the mean of each, and a straight line over the gaps.</summary>
/// <param name="Grid">How time is cut.</param>
/// <param name="First">The first step; it was measured, as was the last one.</param>
/// <param name="Values">The value of each step.</param>
/// <param name="Measured">Whether it was measured, and not filled.</param>
internal sealed record SeriesSamples(StepGrid Grid, long First, double[] Values, bool[] Measured)
{
    /// <summary>The step after the last one.</summary>
    public long End => First + Values.Length;

    /// <summary>Steps that were filled.</summary>
    public int Filled => Measured.Count(static measured => !measured);

    /// <summary>Whether all values are the same.</summary>
    public bool IsConstant => !Values.AsSpan().ContainsAnyExcept(Values[0]);

    /// <summary>The last of them.</summary>
    public SeriesSamples Last(int count) => count >= Values.Length ? this : this with { First = End - count, Values = Values[^count..], Measured = Measured[^count..] };
}
