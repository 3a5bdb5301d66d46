using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Demo;

/// <summary>A sensor of the demo's city publishes to a real broker: the live stream, the history and the registry show it.</summary>
public sealed partial class DemoSensorTests(ITestOutputHelper output)
{
    private const int Readings = 20;
    private const string Station = "urn:ngsi-ld:WeatherObserved:mulhouse-dmc:station";
    private const string Temperature = "https://smartdatamodels.org/dataModel.Weather/temperature";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task What_a_sensor_publishes_is_seen_live_in_the_history_and_in_the_registry_and_how_soon_is_told()
    {
        Assert.SkipWhen(MosquittoBroker.Missing is not null, MosquittoBroker.Missing ?? "");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        await using var broker = new MosquittoBroker();
        await broker.StartAsync(limit.Token);
        var directory = Directory.CreateTempSubdirectory("twin-demo-sensor-");
        try
        {
            using var demo = TwinCli.Start(Settings(broker), "demo", "--data", directory.FullName, "--ports", "0,0");
            var (_, curls) = await DemoTests.GuideAsync(demo, limit.Token);
            using var http = new HttpClient { BaseAddress = new Uri(Address.Match(curls[0]).Value) };
            // Kept by the broker for whoever subscribes: once it is there the node listens.
            await PublishAsync(broker, 0, limit.Token, "-r");
            await UntilAsync(async () => await InHistoryAsync(http, limit.Token) == Value(0), limit.Token);

            var delays = await MeasureAsync(http, broker, limit.Token);

            foreach (var (what, all) in delays)
            {
                all.Sort();
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{what}: median {all[all.Count / 2]:0.0} ms, least {all[0]:0.0}, most {all[^1]:0.0}, of {all.Count} readings from the start of mosquitto_pub on"));
            }

            Assert.All(delays, static one => Assert.Equal(Readings, one.Delays.Count));
            TwinCli.Signal(demo.Id, "INT");
            Assert.Equal(0, (await demo.EndAsync(limit.Token)).Code);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Publishes one reading after the other, and waits for each at the four places.</summary>
    private static async Task<List<(string What, List<double> Delays)>> MeasureAsync(HttpClient http, MosquittoBroker broker, CancellationToken cancel)
    {
        using var live = new StreamReader(await http.GetStreamAsync(new Uri($"/history/live?id={Station}&attrs={Uri.EscapeDataString(Temperature)}", UriKind.Relative), cancel));
        var delays = new List<(string What, List<double> Delays)> { ("mosquitto_pub has the broker's word", []), ("live stream", []), ("history", []), ("registry", []) };
        for (var n = 1; n <= Readings; n++)
        {
            var began = Stopwatch.GetTimestamp();
            var expected = Value(n);
            Task<double>[] seen =
            [
                After(began, PublishAsync(broker, n, cancel)),
                After(began, SeenLiveAsync(live, expected, cancel)),
                After(began, UntilAsync(async () => await InHistoryAsync(http, cancel) == expected, cancel)),
                After(began, UntilAsync(async () => await InRegistryAsync(http, cancel) == expected, cancel)),
            ];
            foreach (var (at, one) in seen.Index())
            {
                delays[at].Delays.Add(await one);
            }
        }

        return delays;
    }

    private static async Task<double> After(long began, Task what)
    {
        await what;
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task SeenLiveAsync(StreamReader live, double expected, CancellationToken cancel)
    {
        while (await live.ReadLineAsync(cancel) is { } line)
        {
            if (line.StartsWith("data: {", StringComparison.Ordinal) && JsonNode.Parse(line["data: ".Length..]) is { } point
                && (string?)point["entity"] == Station && (double)point["value"]! == expected)
            {
                return;
            }
        }

        throw new EndOfStreamException("The live stream has ended.");
    }

    private static async Task<double?> InHistoryAsync(HttpClient http, CancellationToken cancel)
    {
        using var answer = await http.GetAsync(new Uri($"/ngsi-ld/v1/temporal/entities/{Station}?attrs={Uri.EscapeDataString(Temperature)}&lastN=1&local=true", UriKind.Relative), cancel);
        return answer.IsSuccessStatusCode ? ValueOf(JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel))) : null;
    }

    private static async Task<double?> InRegistryAsync(HttpClient http, CancellationToken cancel) =>
        ValueOf(JsonNode.Parse(await http.GetStringAsync(new Uri($"/ngsi-ld/v1/entities/{Station}?local=true", UriKind.Relative), cancel)));

    private static double? ValueOf(JsonNode? entity) => entity?[Temperature] switch
    {
        JsonArray { Count: > 0 } instances => (double?)instances[0]!["value"],
        JsonObject one => (double?)one["value"],
        _ => null,
    };

    private static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancel)
    {
        while (!await holds())
        {
            await Task.Delay(Look, cancel);
        }
    }

    private static double Value(int n) => 30 + (n / 10.0);

    private static Task PublishAsync(MosquittoBroker broker, int n, CancellationToken cancel, params string[] more) => broker.PublishAsync(
        ["-t", "mulhouse-dmc/weather/station", "-q", "1", .. more, "-m", string.Create(CultureInfo.InvariantCulture, $$"""{"at":"{{DateTimeOffset.UtcNow:O}}","t":{{Value(n)}}}""")], cancel);

    private static Dictionary<string, string> Settings(MosquittoBroker broker) => new(StringComparer.Ordinal)
    {
        ["Twin__Telemetry__Mqtt__0__Name"] = "sensors",
        ["Twin__Telemetry__Mqtt__0__Host"] = "127.0.0.1",
        ["Twin__Telemetry__Mqtt__0__Port"] = broker.PortText,
        ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Topic"] = "{city}/weather/{station}",
        ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Payload"] = "json",
        ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Entity"] = "urn:ngsi-ld:WeatherObserved:{city}:{station}",
        ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Time"] = "at",
        ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Attributes__0__Path"] = "t",
        ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Attributes__0__Name"] = Temperature,
        ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Attributes__0__Unit"] = "CEL",
    };

    [GeneratedRegex("http://[^/']+")]
    private static partial Regex Address { get; }
}
