using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Temporal;

/// <summary>Aggregates over periods (GS CIM 009 4.5.19): from summaries where they tell, from points where they do not.</summary>
internal sealed class AggregatedAnswer(SeriesAggregator aggregator, SeriesReader reader)
{
    /// <summary>A decade has 87,660 hours.</summary>
    private const int MostPeriods = 100_000;

    /// <summary>Periods that are written in one go.</summary>
    private const int PeriodsAtOnce = 2048;

    /// <summary>What one series says, period by period.</summary>
    /// <param name="Boundaries">Where periods begin, and where the last one ends.</param>
    /// <param name="Summaries">Of numbers, and how many values there are.</param>
    /// <param name="Distinct">Distinct values; null when nobody asked.</param>
    /// <param name="Texts">Least and greatest texts; null when there are none.</param>
    private sealed record Aggregate(long[] Boundaries, PeriodSummaries Summaries, int[]? Distinct, (string? Min, string? Max)[]? Texts) : IDisposable
    {
        /// <inheritdoc />
        public void Dispose() => Summaries.Dispose();
    }

    /// <summary>Writes one entity.</summary>
    public async Task WriteAsync(EvolutionBody body, Utf8JsonWriter writer, TemporalAnswer answer, EntityWindow window, TemporalQuery query, CancellationToken cancel)
    {
        answer.WriteHead(window);
        var range = await RangeAsync(window, query, cancel);
        foreach (var attribute in window.Attributes.GroupBy(static one => one.Series.Term))
        {
            answer.WriteName(attribute.Key);
            var several = attribute.Count() > 1;
            if (several)
            {
                writer.WriteStartArray();
            }

            foreach (var one in attribute)
            {
                if (one.Rows is { } told)
                {
                    told.Write(writer, one.Series.Dataset, query);
                    continue;
                }

                using var aggregate = await AggregateAsync(one.Series, range, query, cancel);
                await WriteAsync(body, writer, one.Series, aggregate, query);
            }

            if (several)
            {
                writer.WriteEndArray();
            }
        }

        answer.WriteEnd();
    }

    /// <summary>The times of all series of the entity: periods begin at the same moments for all of them.</summary>
    private async Task<(long From, long Until)> RangeAsync(EntityWindow window, TemporalQuery query, CancellationToken cancel)
    {
        if (query.Relation == TimeRelation.Between)
        {
            return (query.From, query.Until);
        }

        long first = long.MaxValue, last = 0;
        foreach (var one in window.Attributes)
        {
            await foreach (var run in reader.ScanAsync(one.Series, query.From, query.Until, cancel))
            {
                first = Math.Min(first, run.Points.Times[run.Start]);
                break;
            }

            var latest = await reader.LastAsync(one.Series, 1, query.From, query.Until, cancel);
            last = latest.Count > 0 ? Math.Max(last, latest.Times[0]) : last;
        }

        return (query.Relation == TimeRelation.After ? query.From : first, last + 1);
    }

    private async Task<Aggregate> AggregateAsync(TimeSeries series, (long From, long Until) range, TemporalQuery query, CancellationToken cancel)
    {
        var boundaries = Boundaries(range.From, range.Until, query);
        var texts = query.AggregationMethods.Any(static method => method is "min" or "max");
        var distinct = query.AggregationMethods.Contains("distinctCount", StringComparer.Ordinal);
        var extremes = query.AggregationMethods.Any(static method => method is "min" or "max" or "stddev" or "sumsq");
        var summaries = await aggregator.AggregateAsync(series, boundaries, extremes, cancel);
        return distinct || (texts && !AreNumbers(summaries.Periods))
            ? await ScanAsync(series, boundaries, summaries, distinct, cancel)
            : new Aggregate(boundaries, summaries, null, null);
    }

    private static bool AreNumbers(ReadOnlySpan<PointSummary> summaries)
    {
        foreach (ref readonly var summary in summaries)
        {
            if (summary.Count != summary.Numbers)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Periods from the start on, or those of a calendar; the last is whole where the range has no end.</summary>
    private static long[] Boundaries(long from, long until, TemporalQuery query)
    {
        if (from >= until)
        {
            return [from, from + 1];
        }

        var open = query.Relation is not (TimeRelation.Between or TimeRelation.Before) && !query.Period.IsZero;
        var boundaries = query.Zone is { } zone
            ? OfCalendar(from, until, open, query.Period, zone)
            : Periods.FromStart(from, until, query.Period, MostPeriods);
        if (boundaries is null)
        {
            throw new NgsiLdException(NgsiLdErrorType.TooManyResults, $"These are more than {MostPeriods} periods; make them longer, or the time shorter.", "aggrPeriodDuration");
        }

        if (open && query.Zone is null)
        {
            boundaries[^1] = Periods.Later(from, query.Period, boundaries.Length - 1);
        }

        return boundaries;
    }

    private static long[]? OfCalendar(long from, long until, bool open, Period period, TimeZoneInfo zone)
    {
        var longest = (((period.Months * 31L) + period.Days + 1) * TimeSpan.TicksPerDay) + period.Ticks;
        if (!open || longest > DateTime.MaxValue.Ticks - until)
        {
            return Periods.Calendar(from, until, period, zone, MostPeriods);
        }

        var boundaries = Periods.Calendar(from, until + longest, period, zone, MostPeriods + 64);
        var end = boundaries is null ? -1 : Array.FindIndex(boundaries, boundary => boundary >= until);
        return end < 0 || end > MostPeriods ? null : boundaries![..(end + 1)];
    }

    private async Task<Aggregate> ScanAsync(TimeSeries series, long[] boundaries, PeriodSummaries summaries, bool distinct, CancellationToken cancel)
    {
        var sets = new HashSet<(byte, long, string?)>[summaries.Length];
        var texts = new (string? Min, string? Max)[summaries.Length];
        await foreach (var run in reader.ScanAsync(series, boundaries[0], boundaries[^1], cancel))
        {
            for (var i = run.Start; i < run.Start + run.Length; i++)
            {
                if (run.Points.Forms[i] >= PointForm.Null)
                {
                    continue;
                }

                var found = Array.BinarySearch(boundaries, run.Points.Times[i]);
                var period = found < 0 ? ~found - 1 : found;
                var instance = new Instance(series, run.Points.Times[i], run.Points.Forms[i], run.Points.Bits[i], run.Points.ExtraAt(i));
                var text = PointForm.IsText(instance.Form) ? Text(instance) : null;
                _ = distinct && (sets[period] ??= []).Add((PointForm.IsDecimal(instance.Form) ? (byte)0 : instance.Form, Normal(instance), text));
                if (text is not null && instance.Form == PointForm.String)
                {
                    var (min, max) = texts[period];
                    texts[period] = (min is null || string.CompareOrdinal(text, min) < 0 ? text : min, max is null || string.CompareOrdinal(text, max) > 0 ? text : max);
                }
            }
        }

        return new Aggregate(boundaries, summaries, distinct ? [.. sets.Select(static set => set?.Count ?? 0)] : null, texts);
    }

    /// <summary>21.4 and 21.40 are one value.</summary>
    private static long Normal(in Instance instance) =>
        PointForm.IsDecimal(instance.Form) || instance.Form == PointForm.Double
            ? BitConverter.DoubleToInt64Bits(PointValue.ToDouble(instance.Form, instance.Bits))
            : instance.Bits;

    private static string Text(in Instance instance)
    {
        if (instance.Facts is not { Instance.IsEmpty: false })
        {
            return System.Text.Encoding.UTF8.GetString(instance.Extra!.Text.Span);
        }

        var value = InstanceCodec.ToNode(instance).Value;
        return value.Span is [(byte)'"', ..] ? JsonDocument.Parse(value).RootElement.GetString()! : System.Text.Encoding.UTF8.GetString(value.Span);
    }

    private static async Task WriteAsync(EvolutionBody body, Utf8JsonWriter writer, TimeSeries series, Aggregate aggregate, TemporalQuery query)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "Property"u8);
        if (series.Dataset.Length > 0)
        {
            writer.WriteString("datasetId"u8, series.Dataset);
        }

        foreach (var method in query.AggregationMethods)
        {
            writer.WriteStartArray(method);
            for (var from = 0; from < aggregate.Summaries.Length; from += PeriodsAtOnce)
            {
                WritePeriods(writer, method, aggregate, from, Math.Min(from + PeriodsAtOnce, aggregate.Summaries.Length));
                await writer.FlushAsync();
                await body.SendIfLongAsync();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Value, start and end of each period; none where the method says nothing of such values, or what JSON has no number for.</summary>
    private static void WritePeriods(Utf8JsonWriter writer, string method, Aggregate aggregate, int from, int until)
    {
        var summaries = aggregate.Summaries.Periods;
        var boundaries = aggregate.Boundaries;
        var row = new PeriodRow(stackalloc byte[PeriodRow.MostBytes]);
        for (var i = from; i < until; i++)
        {
            ref readonly var summary = ref summaries[i];
            if (summary.Count == 0)
            {
                continue;
            }

            if (method is "totalCount")
            {
                row.Write(writer, summary.Count, boundaries[i], boundaries[i + 1]);
            }
            else if (method is "distinctCount")
            {
                row.Write(writer, aggregate.Distinct![i], boundaries[i], boundaries[i + 1]);
            }
            else if (summary.Numbers > 0 && Value(method, summary) is var value && double.IsFinite(value))
            {
                row.Write(writer, value, boundaries[i], boundaries[i + 1]);
            }
            else if (summary.Numbers == 0 && aggregate.Texts?[i] is { } texts && (method is "min" ? texts.Min : method is "max" ? texts.Max : null) is { } text)
            {
                PeriodRow.Write(writer, text, boundaries[i], boundaries[i + 1]);
            }
        }
    }

    private static double Value(string method, in PointSummary summary) => method switch
    {
        "sum" => summary.Sum,
        "avg" => summary.Mean,
        "min" => summary.Min,
        "max" => summary.Max,
        "stddev" => summary.StandardDeviation,
        "sumsq" => summary.SumOfSquares,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
