using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Hosting.Composition;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Sources.Kafka;

/// <summary>Runs the sources over Kafka for as long as the process does.</summary>
internal sealed class KafkaSources : BackgroundService
{
    private readonly List<KafkaSource> sources;
    private readonly TailWriter tail;

    public KafkaSources(
        IOptions<SourcesOptions> options, SourceTable table, MessageIntake intake, TailWriter tail, TwinProcess process, TimeProvider clock, ILogger<KafkaSources> log)
    {
        this.tail = tail;
        sources = [.. options.Value.Kafka.Select((one, at) =>
        {
            var state = table.Add(new SourceState(one.Name, "kafka", SourceStatus.Connecting, clock));
            return new KafkaSource($"{TelemetryOptions.Section}:{nameof(SourcesOptions.Kafka)}:{at}", one, state, intake, process.Name, clock, log);
        })];
    }

    /// <summary>Registers what is loaded only where Kafka is a source.</summary>
    public static void Add(IServiceCollection services) => services.AddHostedService<KafkaSources>();

    /// <inheritdoc />
    public override void Dispose()
    {
        sources.ForEach(static one => one.Dispose());
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await tail.Replayed.WaitAsync(stoppingToken);
        await Task.WhenAll(sources.Select(source => source.RunAsync(stoppingToken)));
    }
}
