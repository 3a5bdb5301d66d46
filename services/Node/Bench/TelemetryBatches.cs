using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Twin.Node.Bench;

/// <summary>What a node takes in requests of <paramref name="PointsPerRequest"/> points each, as NGSI-LD JSON.</summary>
/// <param name="Connections">How many send, each one request after the other.</param>
/// <param name="PointsPerRequest">Entities with one instance each.</param>
/// <param name="PointsPerSecond">Acknowledged as durable.</param>
/// <param name="P50">The median time of a request, in milliseconds.</param>
/// <param name="P99">The time that 99 of 100 requests do not exceed, in milliseconds.</param>
internal sealed record BatchedIngestion(int Connections, int PointsPerRequest, double PointsPerSecond, double P50, double P99);

/// <summary>Sends temporal evolutions in small requests on several connections, of sensors and values of the data and of days after it.</summary>
internal sealed class TelemetryBatches(Uri node, TelemetryData data, TimeProvider time, CancellationToken cancellationToken) : IDisposable
{
    private const int Connections = 16;
    private const int Points = 100;
    private const int BodiesEach = 20;
    private const string TimeForm = "yyyy-MM-ddTHH:mm:ssZ";
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);
    private readonly DateTime start = data.End.Date.AddDays(1);
    private readonly BenchHttp http = new(Connections);
    private int requests;

    /// <summary>Measures it.</summary>
    public async Task<BatchedIngestion> RunAsync()
    {
        var senders = Enumerable.Range(0, Connections).Select(Bodies).ToList();
        await SendAsync(senders, TimeSpan.FromSeconds(3));
        var began = time.GetTimestamp();
        var waits = await SendAsync(senders, Span);
        var taking = time.GetElapsedTime(began);
        return new BatchedIngestion(Connections, Points, (double)waits.Count * Points / taking.TotalSeconds, waits[waits.Count / 2], waits[waits.Count * 99 / 100]);
    }

    public void Dispose() => http.Dispose();

    /// <summary>Bodies of which only the times are written anew for each request: the sender must not take the processor from the node.</summary>
    private (byte[] Body, int[] Times)[] Bodies(int connection) =>
        [.. Enumerable.Range(0, BodiesEach).Select(one =>
        {
            var text = new StringBuilder("[");
            var times = new int[Points];
            for (var i = 0; i < Points; i++)
            {
                var point = (int)((((long)connection * BodiesEach) + one) * Points % data.Count) + i;
                point = point < data.Count ? point : i;
                // No sensor twice in a request.
                var sensor = ((connection * BodiesEach) + one + i) % Math.Max(data.Series, Points);
                text.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""{"id":"{{TelemetryData.Id(sensor)}}","type":"Device","temperature":{"type":"Property","value":{{data.Value(point):0.0}},"observedAt":""");
                times[i] = text.Append('"').Length;
                text.Append("0000-00-00T00:00:00Z\",\"unitCode\":\"CEL\"}}");
            }

            return (Encoding.ASCII.GetBytes(text.Append(']').ToString()), times);
        })];

    /// <returns>The times of all requests in milliseconds, sorted.</returns>
    private async Task<List<double>> SendAsync(List<(byte[] Body, int[] Times)[]> senders, TimeSpan span)
    {
        var began = time.GetTimestamp();
        var all = await Task.WhenAll(senders.Select(async bodies =>
        {
            var waits = new List<double>();
            for (var i = 0; time.GetElapsedTime(began) < span; i++)
            {
                var (body, times) = bodies[i % bodies.Length];
                var when = Encoding.ASCII.GetBytes(start.AddSeconds(Interlocked.Increment(ref requests)).ToString(TimeForm, CultureInfo.InvariantCulture));
                foreach (var at in times)
                {
                    when.CopyTo(body, at);
                }

                var sent = time.GetTimestamp();
                await SendAsync(body);
                waits.Add(time.GetElapsedTime(sent).TotalMilliseconds);
            }

            return waits;
        }));
        var sorted = all.SelectMany(static waits => waits).ToList();
        sorted.Sort();
        return sorted;
    }

    private async Task SendAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.Client.PostAsync(new Uri(node, "/ingest"), content, cancellationToken);
        using var report = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        if (!answer.IsSuccessStatusCode || report.RootElement.GetProperty("taken").GetInt64() != Points)
        {
            throw new BenchException($"The node did not take the points: {report.RootElement}");
        }
    }
}
