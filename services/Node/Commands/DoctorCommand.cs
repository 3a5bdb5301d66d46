using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using Twin.Hosting.Composition;

namespace Twin.Node.Commands;

/// <summary><c>twin doctor</c>: looks at what a node on this machine needs, and says what to do about what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Data directory of the node (Twin__DataDirectory, ./data)", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Prints the findings as JSON" };
        var command = new Command(
            "doctor",
            """
            Checks a node on this machine: runtime, data directory, disk, port, process, health, stores, keys, clock, and what is
            configured beyond the machine. Changes nothing; may run beside the node.

            Examples:
              twin doctor --data ./mulhouse
              twin doctor --data ./mulhouse --json

            Exit codes: 0 nothing failed (warnings may be there), 1 something failed.
            """)
        {
            data, json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(data), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? data, bool json, CancellationToken cancellationToken)
    {
        var directory = Path.GetFullPath(data ?? Environment.GetEnvironmentVariable("Twin__DataDirectory") ?? new NodeOptions().DataDirectory);
        var findings = new List<Finding>();
        findings.AddRange(DoctorMachine.Check(directory));
        findings.AddRange(await DoctorNode.CheckAsync(directory, cancellationToken));
        findings.AddRange(await DoctorStores.CheckAsync(directory, cancellationToken));
        findings.AddRange(await DoctorNetwork.CheckAsync(cancellationToken));
        if (json)
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(findings, DoctorJson.Default.ListFinding));
        }
        else
        {
            Show(findings);
        }

        return findings.Any(static f => f.State == FindingState.Fail) ? 1 : 0;
    }

    private static void Show(List<Finding> findings)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out), Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        console.Profile.Width = Console.IsOutputRedirected ? int.MaxValue : console.Profile.Width;
        foreach (var finding in findings)
        {
            var (word, colour) = finding.State switch
            {
                FindingState.Ok => ("ok  ", "green"),
                FindingState.Warn => ("warn", "yellow"),
                _ => ("FAIL", "red"),
            };
            console.MarkupLine($"[{colour}]{word}[/] {Markup.Escape($"{finding.Check}: {finding.Found}")}{(finding.Advice is { } advice ? Markup.Escape($" → {advice}") : "")}");
        }
    }
}

/// <summary>How a check ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingState>))]
internal enum FindingState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, but look at it.</summary>
    Warn,

    /// <summary>Does not work.</summary>
    Fail,
}

/// <summary>What one check found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="State">How it is.</param>
/// <param name="Found">What was found.</param>
/// <param name="Advice">What to do; null when nothing.</param>
internal sealed record Finding(string Check, FindingState State, string Found, string? Advice = null)
{
    public static Finding Ok(string check, string found) => new(check, FindingState.Ok, found);

    public static Finding Warn(string check, string found, string advice) => new(check, FindingState.Warn, found, advice);

    public static Finding Fail(string check, string found, string advice) => new(check, FindingState.Fail, found, advice);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(List<Finding>))]
internal sealed partial class DoctorJson : JsonSerializerContext;
