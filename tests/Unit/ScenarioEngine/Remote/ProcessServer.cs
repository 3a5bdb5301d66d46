using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Twin.Tests.Unit.ScenarioEngine.Remote;

/// <summary>
/// A small OGC API Processes server with one process: y = 2x, 2x + 1, 2x + 2 kWh of x in W. Each of its answers can be
/// replaced by a bad one.
/// </summary>
internal sealed class ProcessServer : IAsyncDisposable
{
    public const string GoodDescription = """
        {"id":"double","version":"1.0.0","jobControlOptions":["sync-execute","async-execute"],"outputTransmission":["value"],
         "inputs":{"x":{"schema":{"type":"object","properties":{"measurement":{"type":"number"},"uom":{"type":"string","enum":["W"]}}}},"note":{"minOccurs":0,"schema":{"type":"string"}}},
         "outputs":{"y":{"schema":{"type":"object","properties":{"measurement":{"type":"array","items":{"type":"number"}},"uom":{"type":"string"}}}}}}
        """;

    private readonly WebApplication _app;
    private double _x;

    private ProcessServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public string Description { get; set; } = GoodDescription;

    /// <summary>How often the status says running before it says successful.</summary>
    public int Rounds { get; set; } = 2;

    public Func<HttpContext, Task>? OnDescription { get; set; }

    public Func<HttpContext, Task>? OnExecution { get; set; }

    public Func<HttpContext, Task>? OnStatus { get; set; }

    public Func<HttpContext, Task>? OnResults { get; set; }

    /// <summary>Everything that was asked: method, path, headers of interest.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public string? LastBody { get; private set; }

    public static async Task<ProcessServer> StartAsync(string host = "127.0.0.1")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{host}:0");
        var app = builder.Build();
        var server = new ProcessServer(app);
        app.Use(async (http, next) =>
        {
            server.Asked.Enqueue($"{http.Request.Method} {http.Request.Path} prefer={http.Request.Headers["Prefer"]} agreement={http.Request.Headers["Agreement-Id"]}");
            await next(http);
        });
        app.MapGet("/ogc/processes/double", http => server.OnDescription?.Invoke(http) ?? JsonAsync(http, server.Description));
        app.MapPost("/ogc/processes/double/execution", server.ExecuteAsync);
        app.MapGet("/ogc/jobs/7", http => server.OnStatus?.Invoke(http) ?? JsonAsync(http, $$"""{"jobID":"7","type":"process","status":"{{(server.Rounds-- > 0 ? "running" : "successful")}}","progress":40,"message":"adding up"}"""));
        app.MapGet("/ogc/jobs/7/results", http => server.OnResults?.Invoke(http) ?? JsonAsync(http, server.Results()));
        app.MapDelete("/ogc/jobs/7", http => JsonAsync(http, """{"jobID":"7","type":"process","status":"dismissed"}"""));
        await app.StartAsync();
        server.Address = new Uri(app.Urls.Single() + "/ogc/");
        return server;
    }

    /// <summary>Answers JSON.</summary>
    public static Task JsonAsync(HttpContext http, string json, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json);
    }

    /// <summary>Answers nothing until the caller leaves.</summary>
    public static async Task HangAsync(HttpContext http)
    {
        var gone = new TaskCompletionSource();
        await using var registration = http.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>
    /// Answers blanks, more of them than sockets hold, so that the caller must have begun to read; then says so, and goes on
    /// a byte at a time until the caller leaves.
    /// </summary>
    public static async Task DripAsync(HttpContext http, Action begun)
    {
        http.Response.ContentType = "application/json";
        var blanks = new byte[1 << 20];
        blanks.AsSpan().Fill((byte)' ');
        for (var i = 0; i < 32; i++)
        {
            await http.Response.Body.WriteAsync(blanks);
        }

        begun();
        while (!http.RequestAborted.IsCancellationRequested)
        {
            await http.Response.Body.WriteAsync(blanks.AsMemory(0, 1));
            await http.Response.Body.FlushAsync();
        }
    }

    public string Results() => "{\"y\":{\"value\":{\"measurement\":[" + string.Join(',', new[] { 2 * _x, (2 * _x) + 1, (2 * _x) + 2 }.Select(y => y.ToString("R", CultureInfo.InvariantCulture))) + "],\"uom\":\"kWh\"}}}";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ExecuteAsync(HttpContext http)
    {
        using (var reader = new StreamReader(http.Request.Body, Encoding.UTF8))
        {
            LastBody = await reader.ReadToEndAsync();
        }

        _x = JsonElement.Parse(LastBody).GetProperty("inputs").GetProperty("x").GetProperty("measurement").GetDouble();
        if (OnExecution is not null)
        {
            await OnExecution(http);
            return;
        }

        if (http.Request.Headers["Prefer"] == "respond-async")
        {
            http.Response.Headers.Location = "/ogc/jobs/7";
            await JsonAsync(http, """{"jobID":"7","type":"process","status":"accepted"}""", 201);
            return;
        }

        await JsonAsync(http, Results());
    }
}
