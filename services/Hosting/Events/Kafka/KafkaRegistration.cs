using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events.Kafka;

/// <summary>Registers what is loaded only when Kafka is configured.</summary>
internal static class KafkaRegistration
{
    public static void Add(IServiceCollection services)
    {
        services.AddOptions<KafkaOptions>().BindConfiguration(KafkaOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KafkaOptions>, KafkaOptionsValidator>();
        services.AddSingleton<KafkaClient>();
        services.AddSingleton<IEventRouter, KafkaRouter>();
        services.AddHostedService<KafkaConsumers>();
    }
}

/// <summary>Every outbox has one reader, which publishes.</summary>
internal sealed class KafkaRouter(KafkaClient client, IOptions<EventOptions> options, TimeProvider time) : IEventRouter
{
    public string Transport => KafkaSink.Name;

    public IReadOnlyList<IEventSink> SinksOf(EventOutbox outbox) => [new KafkaSink(outbox, client, options.Value, time)];

    public async Task RepublishAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        await client.Producer.ProduceAsync(
            TopicNames.AtBroker(options.Value, letter.Topic), KafkaMessages.ToMessage(letter.Event), cancellationToken);
}

/// <summary>Runs a source for each consumer of the process.</summary>
internal sealed class KafkaConsumers(
    IEnumerable<ConsumerRunner> runners, KafkaClient client, IOptions<EventOptions> options, EventLag lag, TimeProvider time,
    ILogger<KafkaSource> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        runners.Select(runner => new KafkaSource(runner, client, options.Value, lag, time, logger).RunAsync(stoppingToken)));
}
