using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Hosting.Composition;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Sources.Mqtt;

/// <summary>Runs the sources over MQTT for as long as the process does.</summary>
internal sealed class MqttSources : BackgroundService
{
    private readonly List<MqttSource> sources;
    private readonly TailWriter tail;

    public MqttSources(
        IOptions<SourcesOptions> options, SourceTable table, MessageIntake intake, TailWriter tail, TwinProcess process, TimeProvider clock, ILogger<MqttSources> log)
    {
        this.tail = tail;
        sources = [.. options.Value.Mqtt.Select(one =>
        {
            var state = table.Add(new SourceState(one.Name, "mqtt", SourceStatus.Connecting, clock));
            return new MqttSource(one, state, intake, process.Name, clock, log);
        })];
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await tail.Replayed.WaitAsync(stoppingToken);
        await Task.WhenAll(sources.Select(source => source.RunAsync(stoppingToken)));
    }
}
