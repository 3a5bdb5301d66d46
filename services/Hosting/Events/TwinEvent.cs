using System.Diagnostics;

namespace Twin.Hosting.Events;

/// <summary>Something that has happened, by the attribute names of CloudEvents 1.0.</summary>
public sealed class TwinEvent
{
    /// <summary>A UUID of version 7: a consumer handles each at most once.</summary>
    public required Guid Id { get; init; }

    /// <summary>A URI reference of what the event comes from, such as <c>/entity-registry</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What has happened: a constant of the contracts, such as <c>entity.updated.v1</c>; never the name of a class.</summary>
    public required string Type { get; init; }

    /// <summary>The entity that the event is about. Events of one subject reach each consumer in order.</summary>
    public required string Subject { get; init; }

    /// <summary>When it happened, to the microsecond.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The W3C trace context of what caused the event.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The tenant it belongs to; null for the default one.</summary>
    public string? Tenant { get; init; }

    /// <summary>The media type of <see cref="Data"/>.</summary>
    public string DataContentType { get; init; } = "application/octet-stream";

    /// <summary>The payload, in the form that <see cref="Type"/> defines.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>An event with a new id, caused by the current activity.</summary>
    /// <param name="source">See <see cref="Source"/>.</param>
    /// <param name="type">See <see cref="Type"/>.</param>
    /// <param name="subject">See <see cref="Subject"/>.</param>
    /// <param name="time">See <see cref="Time"/>.</param>
    /// <param name="data">See <see cref="Data"/>; not copied, so it must not change until it has been appended.</param>
    /// <param name="contentType">See <see cref="DataContentType"/>.</param>
    /// <param name="tenant">See <see cref="Tenant"/>.</param>
    public static TwinEvent Create(
        string source, string type, string subject, DateTimeOffset time, ReadOnlyMemory<byte> data, string contentType, string? tenant = null) =>
        new()
        {
            Id = Guid.CreateVersion7(time),
            Source = source,
            Type = type,
            Subject = subject,
            Time = time,
            Data = data,
            DataContentType = contentType,
            Tenant = tenant,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
        };
}

/// <summary>An event and the topic that it was appended to.</summary>
/// <param name="Topic">A constant of the contracts.</param>
/// <param name="Event">What has happened.</param>
internal readonly record struct TopicEvent(string Topic, TwinEvent Event);
