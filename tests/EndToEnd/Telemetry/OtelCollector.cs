using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Telemetry;

/// <summary>The OpenTelemetry collector, which writes down what it is sent; the test is skipped where none is offered.</summary>
internal sealed class OtelCollector : IAsyncDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("twin-otel-");
    private readonly int grpc = ServerProcess.FreePort();
    private readonly int health = ServerProcess.FreePort();
    private Process? process;

    /// <summary>Where it takes OTLP over gRPC.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{grpc}");

    private string File => Path.Combine(directory.FullName, "received.jsonl");

    public static async Task<OtelCollector> StartAsync(CancellationToken cancellationToken)
    {
        var program = SharedTools.Find("tools/otelcol/otelcol");
        Assert.SkipWhen(program is null, "The OpenTelemetry collector is not offered: TWIN_SHARED/tools/otelcol is not there.");
        var collector = new OtelCollector();
        try
        {
            await collector.StartAsync(program, cancellationToken);
            return collector;
        }
        catch
        {
            await collector.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets it write out what it has, ends it, and reads what it was sent.</summary>
    public async Task<Received> StopAsync(CancellationToken cancellationToken)
    {
        TwinCli.Signal(process!.Id, "TERM");
        await process.WaitForExitAsync(cancellationToken);
        return Received.Parse(await System.IO.File.ReadAllTextAsync(File, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        directory.Delete(recursive: true);
    }

    private async Task StartAsync(string program, CancellationToken cancellationToken)
    {
        var config = Path.Combine(directory.FullName, "otlp.yaml");
        await System.IO.File.WriteAllTextAsync(
            config,
            $$"""
            receivers:
              otlp: {protocols: {grpc: {endpoint: "127.0.0.1:{{grpc}}" } } }
            exporters: {file: {path: "{{File}}" } }
            extensions: {health_check: {endpoint: "127.0.0.1:{{health}}" } }
            service:
              extensions: [health_check]
              telemetry: {metrics: {level: none} }
              pipelines:
                traces: {receivers: [otlp], exporters: [file]}
                metrics: {receivers: [otlp], exporters: [file]}
                logs: {receivers: [otlp], exporters: [file]}
            """,
            cancellationToken);
        process = Process.Start(new ProcessStartInfo(program, ["--config", config]) { UseShellExecute = false, RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        using var http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{health}")) };
        Assert.True(await Eventually.HoldsAsync(() => IsReadyAsync(http, cancellationToken), seconds: 60, cancellationToken), "The collector does not become ready.");
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync("/", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

/// <summary>What a collector was sent, and by which service.</summary>
internal sealed record Received(string Text, IReadOnlyList<(string Service, JsonElement Span)> Spans, IReadOnlyList<(string Service, JsonElement Metric)> Metrics, IReadOnlyList<(string Service, JsonElement Log)> Logs)
{
    /// <summary>Reads the lines of the collector's file exporter: OTLP as JSON.</summary>
    public static Received Parse(string text)
    {
        var exports = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        return new Received(
            text,
            [.. Items(exports, "resourceSpans", "scopeSpans", "spans")],
            [.. Items(exports, "resourceMetrics", "scopeMetrics", "metrics")],
            [.. Items(exports, "resourceLogs", "scopeLogs", "logRecords")]);
    }

    /// <summary>The value of an attribute as text, or null.</summary>
    public static string? Attribute(JsonElement item, string key) => item.GetProperty("attributes").EnumerateArray()
        .Where(one => one.GetProperty("key").GetString() == key)
        .Select(one => one.GetProperty("value").EnumerateObject().First().Value.ToString())
        .FirstOrDefault();

    private static IEnumerable<(string, JsonElement)> Items(List<JsonElement> exports, string resources, string scopes, string items) =>
        from export in exports
        where export.TryGetProperty(resources, out _)
        from resource in export.GetProperty(resources).EnumerateArray()
        from scope in resource.GetProperty(scopes).EnumerateArray()
        from item in scope.GetProperty(items).EnumerateArray()
        select (Attribute(resource.GetProperty("resource"), "service.name")!, item);
}
