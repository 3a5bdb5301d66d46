using System.Text.Json.Serialization;

namespace Twin.Node.Bench;

/// <summary>All that one <c>twin bench</c> measured.</summary>
internal sealed record BenchResults(
    BenchMachine Machine,
    string Store,
    string Generator,
    int Seconds,
    int Runs,
    double BusyCoresBefore,
    IReadOnlyList<BenchSize> Sizes,
    IReadOnlyList<BenchRow> Rows);

/// <summary>What a node cost at one size. Times in seconds, memory in megabytes (1,000,000 bytes).</summary>
/// <param name="Entities">How many entities it held.</param>
/// <param name="EmptyStartSeconds">From the start of the process to ready, over an empty store.</param>
/// <param name="IdleMegabytes">Resident then.</param>
/// <param name="LoadedPerSecond">Entities a second while it was filled, batches of 100 over 4 connections.</param>
/// <param name="LoadedMegabytes">Resident after the measurements.</param>
/// <param name="ReloadSeconds">From the start of the process to ready, over the filled store.</param>
/// <param name="ReloadedMegabytes">Resident then.</param>
internal sealed record BenchSize(
    int Entities,
    double EmptyStartSeconds,
    double IdleMegabytes,
    double LoadedPerSecond,
    double LoadedMegabytes,
    double ReloadSeconds,
    double ReloadedMegabytes);

/// <summary>One scenario of one target at one size and number of connections: units (entities, answers) a second.</summary>
/// <param name="Target"><c>node</c>, or the name of a peer.</param>
/// <param name="Ratio">Median over the median of the ceiling, measured in turn with it; null for peers.</param>
/// <param name="Met">Whether the promise is kept; null where none is made.</param>
/// <param name="Errors">Requests refused or not answered, over all runs. A row with errors says nothing.</param>
/// <param name="BusyCores">What others kept busy just before, in processors: above 0.2 the row is doubtful.</param>
internal sealed record BenchRow(
    string Scenario,
    int Entities,
    int Connections,
    string Target,
    double Median,
    double Least,
    double Most,
    double P50Milliseconds,
    double P99Milliseconds,
    double? Ceiling,
    double? Ratio,
    bool? Met,
    long Errors,
    double BusyCores);

/// <summary>The figures as scripts read them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchResults))]
internal sealed partial class BenchJson : JsonSerializerContext;

/// <summary>The result of one run on one line, as a load generator prints it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadJson : JsonSerializerContext;
