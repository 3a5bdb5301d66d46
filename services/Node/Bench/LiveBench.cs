using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Serialization;
using Spectre.Console;
using Twin.Node.Commands;

namespace Twin.Node.Bench;

/// <summary>All that one <c>twin bench live</c> measured.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Viewers">Streams that were open at the same time.</param>
/// <param name="OpenSeconds">Until all of them were open.</param>
/// <param name="IdleSeconds">For which they were then held without a point.</param>
/// <param name="Heartbeats">That came meanwhile, over all streams.</param>
/// <param name="Broken">Streams that ended before they should.</param>
/// <param name="ResidentBefore">Memory of the node without viewers, in bytes.</param>
/// <param name="ResidentIdle">Memory of the node with all of them, after the idle time.</param>
/// <param name="BytesPerViewer">The difference, for each viewer; the kernel's memory of a connection is not in it.</param>
/// <param name="IdleCores">Processor time of the node in the idle time, as a share of one core.</param>
/// <param name="OneMilliseconds">Median from sending a point to one viewer of ten thousand having it, durable in between.</param>
/// <param name="OneMillisecondsP99">The same for 99 of 100.</param>
/// <param name="AllMilliseconds">Median from sending a point that all see until the last of them has it.</param>
/// <param name="PointsPerSecondBefore">Ingestion without viewers.</param>
/// <param name="PointsPerSecondWith">Ingestion while they look on, of points that none of them asks for.</param>
/// <param name="ProcessorPerMillionBefore">Processor time of the node for a million points without viewers, in seconds: neighbours on the machine change it less than the rate.</param>
/// <param name="ProcessorPerMillionWith">The same while they look on, heartbeats included.</param>
internal sealed record LiveResults(
    BenchMachine Machine, int Viewers, double OpenSeconds, double IdleSeconds, long Heartbeats, int Broken, long ResidentBefore, long ResidentIdle, double BytesPerViewer,
    double IdleCores, double OneMilliseconds, double OneMillisecondsP99, double AllMilliseconds, double PointsPerSecondBefore, double PointsPerSecondWith,
    double ProcessorPerMillionBefore, double ProcessorPerMillionWith);

/// <summary>Holds many viewers of live values, and measures what they cost.</summary>
internal sealed class LiveBench(TimeProvider time, CancellationToken cancellationToken)
{
    private const int Opening = 64;
    private const int Single = 200;
    private const int Broadcasts = 10;
    private const int Bulk = 200_000;
    private const int BulkLoads = 5;
    private const string Everybody = "urn:ngsi-ld:Device:all";
    private const string Other = "urn:ngsi-ld:Device:other";

    private int broken;

    public async Task<LiveResults> RunAsync(int viewers, int idleSeconds, string storeKind, string? folder)
    {
        await using var store = await BenchStore.CreateAsync(storeKind, folder, cancellationToken);
        var settings = new Dictionary<string, string>(store.Settings)
        {
            ["Twin__Services"] = "gateway,entity-registry,telemetry",
            ["Twin__Telemetry__LiveViewers"] = viewers.ToString(CultureInfo.InvariantCulture),
            ["Twin__Telemetry__LiveHeartbeatSeconds"] = "5",
        };
        await using var node = await BenchNode.StartAsync(store.Folder, settings, time, cancellationToken);
        using var client = new BenchHttp();
        var http = client.Client;
        http.BaseAddress = node.Address;
        var day = 0;
        // The first loads are those of a cold node.
        await LoadsAsync(http, node, () => day++);
        var before = await LoadsAsync(http, node, () => day++);
        var residentBefore = await SettledAsync(node);

        Say($"opening {viewers:#,0} streams");
        var began = time.GetTimestamp();
        using var ended = new CancellationTokenSource();
        var streams = await OpenAsync(node.Address, viewers, ended.Token);
        var open = time.GetElapsedTime(began);

        Say($"idle for {idleSeconds} s");
        var processor = node.ProcessorTime;
        began = time.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(idleSeconds), time, cancellationToken);
        var idle = time.GetElapsedTime(began);
        var cores = (node.ProcessorTime - processor) / idle;
        var heartbeats = streams.Sum(static stream => stream.Comments);
        var residentIdle = await SettledAsync(node);

        Say($"points for one");
        var one = new List<double>();
        for (var i = 0; i < Single; i++)
        {
            one.Add(await TellAsync(http, Entity(i * 7919 % viewers), i, [streams[i * 7919 % viewers]]));
        }

        Say($"points for all");
        var all = new List<double>();
        for (var i = 0; i < Broadcasts; i++)
        {
            all.Add(await TellAsync(http, Everybody, i, streams));
        }

        Say($"points for nobody");
        var with = await LoadsAsync(http, node, () => day++);
        var lost = Volatile.Read(ref broken);
        await ended.CancelAsync();
        one.Sort();
        all.Sort();
        return new LiveResults(
            BenchMachine.Look(store.Folder, time), viewers, open.TotalSeconds, idle.TotalSeconds, heartbeats, lost, residentBefore, residentIdle,
            (double)(residentIdle - residentBefore) / viewers, cores, one[one.Count / 2], one[one.Count * 99 / 100], all[all.Count / 2],
            before.PerSecond, with.PerSecond, before.ProcessorPerMillion, with.ProcessorPerMillion);
    }

    /// <summary>Prints the figures as people read them.</summary>
    public static void Write(TextWriter to, LiveResults results)
    {
        to.WriteLine(Text($"{results.Machine.Processor}, {results.Machine.Cores} cores"));
        to.WriteLine(Text($"{results.Viewers:#,0} viewers, each with a filter of its own, opened in {results.OpenSeconds:0.0} s; {results.Broken} broke"));
        to.WriteLine(Text($"{results.Heartbeats:#,0} heartbeats in {results.IdleSeconds:0} s of idleness; {results.IdleCores:0.00} cores busy"));
        to.WriteLine(Text($"memory {results.ResidentBefore / 1048576.0:0} MiB before, {results.ResidentIdle / 1048576.0:0} MiB with them: {results.BytesPerViewer / 1024:0.0} KiB a viewer"));
        to.WriteLine(Text($"a point for one viewer: {results.OneMilliseconds:0.0} ms from sending to seeing, 99 of 100 within {results.OneMillisecondsP99:0.0} ms"));
        to.WriteLine(Text($"a point for all of them: {results.AllMilliseconds:0} ms until the last one sees it"));
        to.WriteLine(Text($"ingestion {results.PointsPerSecondBefore:#,0} points/s before, {results.PointsPerSecondWith:#,0} while they look on"));
        to.WriteLine(Text($"processor time for a million points {results.ProcessorPerMillionBefore:0.00} s before, {results.ProcessorPerMillionWith:0.00} s while they look on"));
    }

    private static string Entity(int viewer) => string.Create(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Device:{viewer}");

    private async Task<Stream[]> OpenAsync(Uri address, int viewers, CancellationToken ended)
    {
        var streams = new Stream[viewers];
        await Parallel.ForAsync(
            0, viewers, new ParallelOptions { MaxDegreeOfParallelism = Opening, CancellationToken = cancellationToken },
            async (i, cancel) =>
            {
                streams[i] = new Stream(await Stream.ConnectAsync(address, $"/history/live?id={Entity(i)},{Everybody}", cancel));
                _ = FollowAsync(streams[i], ended);
                await streams[i].Opened.Task.WaitAsync(cancel);
            });
        return streams;
    }

    private async Task FollowAsync(Stream stream, CancellationToken ended)
    {
        try
        {
            await stream.FollowAsync(ended);
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException)
        {
            if (!ended.IsCancellationRequested)
            {
                Interlocked.Increment(ref broken);
                stream.Opened.TrySetException(fault);
            }
        }
    }

    /// <summary>Sends a point, and says how long it took until the streams have it.</summary>
    private async Task<double> TellAsync(HttpClient http, string entity, int second, IReadOnlyList<Stream> streams)
    {
        var seen = streams.Select(static stream => stream.Expect()).ToArray();
        var began = time.GetTimestamp();
        await IngestAsync(http, string.Create(CultureInfo.InvariantCulture, $"entity,attribute,observedAt,value\n{entity},a,2026-01-01T00:{second / 60:00}:{second % 60:00}Z,{second}\n"));
        await Task.WhenAll(seen).WaitAsync(TimeSpan.FromSeconds(60), time, cancellationToken);
        return time.GetElapsedTime(began).TotalMilliseconds;
    }

    private async Task<(double PerSecond, double ProcessorPerMillion)> LoadsAsync(HttpClient http, BenchNode node, Func<int> day)
    {
        var processor = node.ProcessorTime;
        var began = time.GetTimestamp();
        for (var i = 0; i < BulkLoads; i++)
        {
            await LoadAsync(http, day());
        }

        return (BulkLoads * Bulk / time.GetElapsedTime(began).TotalSeconds, (node.ProcessorTime - processor).TotalSeconds * 1_000_000 / (BulkLoads * Bulk));
    }

    private async Task LoadAsync(HttpClient http, int day)
    {
        var rows = new StringBuilder("entity,attribute,observedAt,value\n", Bulk * 64);
        var from = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(day * 3);
        for (var i = 0; i < Bulk; i++)
        {
            rows.Append(CultureInfo.InvariantCulture, $"{Other},a,{from.AddSeconds(i):yyyy-MM-ddTHH:mm:ss}Z,{i % 300 / 10.0:0.0}\n");
        }

        await IngestAsync(http, rows.ToString());
    }

    private async Task IngestAsync(HttpClient http, string rows)
    {
        using var content = new StringContent(rows, Encoding.UTF8, "text/csv");
        using var answer = await http.PostAsync(new Uri("/ingest", UriKind.Relative), content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Resident memory when it grows no more.</summary>
    private async Task<long> SettledAsync(BenchNode node)
    {
        var last = node.ResidentBytes;
        for (var i = 0; i < 10; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            var now = node.ResidentBytes;
            if (Math.Abs(now - last) < last / 200)
            {
                return now;
            }

            last = now;
        }

        return last;
    }

    private static void Say(FormattableString what) => TwinCommand.ErrorConsole.MarkupLine(Markup.Escape(FormattableString.Invariant(what)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One stream, read as bytes: whatever comes is a comment or an event.</summary>
    private sealed class Stream(Socket socket)
    {
        private TaskCompletionSource? expected;

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Comments { get; private set; }

        public static async Task<Socket> ConnectAsync(Uri address, string path, CancellationToken cancel)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new DnsEndPoint(address.Host, address.Port), cancel);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAccept: text/event-stream\r\n\r\n"), cancel);
            return socket;
        }

        /// <summary>Ends with the next event.</summary>
        public Task Expect()
        {
            var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref expected, next);
            return next.Task;
        }

        public async Task FollowAsync(CancellationToken ended)
        {
            using var _ = socket;
            var buffer = new byte[512];
            while (await socket.ReceiveAsync(buffer.AsMemory(), ended) is var read and > 0)
            {
                Take(buffer.AsSpan(0, read));
            }

            throw new IOException("The stream ended.");
        }

        private void Take(ReadOnlySpan<byte> bytes)
        {
            if (bytes.StartsWith("HTTP/1.1"u8) && !bytes.StartsWith("HTTP/1.1 200"u8))
            {
                throw new IOException(Encoding.UTF8.GetString(bytes));
            }

            if (bytes.IndexOf("retry:"u8) >= 0)
            {
                Opened.TrySetResult();
            }

            if (bytes.IndexOf("\n:\n\n"u8) >= 0)
            {
                Comments++;
            }

            if (bytes.IndexOf("data: "u8) >= 0)
            {
                Volatile.Read(ref expected)?.TrySetResult();
            }
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LiveResults))]
internal sealed partial class LiveJson : JsonSerializerContext;
