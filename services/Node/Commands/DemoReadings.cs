using System.Globalization;
using System.Net;
using System.Text.Json;
using Spectre.Console;
using Twin.Node.Districts;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary>Gives the sensors of a demo's city a past: readings every five minutes up to now, through <c>/ingest</c>.</summary>
/// <param name="city">The city.</param>
/// <param name="node">Its node.</param>
/// <param name="time">When now is.</param>
internal sealed class DemoReadings(DemoCity city, NodeClient node, TimeProvider time)
{
    /// <summary>Sensors of a city that have readings.</summary>
    public const int MostSensors = 400;

    private string Marker => Path.Combine(city.Data, "readings.txt");

    /// <summary>Loads what is missing of the last days; a demo that was stopped for a while goes on where it was.</summary>
    /// <returns>What was loaded, as a sentence.</returns>
    /// <exception cref="NodeException">The node does not take them.</exception>
    public async Task<string> LoadAsync(int days, CancellationToken cancellationToken)
    {
        var until = new DateTime(time.GetUtcNow().Ticks / Readings.Step.Ticks * Readings.Step.Ticks, DateTimeKind.Utc);
        var first = until.AddDays(-days);
        var from = await LoadedAsync(cancellationToken) is { } loaded && loaded > first ? loaded : first;
        var sensors = Sensor.Of(city.Plan, DemoDistrict.Seed).Take(MostSensors).ToList();
        var readings = new Readings(sensors, DemoDistrict.Seed);
        var points = (until - from).Ticks / Readings.Step.Ticks * sensors.Count;
        var began = time.GetTimestamp();
        await ShowAsync($"readings of {city.Plan.City}", async told =>
        {
            for (var at = from; at < until; at = Earlier(at.AddDays(1), until))
            {
                var next = Earlier(at.AddDays(1), until);
                await SendAsync(readings.Csv(at, next), cancellationToken);
                await File.WriteAllTextAsync(Marker, next.ToString("O", CultureInfo.InvariantCulture), cancellationToken);
                told((next - from) / (until - from));
            }
        });
        var seconds = time.GetElapsedTime(began).TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{city.Plan.City}: {points:#,0} readings of {sensors.Count} sensors from {from:yyyy-MM-dd} on, {seconds:0} s{Size()}");
    }

    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;

    private async Task SendAsync(ReadOnlyMemory<byte> csv, CancellationToken cancellationToken)
    {
        var (status, body) = await node.PostAsync("ingest", csv, "text/csv", cancellationToken);
        if (status != HttpStatusCode.OK)
        {
            throw new NodeException($"{city.Plan.City} did not take readings: {NodeClient.Explain(status, body)}");
        }

        using var report = JsonDocument.Parse(body);
        if (report.RootElement.GetProperty("refused").GetInt64() > 0)
        {
            throw new NodeException($"{city.Plan.City} refused readings: {report.RootElement.GetProperty("refusals")[0].GetProperty("reason").GetString()}");
        }
    }

    private async Task<DateTime?> LoadedAsync(CancellationToken cancellationToken) =>
        File.Exists(Marker)
        && DateTime.TryParse(await File.ReadAllTextAsync(Marker, cancellationToken), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var until) ? until : null;

    /// <summary>What the embedded history takes on disk; what is not sealed yet takes more than it will.</summary>
    private string Size() => Directory.GetFiles(city.Data, "telemetry.db*").Sum(static file => new FileInfo(file).Length) is > 0 and var bytes
        ? string.Create(CultureInfo.InvariantCulture, $"; the history takes {bytes / 1_048_576.0:0.0} MiB on disk")
        : "";

    /// <summary>A bar on a terminal, a line now and then elsewhere.</summary>
    private static async Task ShowAsync(string what, Func<Action<double>, Task> work)
    {
        if (Console.IsErrorRedirected)
        {
            var tenth = 0;
            await work(share =>
            {
                if ((int)(share * 10) > tenth)
                {
                    tenth = (int)(share * 10);
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {tenth * 10} %"));
                }
            });
            return;
        }

        await TwinCommand.ErrorConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(what), maxValue: 1);
                await work(share => bar.Value = share);
            });
    }
}
