using System.CommandLine;
using Spectre.Console;
using Twin.Hosting.Composition;
using Twin.Node.Bench;

namespace Twin.Node.Commands;

/// <summary>
/// The command line: <c>twin VERB</c>, one file per verb. Results go to stdout, all else to stderr; the exit code is 0,
/// 1 for a failure, 2 for arguments or settings that are wrong.
/// </summary>
internal static class TwinCommand
{
    /// <summary>The verbs, in the order of the help.</summary>
    private static RootCommand Create() => new("A city's digital twin, federated with those of its neighbours.")
    {
        ServeCommand.Create(),
        DemoCommand.Create(),
        ImportCommand.Create(),
        ExportCommand.Create(),
        DoctorCommand.Create(),
        TokenCommand.Create(),
        BenchCommand.Create(),
        FmuHostCommand.Create(),
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync($"Try: twin {VerbOf(parsed)}--help");
            return SettingException.ExitCode;
        }

        try
        {
            // SIGTERM and SIGINT cancel the verb's token; how long its end may take is the verb's business (Twin:ShutdownSeconds).
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromHours(2) });
        }
        catch (SettingException fault)
        {
            ErrorConsole.MarkupLineInterpolated($"[red]{fault.Message}[/]");
            return SettingException.ExitCode;
        }
        catch (BenchException fault)
        {
            ErrorConsole.MarkupLineInterpolated($"[red]{fault.Message}[/]");
            return BenchException.ExitCode;
        }
    }

    /// <summary>What is for people and not for scripts: stderr, without colour where it is no terminal.</summary>
    public static IAnsiConsole ErrorConsole { get; } = CreateErrorConsole();

    private static IAnsiConsole CreateErrorConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = Console.IsErrorRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(Console.Error),
        });
        if (Console.IsErrorRedirected)
        {
            // A log file wraps its own lines.
            console.Profile.Width = int.MaxValue;
        }

        return console;
    }

    private static string VerbOf(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
}
