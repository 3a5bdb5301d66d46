using System.Globalization;
using System.Text.Json.Serialization;
using Spectre.Console;
using Twin.Node.Commands;

namespace Twin.Node.Bench;

/// <summary>What one target did.</summary>
/// <param name="Target">Its name.</param>
/// <param name="PointsPerSecond">Acknowledged as durable, on one connection.</param>
/// <param name="BytesPerPoint">On disk when all is settled.</param>
/// <param name="RangeMilliseconds">The median time of all points of one series in a month.</param>
/// <param name="HourlyMilliseconds">The median time of the hourly means of one series over all its time.</param>
/// <param name="DailyMilliseconds">The median time of the daily means of all series together over all their time.</param>
internal sealed record TelemetryRow(string Target, double PointsPerSecond, double BytesPerPoint, double RangeMilliseconds, double HourlyMilliseconds, double DailyMilliseconds);

/// <summary>All that one <c>twin bench telemetry</c> measured.</summary>
internal sealed record TelemetryResults(
    BenchMachine Machine, string Store, int Series, int Points, int PointsPerLoad, double BusyCoresBefore, LoadedQueries UnderLoad, BatchedIngestion NgsiLd, IReadOnlyList<TelemetryRow> Rows);

/// <summary>Measures the history of a node beside peers, with the same points and the same questions, in one run.</summary>
/// <param name="pointsPerLoad">Points of one request, and of one COPY.</param>
internal sealed class TelemetryBench(int pointsPerLoad, TimeProvider time, CancellationToken cancellationToken)
{
    private const int Questions = 40;
    private const int QuestionsOfAll = 8;

    /// <summary>A node that was just started compiles as it goes; peers have had their time before the run.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    public async Task<TelemetryResults> RunAsync(TelemetryData data, string storeKind, string? folder, Uri? questDb, string? postgreSql)
    {
        var busy = await BenchMachine.BusyCoresAsync(time, cancellationToken);
        await using var store = await BenchStore.CreateAsync(storeKind, folder, cancellationToken);
        var settings = new Dictionary<string, string>(store.Settings)
        {
            ["Twin__Services"] = "gateway,entity-registry,telemetry",
            ["Twin__Telemetry__PageInstances"] = "50000",
        };
        var machine = BenchMachine.Look(store.Folder, time);
        var targets = new List<ITelemetryTarget>();
        if (questDb is not null)
        {
            targets.Add(new QuestDbTarget(questDb));
        }

        if (postgreSql is not null)
        {
            targets.Add(new PostgreSqlTarget(postgreSql));
        }

        var rows = new List<TelemetryRow>();
        LoadedQueries underLoad;
        BatchedIngestion batched;
        await using (var node = new NodeTarget(() => BenchNode.StartAsync(store.Folder, settings, time, cancellationToken), store))
        {
            rows.Add(await MeasureAsync(node, data));
            Say($"node: NGSI-LD in small requests");
            batched = await node.InBatchesAsync(data, time, cancellationToken);
            Say($"node: asking while points come");
            underLoad = await node.UnderLoadAsync(data, rows[0].PointsPerSecond / 2, time, cancellationToken);
        }

        foreach (var target in targets)
        {
            await using (target)
            {
                rows.Add(await MeasureAsync(target, data));
            }
        }

        return new TelemetryResults(machine, storeKind, data.Series, data.Count, pointsPerLoad, busy, underLoad, batched, rows);
    }

    /// <summary>Prints the figures as people read them.</summary>
    public static void Write(IAnsiConsole console, TelemetryResults results)
    {
        console.WriteLine(Text($"{results.Machine.Processor}, {results.Machine.Cores} cores; {results.Store}, fsync {results.Machine.FsyncMicroseconds:0} µs; others kept {results.BusyCoresBefore:0.0} cores busy before"));
        console.WriteLine(Text($"{results.Points:#,0} points of {results.Series} series: one decimal, every 5 minutes, a walk of up to 0.2 a step; loads of {results.PointsPerLoad:#,0} on one connection, the first tenth of each target not counted"));
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("target");
        foreach (var name in new[] { "points/s", "ratio", "bytes/point", "a month of one series, ms", "hourly means of one series, ms", "daily means of all, ms" })
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (var row in results.Rows)
        {
            table.AddRow(
                row.Target, Text($"{row.PointsPerSecond:#,0}"), Text($"{results.Rows[0].PointsPerSecond / row.PointsPerSecond:0.00}"),
                Text($"{row.BytesPerPoint:0.00}"), Text($"{row.RangeMilliseconds:0.00}"), Text($"{row.HourlyMilliseconds:0.00}"), Text($"{row.DailyMilliseconds:0.00}"));
        }

        console.Write(table);
        var load = results.UnderLoad;
        console.WriteLine(Text($"{load.Clients} clients that ask the node for a month of a series: {load.IdlePerSecond:0} answers/s, median {load.IdleP50:0.0} ms, p99 {load.IdleP99:0.0} ms; while {load.PointsPerSecond:#,0} points/s come: {load.LoadedPerSecond:0} answers/s, median {load.LoadedP50:0.0} ms, p99 {load.LoadedP99:0.0} ms ({load.LoadedP99 / load.IdleP99:0.0} times)"));
        var batches = results.NgsiLd;
        console.WriteLine(Text($"{batches.Connections} connections that send the node NGSI-LD JSON, {batches.PointsPerRequest} entities with a point each in a request: {batches.PointsPerSecond:#,0} points/s durable, a request median {batches.P50:0.0} ms, p99 {batches.P99:0.0} ms"));
    }

    private async Task<TelemetryRow> MeasureAsync(ITelemetryTarget target, TelemetryData data)
    {
        Say($"{target.Name}: {data.Count:#,0} points");
        var (taking, counted) = (TimeSpan.Zero, 0);
        for (var from = 0; from < data.Count; from += pointsPerLoad)
        {
            var until = Math.Min(data.Count, from + pointsPerLoad);
            var prepared = target.Prepare(data, from, until);
            var began = time.GetTimestamp();
            await target.LoadAsync(prepared, cancellationToken);
            // Starting and compiling is another matter, for each of the targets.
            if (from >= data.Count / 10)
            {
                taking += time.GetElapsedTime(began);
                counted += until - from;
            }
        }

        Say($"{target.Name}: settling");
        var bytes = await target.SettleAsync(data, cancellationToken);
        Say($"{target.Name}: asking");
        var month = TelemetryData.Start.AddMonths(1) < data.End ? TelemetryData.Start.AddMonths(1) : data.End;
        var range = await MedianAsync(sensor => target.RangeAsync(sensor, TelemetryData.Start, month, cancellationToken), (int)((month - TelemetryData.Start).TotalMinutes / 5), data.Series);
        var hourly = await MedianAsync(
            sensor => target.HourlyAsync(sensor, TelemetryData.Start, data.End, cancellationToken), (int)Math.Ceiling((data.End - TelemetryData.Start).TotalHours), data.Series);
        var daily = await MedianAsync(
            _ => target.DailyAsync(TelemetryData.Start, data.End, cancellationToken), (int)Math.Ceiling((data.End - TelemetryData.Start).TotalDays), data.Series, QuestionsOfAll);
        return new TelemetryRow(target.Name, counted / taking.TotalSeconds, (double)bytes / data.Count, range, hourly, daily);
    }

    private async Task<double> MedianAsync(Func<int, Task<int>> ask, int expected, int series, int questions = Questions)
    {
        var times = new List<double>();
        var warming = time.GetTimestamp();
        for (var i = 0; times.Count < questions; i++)
        {
            var isWarm = time.GetElapsedTime(warming) > WarmUp;
            var began = time.GetTimestamp();
            var found = await ask(i * 7 % series);
            if (isWarm)
            {
                times.Add(time.GetElapsedTime(began).TotalMilliseconds);
            }

            if (found != expected)
            {
                throw new BenchException(Text($"{found} rows came back where {expected} belong: the figures would say nothing."));
            }
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static void Say(FormattableString what) => TwinCommand.ErrorConsole.MarkupLine(Markup.Escape(FormattableString.Invariant(what)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TelemetryResults))]
internal sealed partial class TelemetryJson : JsonSerializerContext;
