using System.Net.Sockets;

namespace Twin.Node.Bench;

/// <summary>
/// A closed loop over a number of connections, each with one request under way: the load generator where <c>wrk</c> is
/// not installed. Runs in a process of its own (<c>twin bench load</c>), so that it has its own heap and collector.
/// </summary>
internal static class SocketLoad
{
    /// <summary>Replays the requests in turn for a time.</summary>
    public static async Task<LoadResult> RunAsync(Uri host, byte[][] requests, int connections, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        var next = -1;
        var began = time.GetTimestamp();
        var workers = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => WorkAsync(
            host, () => requests[(uint)Interlocked.Increment(ref next) % requests.Length], began, duration, time, cancellationToken)));
        var elapsed = time.GetElapsedTime(began);
        var latencies = workers.SelectMany(worker => worker.Latencies).Order().ToArray();
        return new LoadResult(
            latencies.Length,
            (long)elapsed.TotalMicroseconds,
            workers.Sum(worker => worker.Bytes),
            workers.Sum(worker => worker.Refused),
            workers.Sum(worker => worker.Broken),
            Quantile(latencies, 0.50),
            Quantile(latencies, 0.99));
    }

    /// <summary>Reads a file that <see cref="LoadGenerator"/> wrote.</summary>
    public static byte[][] ReadRequests(string path)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        var requests = new List<byte[]>();
        while (rest.Length > 0)
        {
            if (!System.Buffers.Text.Utf8Parser.TryParse(rest, out int length, out var digits))
            {
                throw new InvalidDataException($"{path} is no file of requests.");
            }

            requests.Add(rest.Slice(digits + 1, length).ToArray());
            rest = rest[(digits + 1 + length)..];
        }

        return [.. requests];
    }

    private static async Task<Worker> WorkAsync(Uri host, Func<byte[]> next, long began, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        // Off the caller's stack, so that the connections start together.
        await Task.Yield();
        var worker = new Worker();
        while (time.GetElapsedTime(began) < duration)
        {
            try
            {
                using var connection = await RawHttpConnection.OpenAsync(host, cancellationToken);
                while (time.GetElapsedTime(began) < duration)
                {
                    var sent = time.GetTimestamp();
                    var (status, body) = await connection.SendAsync(next(), cancellationToken);
                    worker.Latencies.Add((int)time.GetElapsedTime(sent).TotalMicroseconds);
                    worker.Bytes += body.Length;
                    worker.Refused += status >= 400 ? 1 : 0;
                }
            }
            catch (Exception fault) when (fault is IOException or SocketException)
            {
                worker.Broken++;
            }
        }

        return worker;
    }

    private static double Quantile(int[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)(share * (sorted.Length - 1))];

    private sealed class Worker
    {
        public List<int> Latencies { get; } = [];

        public long Bytes { get; set; }

        public long Refused { get; set; }

        public long Broken { get; set; }
    }
}
