using System.CommandLine;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary><c>twin export</c>: writes what a query answers to a file.</summary>
internal static class ExportCommand
{
    private static readonly Option<string?> From = new("--from") { Description = "Address of the node (that of --data, else http://127.0.0.1:8080)", HelpName = "URL" };
    private static readonly Option<string?> Token = new("--token") { Description = "Bearer token (TWIN_TOKEN)", HelpName = "T" };
    private static readonly Option<string?> Data = new("--data") { Description = "Data directory of a node on this machine: its address and its keys are taken from there", HelpName = "DIR" };
    private static readonly Option<string?> Type = new("--type") { Description = "Entity types, a selection expression; without it and without --q, everything", HelpName = "TYPE" };
    private static readonly Option<string?> Q = new("--q") { Description = "Condition, in the query language of NGSI-LD", HelpName = "Q" };
    private static readonly Option<string?> Scope = new("--scope") { Description = "Scope query, such as /Mulhouse/#", HelpName = "SCOPE" };
    private static readonly Option<string?> Context = new("--context") { Description = "URL of the @context in whose terms to write", HelpName = "URL" };
    private static readonly Option<string> Out = new("--out") { Description = "File to write; - is stdout", Required = true, HelpName = "FILE" };
    private static readonly Option<string> Order = ImportCommand.Choice("--order", "Order of the entities; id makes two exports comparable, created is quicker from very large nodes", "id", "created");
    private static readonly Option<string> Format = ImportCommand.Choice("--format", "How to write", "ndjson", "geojson", "json");

    public static Command Create()
    {
        var command = new Command(
            "export",
            """
            Writes the entities of a node to a file, as the node writes them: normalized NGSI-LD, one a line. What is exported
            and imported again exports to the same bytes. Only what this node holds itself: peers are not asked.

            Examples:
              twin export --data ./mulhouse --out mulhouse.ndjson
              twin export --from http://127.0.0.1:8080 --type Building --q 'height>20' --format geojson --out high.geojson
              twin export --data ./mulhouse --type Tree --context https://twin.federation/contexts/district.jsonld --out - | wc -l

            Exit codes: 0 done, 1 failed, 2 wrong arguments.
            """)
        {
            From, Token, Data, Type, Q, Scope, Context, Out, Format, Order,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            using var node = new NodeClient(
                NodeAddress.Find(parsed.GetValue(From), parsed.GetValue(Data)), LocalToken.Of(parsed.GetValue(Token), parsed.GetValue(Data)), parsed.GetValue(Context), TimeProvider.System);
            var run = new ExportRun(node, parsed.GetValue(Format) switch { "geojson" => ExportFormat.GeoJson, "json" => ExportFormat.Json, _ => ExportFormat.NdJson });
            await WriteAsync(run, QueryOf(parsed), parsed.GetValue(Out)!, cancellationToken);
            await Console.Error.WriteLineAsync($"{run.Count} entities exported");
            return 0;
        }
        catch (Exception fault) when (fault is NodeException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }
    }

    /// <summary>A file is there whole, or as it was before.</summary>
    private static async Task WriteAsync(ExportRun run, string query, string file, CancellationToken cancellationToken)
    {
        if (file == "-")
        {
            await using var output = Console.OpenStandardOutput();
            await run.RunAsync(query, output, cancellationToken);
            return;
        }

        var part = file + ".part";
        try
        {
            await using (var output = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, 128 * 1024, useAsync: true))
            {
                await run.RunAsync(query, output, cancellationToken);
            }

            File.Move(part, file, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static string QueryOf(ParseResult parsed)
    {
        (string Name, string? Value)[] parts =
        [
            ("type", parsed.GetValue(Type) ?? (parsed.GetValue(Q) is null && parsed.GetValue(Scope) is null ? "*" : null)), ("q", parsed.GetValue(Q)),
            ("scopeQ", parsed.GetValue(Scope)), ("local", "true"), ("limit", "1000"), ("orderBy", parsed.GetValue(Order) == "id" ? "id" : null),
        ];
        return string.Join('&', parts.Where(static p => p.Value is not null).Select(static p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
    }
}
