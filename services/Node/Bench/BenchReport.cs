using System.Globalization;
using Spectre.Console;

namespace Twin.Node.Bench;

/// <summary>The figures as people read them.</summary>
internal static class BenchReport
{
    /// <summary>Beyond this many busy processors before a run its figures are marked.</summary>
    private const double Quiet = 0.2;

    /// <summary>Prints the machine, the rows, and what start and memory were.</summary>
    public static void Write(IAnsiConsole console, BenchResults results, Func<BenchRow, string> promise)
    {
        if (Console.IsOutputRedirected)
        {
            // A file has no edge at which the table would have to wrap.
            console.Profile.Width = 200;
        }

        var machine = results.Machine;
        console.WriteLine(Text($"{machine.Processor}, {machine.Cores} cores, {machine.MemoryMegabytes:#,0} MB; {machine.Kernel}; {machine.Runtime}"));
        console.WriteLine(Text($"{results.Store}, fsync {machine.FsyncMicroseconds:0} µs; load by {results.Generator}, {results.Runs} x {results.Seconds} s, targets in turn"));
        if (results.Rows.Any(row => row.BusyCores > Quiet))
        {
            console.MarkupLine("[yellow]Others kept processors busy before rows marked with *: do not trust those.[/]");
        }

        console.Write(Rows(results, promise));
        if (results.Sizes.Count > 0)
        {
            console.Write(Sizes(results));
            console.WriteLine("promised: ready under 1 s when empty, under 150 MB idle, 1,000,000 entities back under 20 s");
        }
    }

    private static Table Rows(BenchResults results, Func<BenchRow, string> promise)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("scenario", "entities");
        foreach (var name in new[] { "conn.", "median/s", "least - most", "p50 ms", "p99 ms", "ceiling/s", "ratio" })
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        table.AddColumns("promised", "");
        foreach (var row in results.Rows)
        {
            table.AddRow(
                Markup.Escape(row.Scenario + (row.Target == "node" ? "" : $" ({row.Target})") + (row.BusyCores > Quiet ? " *" : "")),
                Text($"{row.Entities:#,0}"),
                Text($"{row.Connections}"),
                Text($"{row.Median:#,0}"),
                Text($"{row.Least:#,0} - {row.Most:#,0}"),
                Text($"{row.P50Milliseconds:0.00}"),
                Text($"{row.P99Milliseconds:0.00}"),
                row.Ceiling is { } ceiling ? Text($"{ceiling:#,0}") : "",
                row.Ratio is { } ratio ? Text($"{ratio:0.0 %}") : "",
                row.Ratio is null ? "" : promise(row),
                row.Errors > 0 ? Text($"[red]{row.Errors} errors[/]") : Verdict(row.Met));
        }

        return table;
    }

    private static Table Sizes(BenchResults results)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("entities");
        foreach (var name in new[] { "start, empty s", "idle MB", "filled at/s", "loaded MB", "start, filled s", "then MB" })
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        table.AddColumn("promise");
        foreach (var size in results.Sizes)
        {
            table.AddRow(
                Text($"{size.Entities:#,0}"),
                Text($"{size.EmptyStartSeconds:0.00}"),
                Text($"{size.IdleMegabytes:0}"),
                Text($"{size.LoadedPerSecond:#,0}"),
                Text($"{size.LoadedMegabytes:#,0}"),
                Text($"{size.ReloadSeconds:0.00}"),
                Text($"{size.ReloadedMegabytes:#,0}"),
                Verdict(size.EmptyStartSeconds < 1 && size.IdleMegabytes < 150 && size.ReloadSeconds < 20));
        }

        return table;
    }

    private static string Verdict(bool? met) => met switch { true => "[green]kept[/]", false => "[red]missed[/]", null => "" };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
