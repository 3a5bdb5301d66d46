using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;

namespace Twin.Hosting.Events.Kafka;

/// <summary>Events to and from Kafka messages, in the binary mode of the CloudEvents Kafka binding 1.0.2, §3.2.</summary>
internal static class KafkaMessages
{
    public static Message<string, byte[]> ToMessage(TwinEvent one)
    {
        var headers = new Headers
        {
            { "ce_specversion", "1.0"u8.ToArray() },
            { "ce_id", Encoding.ASCII.GetBytes(one.Id.ToString()) },
            { "ce_source", Encoding.UTF8.GetBytes(one.Source) },
            { "ce_type", Encoding.UTF8.GetBytes(one.Type) },
            { "ce_subject", Encoding.UTF8.GetBytes(one.Subject) },
            { "ce_time", Encoding.ASCII.GetBytes(one.Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)) },
            { "content-type", Encoding.UTF8.GetBytes(one.DataContentType) },
        };
        if (one.TraceParent is not null)
        {
            headers.Add("ce_traceparent", Encoding.ASCII.GetBytes(one.TraceParent));
        }

        if (one.Tenant is not null)
        {
            headers.Add("ce_tenant", Encoding.UTF8.GetBytes(one.Tenant));
        }

        return new Message<string, byte[]>
        {
            Key = one.Subject,
            Value = Bytes(one.Data),
            Headers = headers,
            Timestamp = new Timestamp(one.Time),
        };
    }

    /// <summary>The event in a message, or why there is none.</summary>
    public static (TwinEvent Event, string? Fault) FromMessage(ConsumeResult<string, byte[]> result)
    {
        var headers = result.Message.Headers;
        var fault = Text(headers, "ce_specversion") is not "1.0"
            ? "The message is no CloudEvent 1.0: header ce_specversion is not 1.0."
            : Missing(headers, "ce_id") ?? Missing(headers, "ce_source") ?? Missing(headers, "ce_type");
        if (!Guid.TryParse(Text(headers, "ce_id"), out var id))
        {
            fault ??= "The header ce_id is not a UUID.";
            id = IdOf(result);
        }

        if (!DateTimeOffset.TryParse(Text(headers, "ce_time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            time = new DateTimeOffset(result.Message.Timestamp.UtcDateTime);
        }

        var one = new TwinEvent
        {
            Id = id,
            Source = Text(headers, "ce_source") ?? "",
            Type = Text(headers, "ce_type") ?? "",
            Subject = Text(headers, "ce_subject") ?? result.Message.Key ?? "",
            Time = time,
            TraceParent = Text(headers, "ce_traceparent"),
            Tenant = Text(headers, "ce_tenant"),
            DataContentType = Text(headers, "content-type") ?? "application/octet-stream",
            Data = result.Message.Value,
        };
        return (one, fault);
    }

    private static string? Missing(Headers headers, string name) => Text(headers, name) is null ? $"The header {name} is missing." : null;

    private static string? Text(Headers? headers, string name) =>
        headers is not null && headers.TryGetLastBytes(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;

    // A message without an id of its own is known by its place, so that a redelivery is recognised.
    private static Guid IdOf(ConsumeResult<string, byte[]> result) => new(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{result.Topic}/{result.Partition.Value}/{result.Offset.Value}")).AsSpan(0, 16));

    private static byte[] Bytes(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : data.ToArray();
}
