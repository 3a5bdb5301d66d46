using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Twin.Hosting.Composition;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary><c>twin import</c>: sends the entities of files to a node.</summary>
internal static class ImportCommand
{
    /// <summary>Exit code when some records were refused and the others are in.</summary>
    public const int SomeRefused = 3;

    private const int Interrupted = 130;
    private const int ShownRefusals = 10;

    private static readonly Argument<string[]> Files = new("FILE") { Description = "Files to import", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> To = new("--to") { Description = "Address of the node (that of --data, else http://127.0.0.1:8080)", HelpName = "URL" };
    private static readonly Option<string?> Token = new("--token") { Description = "Bearer token (TWIN_TOKEN)", HelpName = "T" };
    private static readonly Option<string?> Data = new("--data") { Description = "Data directory of a node on this machine: its address and its keys are taken from there", HelpName = "DIR" };
    private static readonly Option<string> Format = Choice("--format", "What the files are", "auto", "ngsi-ld", "ndjson", "geojson", "csv");
    private static readonly Option<string?> Type = new("--type") { Description = "Entity type, for GeoJSON and CSV", HelpName = "TYPE" };
    private static readonly Option<string?> Mapping = new("--mapping") { Description = "JSON file: which column or property becomes which attribute", HelpName = "FILE" };
    private static readonly Option<string?> Context = new("--context") { Description = "URL of the @context that gives the names their meaning", HelpName = "URL" };
    private static readonly Option<string?> Crs = new("--crs") { Description = "Reference system of the coordinates, when the file does not say", HelpName = "EPSG:n" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Checks everything, sends nothing" };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Goes on where an import of the same file was broken off" };
    private static readonly Option<bool> Repair = new("--repair") { Description = "Mends invalid polygons instead of refusing them" };
    private static readonly Option<string?> Report = new("--report") { Description = "File for the refused records, one JSON object a line: row, id, member, reason", HelpName = "FILE" };
    private static readonly Option<int> Size = new("--batch") { Description = "Entities in a request", DefaultValueFactory = static _ => 500, HelpName = "N" };
    private static readonly Option<bool> Json = new("--json") { Description = "Ends with a summary in JSON on stdout" };

    public static Command Create()
    {
        Size.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
            {
                result.AddError("--batch: 1 to 10000.");
            }
        });
        var command = new Command(
            "import",
            """
            Sends the entities of files to a node: NGSI-LD (JSON, JSON-LD, NDJSON), GeoJSON in any usual reference system,
            CSV with a mapping. What is there already under the same id is replaced.

            Examples:
              twin import district.jsonld --to http://127.0.0.1:8080 --token "$(twin token --data ./mulhouse)"
              twin import buildings.geojson --data ./mulhouse --type Building --mapping buildings.json --report refused.ndjson
              twin import trees.csv --data ./mulhouse --mapping trees.json --crs EPSG:3948 --dry-run

            A mapping: { "type": "Tree", "id": "urn:ngsi-ld:Tree:{no}", "separator": ";", "decimal": ",",
              "geometry": { "x": "lon", "y": "lat" }, "attributes": { "hauteur": { "name": "height", "type": "number", "unit": "MTR" } } }

            Exit codes: 0 all is in, 1 failed, 2 wrong arguments, 3 some records were refused, 130 broken off (go on with --resume).
            """)
        {
            Files, To, Token, Data, Format, Type, Mapping, Context, Crs, DryRun, Resume, Repair, Report, Size, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>An option of which some words are allowed.</summary>
    public static Option<string> Choice(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = $"{description}: {string.Join(", ", words)}", DefaultValueFactory = _ => words[0], HelpName = "WORD" };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await ImportAsync(parsed, cancellationToken);
        }
        catch (Exception fault) when (fault is InputException or NodeException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }
    }

    private static async Task<int> ImportAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var mapping = parsed.GetValue(Mapping) is { } file ? await ImportMapping.ReadAsync(file, cancellationToken) : new ImportMapping();
        var source = new SourceOptions(FormatOf(parsed.GetValue(Format)!), mapping, parsed.GetValue(Type), parsed.GetValue(Crs), parsed.GetValue(Repair));
        var files = parsed.GetValue(Files)!;
        foreach (var missing in files.Where(static f => !File.Exists(f)))
        {
            throw new SettingException($"There is no file {missing}.");
        }

        using var node = parsed.GetValue(DryRun) ? null : new NodeClient(
            NodeAddress.Find(parsed.GetValue(To), parsed.GetValue(Data)), LocalToken.Of(parsed.GetValue(Token), parsed.GetValue(Data)), parsed.GetValue(Context) ?? mapping.Context, TimeProvider.System);
        await using var report = new RefusalReport(parsed.GetValue(Report), ShownRefusals);
        var started = TimeProvider.System.GetTimestamp();
        var runs = new List<ImportRun>();
        var interrupted = false;
        foreach (var input in files)
        {
            var run = new ImportRun(new(input, source, parsed.GetValue(Size), 4, parsed.GetValue(Resume)), node, report.Add, TimeProvider.System);
            runs.Add(run);
            try
            {
                await ImportProgress.ShowAsync(Path.GetFileName(input), run, run.RunAsync(cancellationToken));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                interrupted = true;
                await Console.Error.WriteLineAsync($"Broken off after {run.Sent + run.Skipped} records of {input}. The same command with --resume goes on.");
                break;
            }
        }

        var summary = new ImportSummary(
            files, runs.Sum(static r => r.Rows), runs.Sum(static r => r.Sent), runs.Sum(static r => r.Refused), runs.Sum(static r => r.Skipped),
            Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3), parsed.GetValue(DryRun), interrupted);
        await TellAsync(summary, report.Hidden, parsed.GetValue(Json));
        return interrupted ? Interrupted : summary.Refused > 0 ? SomeRefused : 0;
    }

    private static async Task TellAsync(ImportSummary summary, long hidden, bool json)
    {
        if (hidden > 0)
        {
            await Console.Error.WriteLineAsync($"… and {hidden} more; --report FILE names them all.");
        }

        if (json)
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(summary, ImportJson.Default.ImportSummary));
            return;
        }

        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Rows} records: {summary.Sent} {(summary.DryRun ? "would be sent" : "sent")}, {summary.Refused} refused{(summary.Skipped > 0 ? $", {summary.Skipped} done before" : "")}, {summary.Seconds} s"));
    }

    private static ImportFormat FormatOf(string word) => word switch
    {
        "ngsi-ld" => ImportFormat.NgsiLd,
        "ndjson" => ImportFormat.NdJson,
        "geojson" => ImportFormat.GeoJson,
        "csv" => ImportFormat.Csv,
        _ => ImportFormat.Auto,
    };
}
