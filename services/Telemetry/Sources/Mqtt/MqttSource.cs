using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;
using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Mqtt;

/// <summary>
/// One broker: connects, subscribes, and hands over what comes, for as long as the node runs. A message is acknowledged when its
/// points are durable; what is not acknowledged the broker sends again, for its session outlives connections.
/// </summary>
internal sealed partial class MqttSource
{
    private const int MostBytes = 1024 * 1024;

    /// <summary>Messages of QoS 0 that may wait, beside those that the broker holds back itself.</summary>
    private const int RoomForUnacknowledged = 4000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly IReadOnlyDictionary<string, string> NoNames = new Dictionary<string, string>(StringComparer.Ordinal);

    private readonly MqttSourceOptions options;
    private readonly SourceState state;
    private readonly MqttConnectionSettings settings;
    private readonly SourceQueue queue;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly List<(TopicPattern Pattern, PayloadDecoder Decoder, bool Skips)> subscriptions = [];
    private readonly PayloadDecoder unknown = new RowsPayload(static () => new Ingest.NdjsonRows());
    private bool subscribed;

    public MqttSource(MqttSourceOptions options, SourceState state, MessageIntake intake, string node, TimeProvider clock, ILogger log)
    {
        (this.options, this.state, this.clock, this.log) = (options, state, clock, log);
        settings = new MqttConnectionSettings(options, node);
        queue = new SourceQueue(intake, state, options.Tenant, options.ReceiveMaximum + RoomForUnacknowledged, clock, log);
        foreach (var one in options.Subscriptions)
        {
            // They were found sound when the process began.
            TopicPattern.Parse(one.Topic, out var pattern);
            subscriptions.Add((pattern, PayloadForms.Create(one, pattern.Names, new PayloadFaults("", [])), one.Retained == "skip"));
        }
    }

    /// <summary>Runs until the node stops; then what has come is committed and acknowledged first.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var working = queue.RunAsync(stopping);
        for (var failures = 0; !stopping.IsCancellationRequested; failures++)
        {
            try
            {
                if (await ConnectAndWaitAsync(working, stopping))
                {
                    failures = 0;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                Note(SourceStatus.Disconnected, MqttTroubles.Of(fault, settings));
            }

            await PauseAsync(failures, stopping);
        }

        queue.Complete();
        await working;
    }

    /// <returns>Whether there was a connection.</returns>
    private async Task<bool> ConnectAndWaitAsync(Task working, CancellationToken stopping)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var gone = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += ended =>
        {
            gone.TrySetResult(MqttTroubles.Of(ended, settings));
            return Task.CompletedTask;
        };
        client.ApplicationMessageReceivedAsync += arrived => ReceiveAsync(arrived, stopping);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(Patience);
        var answer = await client.ConnectAsync(settings.Build(), limit.Token);
        if (answer.ResultCode != MqttClientConnectResultCode.Success)
        {
            Note(SourceStatus.Refused, MqttTroubles.Of(answer));
            return false;
        }

        if (await SubscribeAsync(client, answer.IsSessionPresent, limit.Token) is { } refusal)
        {
            Note(SourceStatus.Refused, refusal);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token);
            return false;
        }

        Note(SourceStatus.Connected, null);
        try
        {
            Note(SourceStatus.Disconnected, await gone.Task.WaitAsync(stopping));
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            queue.Complete();
            await working;
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None);
            throw;
        }
    }

    /// <returns>Null, or which subscription the broker refuses.</returns>
    private async Task<string?> SubscribeAsync(IMqttClient client, bool sessionPresent, CancellationToken cancel)
    {
        if (sessionPresent && subscribed && !settings.IsVersion5)
        {
            // Before MQTT 5 each subscribing brings the retained messages again.
            return null;
        }

        var wanted = new MqttClientSubscribeOptions();
        foreach (var ((pattern, _, skips), one) in subscriptions.Zip(options.Subscriptions))
        {
            var filter = new MqttTopicFilterBuilder().WithTopic(pattern.Filter).WithQualityOfServiceLevel((MqttQualityOfServiceLevel)one.Qos);
            if (settings.IsVersion5)
            {
                filter.WithRetainHandling(skips ? MqttRetainHandling.DoNotSendOnSubscribe : MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly);
            }

            wanted.TopicFilters.Add(filter.Build());
        }

        var answer = await client.SubscribeAsync(wanted, cancel);
        var refused = answer.Items.FirstOrDefault(static one => one.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2);
        subscribed = refused is null;
        return refused is null ? null : $"the broker refuses the subscription to {refused.TopicFilter.Topic} ({refused.ResultCode})";
    }

    private async Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs arrived, CancellationToken stopping)
    {
        arrived.AutoAcknowledge = false;
        if (ToMessage(arrived) is not { } message)
        {
            await arrived.AcknowledgeAsync(stopping);
            return;
        }

        if (arrived.ApplicationMessage.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            // The broker does not wait, and whatever came behind it would be held in memory without bounds.
            if (queue.Count >= RoomForUnacknowledged || !queue.TryAdd(message))
            {
                state.Lose(message);
            }

            return;
        }

        try
        {
            await queue.AddAsync(message, stopping);
        }
        catch (ChannelClosedException)
        {
            // The node stops: it comes again, since it is not acknowledged.
        }
    }

    /// <summary>The message as the node takes it; null for a retained one that is not wanted.</summary>
    private SourceMessage? ToMessage(MqttApplicationMessageReceivedEventArgs arrived)
    {
        var published = arrived.ApplicationMessage;
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        PayloadDecoder? decoder = null;
        foreach (var (pattern, reads, skips) in subscriptions)
        {
            found.Clear();
            if (pattern.TryMatch(published.Topic, found))
            {
                if (published.Retain && skips)
                {
                    state.Add(new MessageOutcome { Messages = 1, Ignored = { ["retained"] = 1 } });
                    return null;
                }

                decoder = reads;
                break;
            }
        }

        var payload = published.Payload;
        return new SourceMessage(
            published.Topic, payload.Slice(0, Math.Min(payload.Length, MostBytes)).ToArray(), clock.GetUtcNow(), decoder ?? unknown, decoder is null ? NoNames : found)
        {
            Retained = published.Retain,
            Acknowledge = published.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce ? null : arrived.AcknowledgeAsync,
            Fault = payload.Length > MostBytes ? $"It has {payload.Length} bytes; at most {MostBytes} are read."
                : decoder is null ? "Its topic is none that the settings name; the broker kept an earlier subscription of the session."
                : null,
        };
    }

    private async Task PauseAsync(int failures, CancellationToken stopping)
    {
        var pause = Math.Min(options.RetryMilliseconds * Math.Pow(2, Math.Min(failures, 20)), options.MostRetryMilliseconds);
        try
        {
            // Nodes that lost one broker at one moment do not come back at one moment.
            await Task.Delay(TimeSpan.FromMilliseconds(pause * (0.75 + (Random.Shared.NextDouble() / 2))), clock, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop ends by itself.
        }
    }

    private void Note(SourceStatus status, string? reason)
    {
        if (!state.Set(status, reason))
        {
            return;
        }

        if (reason is null)
        {
            Log.Connected(log, options.Name);
        }
        else
        {
            Log.Away(log, options.Name, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The MQTT source {Source} is connected")]
        public static partial void Connected(ILogger logger, string source);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The MQTT source {Source} is away and is tried again: {Reason}")]
        public static partial void Away(ILogger logger, string source, string reason);
    }
}
