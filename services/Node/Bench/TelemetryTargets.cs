using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Twin.Node.Bench;

/// <summary>What takes points and answers questions about them.</summary>
internal interface ITelemetryTarget : IAsyncDisposable
{
    /// <summary>Its name in the table.</summary>
    string Name { get; }

    /// <summary>Prepares a load, which is then handed over by <see cref="LoadAsync"/>; not part of what is measured.</summary>
    object Prepare(TelemetryData data, int from, int until);

    /// <summary>Hands points over, and ends when they are acknowledged as durable.</summary>
    Task LoadAsync(object prepared, CancellationToken cancellationToken);

    /// <summary>Makes all that was taken ready for questions, and says how many bytes it takes on disk.</summary>
    Task<long> SettleAsync(TelemetryData data, CancellationToken cancellationToken);

    /// <summary>All points of one series between two times.</summary>
    /// <returns>How many there were.</returns>
    Task<int> RangeAsync(int sensor, DateTime from, DateTime until, CancellationToken cancellationToken);

    /// <summary>The mean of each hour of one series between two times.</summary>
    /// <returns>How many hours there were.</returns>
    Task<int> HourlyAsync(int sensor, DateTime from, DateTime until, CancellationToken cancellationToken);

    /// <summary>The mean of each day of all series together between two times.</summary>
    /// <returns>How many days there were.</returns>
    Task<int> DailyAsync(DateTime from, DateTime until, CancellationToken cancellationToken);
}

/// <summary>A node, over HTTP on one connection.</summary>
/// <param name="start">Starts it over the same store.</param>
/// <param name="store">Its data.</param>
internal sealed class NodeTarget(Func<Task<BenchNode>> start, BenchStore store) : ITelemetryTarget
{
    private readonly BenchHttp http = new();
    private BenchNode? node;

    public string Name => "node";

    public object Prepare(TelemetryData data, int from, int until) => data.Csv(from, until);

    public async Task LoadAsync(object prepared, CancellationToken cancellationToken)
    {
        node ??= await start();
        using var content = new ByteArrayContent((byte[])prepared) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        using var answer = await http.Client.PostAsync(new Uri(node.Address, "/ingest"), content, cancellationToken);
        using var report = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(cancellationToken));
        if (!answer.IsSuccessStatusCode || report.RootElement.GetProperty("refused").GetInt64() > 0)
        {
            throw new BenchException($"The node did not take the points: {report.RootElement}");
        }
    }

    /// <summary>A stop seals everything; what lies there then is what is kept.</summary>
    public async Task<long> SettleAsync(TelemetryData data, CancellationToken cancellationToken)
    {
        await node!.DisposeAsync();
        var bytes = await store.HistoryBytesAsync(cancellationToken);
        node = await start();
        return bytes;
    }

    public async Task<int> RangeAsync(int sensor, DateTime from, DateTime until, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(sensor, from, until, "format=temporalValues", cancellationToken);
        return Count(answer, "\"1990-"u8);
    }

    public async Task<int> HourlyAsync(int sensor, DateTime from, DateTime until, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(sensor, from, until, "format=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=PT1H", cancellationToken);
        return Count(answer, "],["u8) + 1;
    }

    public async Task<int> DailyAsync(DateTime from, DateTime until, CancellationToken cancellationToken)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"/history/aggregates?attrs=temperature&groupBy=attribute&aggrMethods=avg&aggrPeriodDuration=P1D&from={from:yyyy-MM-ddTHH:mm:ssZ}&until={until:yyyy-MM-ddTHH:mm:ssZ}");
        return Count(await http.GetAsync(new Uri(node!.Address, path), cancellationToken), "\"avg\""u8);
    }

    /// <summary>Asks it with many clients, idle and while points come.</summary>
    public async Task<LoadedQueries> UnderLoadAsync(TelemetryData data, double pointsPerSecond, TimeProvider time, CancellationToken cancellationToken)
    {
        using var load = new TelemetryUnderLoad(node!.Address, data, time, cancellationToken);
        return await load.RunAsync(pointsPerSecond);
    }

    /// <summary>Sends it NGSI-LD in small requests.</summary>
    public async Task<BatchedIngestion> InBatchesAsync(TelemetryData data, TimeProvider time, CancellationToken cancellationToken)
    {
        using var batches = new TelemetryBatches(node!.Address, data, time, cancellationToken);
        return await batches.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (node is not null)
        {
            await node.DisposeAsync();
        }
    }

    private Task<ReadOnlyMemory<byte>> AskAsync(int sensor, DateTime from, DateTime until, string form, CancellationToken cancellationToken)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"/ngsi-ld/v1/temporal/entities/{TelemetryData.Id(sensor)}?timerel=between&timeAt={from:yyyy-MM-ddTHH:mm:ssZ}&endTimeAt={until:yyyy-MM-ddTHH:mm:ssZ}&{form}");
        return http.GetAsync(new Uri(node!.Address, path), cancellationToken);
    }

    private static int Count(ReadOnlyMemory<byte> answer, ReadOnlySpan<byte> part) => answer.Span.Count(part);
}

/// <summary>QuestDB over HTTP on one connection; start it with <c>QDB_CAIRO_COMMIT_MODE=sync</c>, else it does not wait for the disk.</summary>
internal sealed class QuestDbTarget(Uri address) : ITelemetryTarget
{
    private readonly BenchHttp http = new();
    private bool isEmpty;

    public string Name => "questdb";

    public object Prepare(TelemetryData data, int from, int until) => data.InfluxLines(from, until);

    public async Task LoadAsync(object prepared, CancellationToken cancellationToken)
    {
        if (!isEmpty)
        {
            // Of a run before.
            await AskAsync("drop table if exists m", cancellationToken);
            isEmpty = true;
        }

        using var content = new ByteArrayContent((byte[])prepared);
        using var answer = await http.Client.PostAsync(new Uri(address, "/write?precision=n"), content, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchException($"QuestDB answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    public async Task<long> SettleAsync(TelemetryData data, CancellationToken cancellationToken)
    {
        while (await NumberAsync("select count() from m", cancellationToken) < data.Count)
        {
            await Task.Delay(100, cancellationToken);
        }

        return await NumberAsync("select sum(diskSize) from table_partitions('m')", cancellationToken);
    }

    public Task<int> RangeAsync(int sensor, DateTime from, DateTime until, CancellationToken cancellationToken) =>
        RowsAsync($"select timestamp, v from m where {Of(sensor, from, until)}", cancellationToken);

    public Task<int> HourlyAsync(int sensor, DateTime from, DateTime until, CancellationToken cancellationToken) =>
        RowsAsync($"select timestamp, avg(v) from m where {Of(sensor, from, until)} sample by 1h", cancellationToken);

    public Task<int> DailyAsync(DateTime from, DateTime until, CancellationToken cancellationToken) => RowsAsync(
        string.Create(CultureInfo.InvariantCulture, $"select timestamp, avg(v) from m where timestamp >= '{from:yyyy-MM-ddTHH:mm:ss}Z' and timestamp < '{until:yyyy-MM-ddTHH:mm:ss}Z' sample by 1d"),
        cancellationToken);

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Of(int sensor, DateTime from, DateTime until) => string.Create(
        CultureInfo.InvariantCulture, $"s = '{TelemetryData.Id(sensor)}' and timestamp >= '{from:yyyy-MM-ddTHH:mm:ss}Z' and timestamp < '{until:yyyy-MM-ddTHH:mm:ss}Z'");

    /// <summary>Rows stand between brackets.</summary>
    private async Task<int> RowsAsync(string query, CancellationToken cancellationToken) =>
        (await AskAsync(query, cancellationToken)).Span.Count("],["u8) + 1;

    private async Task<long> NumberAsync(string query, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(await AskAsync(query, cancellationToken));
        return json.RootElement.GetProperty("dataset")[0][0] is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : 0;
    }

    private Task<ReadOnlyMemory<byte>> AskAsync(string query, CancellationToken cancellationToken) =>
        http.GetAsync(new Uri(address, "/exec?limit=100000000&query=" + Uri.EscapeDataString(query)), cancellationToken);
}

/// <summary>A plain table in PostgreSQL, filled by binary COPY on one connection; its index is made afterwards.</summary>
internal sealed class PostgreSqlTarget(string connectionString) : ITelemetryTarget
{
    private NpgsqlConnection? connection;

    public string Name => "postgresql";

    public object Prepare(TelemetryData data, int from, int until) => (data, from, until);

    public async Task LoadAsync(object prepared, CancellationToken cancellationToken)
    {
        var (data, from, until) = ((TelemetryData, int, int))prepared;
        var open = await OpenAsync(cancellationToken);
        await using var copy = await open.BeginBinaryImportAsync("COPY twin_bench_points (entity, attribute, observed_at, value) FROM STDIN (FORMAT binary)", cancellationToken);
        for (var i = from; i < until; i++)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(TelemetryData.Id(data.Sensor(i)), NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync("temperature", NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(data.At(i), NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(data.Value(i), NpgsqlDbType.Double, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    public async Task<long> SettleAsync(TelemetryData data, CancellationToken cancellationToken)
    {
        await using var bytes = new NpgsqlCommand("SELECT pg_total_relation_size('twin_bench_points')", connection);
        var size = (long)(await bytes.ExecuteScalarAsync(cancellationToken))!;
        await using var index = new NpgsqlCommand("CREATE INDEX ON twin_bench_points (entity, observed_at); ANALYZE twin_bench_points", connection) { CommandTimeout = 0 };
        await index.ExecuteNonQueryAsync(cancellationToken);
        return size;
    }

    public Task<int> RangeAsync(int sensor, DateTime from, DateTime until, CancellationToken cancellationToken) =>
        RowsAsync("SELECT observed_at, value FROM twin_bench_points WHERE observed_at >= $1 AND observed_at < $2 AND entity = $3 ORDER BY observed_at", from, until, TelemetryData.Id(sensor), cancellationToken);

    public Task<int> HourlyAsync(int sensor, DateTime from, DateTime until, CancellationToken cancellationToken) =>
        RowsAsync("SELECT date_trunc('hour', observed_at) AS hour, avg(value) FROM twin_bench_points WHERE observed_at >= $1 AND observed_at < $2 AND entity = $3 GROUP BY hour ORDER BY hour", from, until, TelemetryData.Id(sensor), cancellationToken);

    public Task<int> DailyAsync(DateTime from, DateTime until, CancellationToken cancellationToken) =>
        RowsAsync("SELECT date_trunc('day', observed_at) AS day, avg(value) FROM twin_bench_points WHERE observed_at >= $1 AND observed_at < $2 GROUP BY day ORDER BY day", from, until, null, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
        {
            await using (var drop = new NpgsqlCommand("DROP TABLE IF EXISTS twin_bench_points", connection))
            {
                await drop.ExecuteNonQueryAsync();
            }

            await connection.DisposeAsync();
        }
    }

    private async Task<int> RowsAsync(string sql, DateTime from, DateTime until, string? sensor, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0, Parameters = { new() { Value = from }, new() { Value = until } } };
        if (sensor is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = sensor });
        }

        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var count = 0;
        while (await rows.ReadAsync(cancellationToken))
        {
            _ = (rows.GetDateTime(0), rows.GetDouble(1));
            count++;
        }

        return count;
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (connection is null)
        {
            connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellationToken);
            await using var create = new NpgsqlCommand(
                "DROP TABLE IF EXISTS twin_bench_points; CREATE TABLE twin_bench_points (entity text NOT NULL, attribute text NOT NULL, observed_at timestamptz NOT NULL, value double precision NOT NULL)", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        return connection;
    }
}
