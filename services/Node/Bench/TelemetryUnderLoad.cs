using System.Globalization;
using System.Net.Http.Headers;

namespace Twin.Node.Bench;

/// <summary>How long clients wait who ask at the same time, one question after the other.</summary>
/// <param name="Clients">How many, each on a connection of its own.</param>
/// <param name="IdlePerSecond">Answers when nothing else goes on.</param>
/// <param name="IdleP50">The median wait, in milliseconds.</param>
/// <param name="IdleP99">What 99 of 100 do not wait longer than, in milliseconds.</param>
/// <param name="PointsPerSecond">Points that came, and were durable, while the same was asked again.</param>
/// <param name="LoadedPerSecond">Answers then.</param>
/// <param name="LoadedP50">The median wait then, in milliseconds.</param>
/// <param name="LoadedP99">What 99 of 100 did not wait longer than then, in milliseconds.</param>
internal sealed record LoadedQueries(
    int Clients, double IdlePerSecond, double IdleP50, double IdleP99, double PointsPerSecond, double LoadedPerSecond, double LoadedP50, double LoadedP99);

/// <summary>
/// Asks a node with many clients for a month of single series, with nothing else going on and while points come at a given
/// rate on one more connection: days after those that it has, of the same series.
/// </summary>
internal sealed class TelemetryUnderLoad(Uri node, TelemetryData data, TimeProvider time, CancellationToken cancellationToken) : IDisposable
{
    private const int Clients = 50;
    private const int PerDay = 288;
    private const int MeanPauseMilliseconds = 250;
    private const int PointsPerLoad = 200_000;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);
    private readonly BenchHttp http = new(Clients + 1);

    /// <summary>Measures both.</summary>
    /// <param name="pointsPerSecond">The rate; a node that does not keep up gets the next load when the last one is durable.</param>
    public async Task<LoadedQueries> RunAsync(double pointsPerSecond)
    {
        await AskAsync(TimeSpan.FromSeconds(3));
        var idle = await AskAsync(Span);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ingesting = IngestAsync(pointsPerSecond, over.Token);
        await AskAsync(TimeSpan.FromSeconds(3));
        var loaded = await AskAsync(Span);
        await over.CancelAsync();
        return new LoadedQueries(
            Clients, idle.Count / Span.TotalSeconds, At(idle, 50), At(idle, 99), await ingesting, loaded.Count / Span.TotalSeconds, At(loaded, 50), At(loaded, 99));
    }

    public void Dispose() => http.Dispose();

    private static double At(List<double> sorted, int percent) => sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];

    /// <summary>The waits of all clients within a time, sorted.</summary>
    private async Task<List<double>> AskAsync(TimeSpan span)
    {
        var began = time.GetTimestamp();
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            var (waits, random) = (new List<double>(), new Random(client));
            for (var i = client; time.GetElapsedTime(began) < span; i += Clients)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2 * MeanPauseMilliseconds)), time, cancellationToken);
                var asked = time.GetTimestamp();
                await AskAsync(i % data.Series);
                waits.Add(time.GetElapsedTime(asked).TotalMilliseconds);
            }

            return waits;
        }));
        var all = clients.SelectMany(static waits => waits).ToList();
        all.Sort();
        return all;
    }

    private async Task AskAsync(int sensor)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"/ngsi-ld/v1/temporal/entities/{TelemetryData.Id(sensor)}?timerel=between&timeAt=1990-01-01T00:00:00Z&endTimeAt=1990-02-01T00:00:00Z&format=temporalValues");
        using var answer = await http.Client.GetAsync(new Uri(node, path), cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchException($"The node answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }

        await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
    }

    /// <summary>Sends day after day at the rate until it is cancelled.</summary>
    /// <returns>Points per second that were durable.</returns>
    private async Task<double> IngestAsync(double pointsPerSecond, CancellationToken over)
    {
        // Days are written once, and then only their dates: the sender must not take the processor from the node.
        var perDay = data.Series * PerDay;
        var days = Math.Clamp(PointsPerLoad / perDay, 1, data.Count / perDay);
        var rows = data.Csv(0, days * perDay);
        var dates = Dates(rows);
        var next = data.End.Date.AddDays(3);
        var (sent, began) = (0L, time.GetTimestamp());
        try
        {
            while (true)
            {
                for (var i = 0; i < dates.Count; i++)
                {
                    next.AddDays(i / perDay).TryFormat(rows.AsSpan(dates[i]), out _, "yyyy-MM-dd", CultureInfo.InvariantCulture);
                }

                next = next.AddDays(days);
                using var content = new ByteArrayContent(rows) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
                using var answer = await http.Client.PostAsync(new Uri(node, "/ingest"), content, over);
                answer.EnsureSuccessStatusCode();
                sent += days * perDay;
                var ahead = TimeSpan.FromSeconds(sent / pointsPerSecond) - time.GetElapsedTime(began);
                await Task.Delay(ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero, time, over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return sent / time.GetElapsedTime(began).TotalSeconds;
        }
    }

    /// <summary>Where the dates of the lines begin.</summary>
    private static List<int> Dates(byte[] csv)
    {
        var at = new List<int>();
        for (int i = 0, found; (found = csv.AsSpan(i).IndexOf(",temperature,"u8)) >= 0; i += found + 1)
        {
            at.Add(i + found + ",temperature,".Length);
        }

        return at;
    }
}
