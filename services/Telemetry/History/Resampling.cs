using System.Runtime.InteropServices;
using Twin.NgsiLd;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>What the value of a step is made of.</summary>
internal enum StepMethod : byte
{
    /// <summary>The mean of its numbers.</summary>
    Avg,

    /// <summary>The least.</summary>
    Min,

    /// <summary>The greatest.</summary>
    Max,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Its first value, of whatever kind.</summary>
    First,

    /// <summary>Its last value, of whatever kind.</summary>
    Last,
}

/// <summary>What a step without points gets.</summary>
internal enum FillMethod : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The value before it.</summary>
    Previous,

    /// <summary>What lies between the values around it, by time.</summary>
    Linear,

    /// <summary>The value after it.</summary>
    Next,
}

/// <summary>The value of a step.</summary>
/// <param name="Number">The number; NaN when it is none.</param>
/// <param name="Json">A value that is no number, as JSON; else empty.</param>
/// <param name="Filled">Whether it was filled in, not measured.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StepValue(double Number, ReadOnlyMemory<byte> Json, bool Filled)
{
    /// <summary>No value.</summary>
    public static readonly StepValue Empty = new(double.NaN, default, false);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Json.IsEmpty && !double.IsFinite(Number);
}

/// <summary>How series are brought to a regular step.</summary>
/// <param name="Boundaries">Where steps begin, ascending, and where the last one ends; ticks UTC.</param>
/// <param name="Method">What a value is made of.</param>
/// <param name="Fill">What a step without points gets.</param>
/// <param name="Within">How far, in ticks, a value may lie from the step that it fills; for linear, two values from each other.</param>
internal sealed record Resampling(long[] Boundaries, StepMethod Method, FillMethod Fill, long Within);

/// <summary>Brings series to a regular step.</summary>
internal sealed class Resampler(SeriesAggregator aggregator, SeriesReader reader)
{
    /// <summary>The values of a series, one for each step.</summary>
    public async Task<StepValue[]> ResampleAsync(TimeSeries series, Resampling how, CancellationToken cancel)
    {
        var values = how.Method is StepMethod.First or StepMethod.Last ? await PickAsync(series, how, cancel) : await AggregateAsync(series, how, cancel);
        if (how.Fill == FillMethod.None || !Array.Exists(values, static value => value.IsEmpty))
        {
            return values;
        }

        var (from, until) = (how.Boundaries[0], how.Boundaries[^1]);
        var before = how.Fill is FillMethod.Previous or FillMethod.Linear && values[0].IsEmpty ? await BeforeAsync(series, from, cancel) : default;
        var after = how.Fill is FillMethod.Next or FillMethod.Linear && values[^1].IsEmpty ? await AfterAsync(series, until, cancel) : default;
        Filling.Fill(values, how, before, after);
        return values;
    }

    private async Task<StepValue[]> AggregateAsync(TimeSeries series, Resampling how, CancellationToken cancel)
    {
        using var summaries = await aggregator.AggregateAsync(series, how.Boundaries, how.Method is StepMethod.Min or StepMethod.Max, cancel);
        var values = new StepValue[summaries.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ValueOf(summaries.Periods[i], how.Method);
        }

        return values;
    }

    private static StepValue ValueOf(in PointSummary summary, StepMethod method) => summary.Numbers == 0 ? StepValue.Empty : new StepValue(
        method switch
        {
            StepMethod.Avg => summary.Mean,
            StepMethod.Min => summary.Min,
            StepMethod.Max => summary.Max,
            StepMethod.Sum => summary.Sum,
            _ => throw new System.Diagnostics.UnreachableException(),
        },
        default,
        false);

    private async Task<StepValue[]> PickAsync(TimeSeries series, Resampling how, CancellationToken cancel)
    {
        var values = Enumerable.Repeat(StepValue.Empty, how.Boundaries.Length - 1).ToArray();
        var step = 0;
        await foreach (var run in reader.ScanAsync(series, how.Boundaries[0], how.Boundaries[^1], cancel))
        {
            for (var i = run.Start; i < run.Start + run.Length; i++)
            {
                while (run.Points.Times[i] >= how.Boundaries[step + 1])
                {
                    step++;
                }

                if (how.Method == StepMethod.Last || values[step].IsEmpty)
                {
                    // The last one of a step is known when the next one is not of it: others are not made.
                    var isLast = i + 1 == run.Start + run.Length || run.Points.Times[i + 1] >= how.Boundaries[step + 1];
                    values[step] = how.Method == StepMethod.First || isLast ? Value(At(series, run, i)) : values[step];
                }
            }
        }

        return values;
    }

    private async Task<(long Time, StepValue Value)?> BeforeAsync(TimeSeries series, long from, CancellationToken cancel)
    {
        var last = await reader.LastAsync(series, 1, 0, from, cancel);
        return last.Count == 0 ? null : (last.Times[0], Value(At(series, new PointRun(last, 0, 1), 0)));
    }

    private async Task<(long Time, StepValue Value)?> AfterAsync(TimeSeries series, long until, CancellationToken cancel)
    {
        await foreach (var run in reader.ScanAsync(series, until, long.MaxValue, cancel))
        {
            if (run.Length > 0)
            {
                return (run.Points.Times[run.Start], Value(At(series, run, run.Start)));
            }
        }

        return null;
    }

    private static Instance At(TimeSeries series, PointRun run, int at) =>
        new(series, run.Points.Times[at], run.Points.Forms[at], run.Points.Bits[at], run.Points.ExtraAt(at));

    /// <summary>The value of a point; a deletion has none.</summary>
    private static StepValue Value(in Instance instance) => instance switch
    {
        { IsDeletion: true } => StepValue.Empty,
        { Form: < PointForm.Boolean } => new StepValue(PointValue.ToDouble(instance.Form, instance.Bits), default, false),
        _ => new StepValue(double.NaN, InstanceCodec.ToNode(instance).Value, false),
    };
}
