using Spectre.Console;
using Twin.Node.Commands;

namespace Twin.Node.Import;

/// <summary>Shows how far an import is, on stderr: a bar on a terminal, a line now and then elsewhere.</summary>
internal static class ImportProgress
{
    private static readonly TimeSpan BarPace = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan LinePace = TimeSpan.FromSeconds(2);

    /// <summary>Awaits the work and shows the run meanwhile.</summary>
    public static Task ShowAsync(string name, ImportRun run, Task work) =>
        Console.IsErrorRedirected ? LinesAsync(name, run, work) : BarAsync(name, run, work);

    private static async Task LinesAsync(string name, ImportRun run, Task work)
    {
        while (await Task.WhenAny(work, Task.Delay(LinePace, TimeProvider.System)) != work)
        {
            await Console.Error.WriteLineAsync($"{name}: {100 * run.Share:0} %, {Counts(run)}");
        }

        await work;
    }

    private static Task BarAsync(string name, ImportRun run, Task work) => TwinCommand.ErrorConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(async context =>
        {
            var task = context.AddTask(Markup.Escape(name), maxValue: 1);
            while (await Task.WhenAny(work, Task.Delay(BarPace, TimeProvider.System)) != work)
            {
                task.Value = run.Share;
                task.Description = $"{Markup.Escape(name)} {Counts(run)}";
            }

            await work;
            (task.Value, task.Description) = (1, $"{Markup.Escape(name)} {Counts(run)}");
        });

    private static string Counts(ImportRun run) => $"{run.Sent} sent{(run.Refused > 0 ? $", {run.Refused} refused" : "")}";
}
