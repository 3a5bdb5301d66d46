using Google.Protobuf;
using Twin.Contracts.Events.V1;

namespace Twin.Hosting.Events;

/// <summary>Events to and from the form in which the outbox and the dead letters keep them.</summary>
internal static class EventCodec
{
    /// <summary>Packs events into blocks of at most this many, so that a reader never holds much more than it asked for.</summary>
    public const int BlockEvents = 512;

    /// <summary>
    /// Begins a new block once one holds this many bytes of payload: what is larger than 85,000 bytes goes to the large
    /// object heap, and each of its collections takes the whole heap along.
    /// </summary>
    public const int BlockBytes = 56 * 1024;

    /// <summary>Packs events from <paramref name="start"/> on into one block.</summary>
    /// <returns>The block, and how many events it holds.</returns>
    public static (byte[] Block, int Count) Pack(IReadOnlyList<TwinEvent> events, int start)
    {
        var block = new EventBlock();
        var bytes = 0;
        var count = 0;
        while (start + count < events.Count && count < BlockEvents && bytes < BlockBytes)
        {
            var one = events[start + count++];
            block.Events.Add(ToMessage(one));
            bytes += one.Data.Length;
        }

        return (block.ToByteArray(), count);
    }

    public static IEnumerable<TwinEvent> Unpack(byte[] block) => EventBlock.Parser.ParseFrom(block).Events.Select(FromMessage);

    public static byte[] ToBytes(TwinEvent one) => ToMessage(one).ToByteArray();

    public static TwinEvent FromBytes(byte[] bytes) => FromMessage(Event.Parser.ParseFrom(bytes));

    private static Event ToMessage(TwinEvent one)
    {
        Span<byte> id = stackalloc byte[16];
        one.Id.TryWriteBytes(id, bigEndian: true, out _);
        return new Event
        {
            Id = ByteString.CopyFrom(id),
            Source = one.Source,
            Type = one.Type,
            Subject = one.Subject,
            Time = (one.Time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
            Traceparent = one.TraceParent ?? "",
            Tenant = one.Tenant ?? "",
            Datacontenttype = one.DataContentType,
            // Written out before the caller gets control back, so the payload need not be copied.
            Data = UnsafeByteOperations.UnsafeWrap(one.Data),
        };
    }

    private static TwinEvent FromMessage(Event message) => new()
    {
        Id = new Guid(message.Id.Span, bigEndian: true),
        Source = message.Source,
        Type = message.Type,
        Subject = message.Subject,
        Time = DateTimeOffset.UnixEpoch.AddTicks(message.Time * TimeSpan.TicksPerMicrosecond),
        TraceParent = message.Traceparent.Length == 0 ? null : message.Traceparent,
        Tenant = message.Tenant.Length == 0 ? null : message.Tenant,
        DataContentType = message.Datacontenttype,
        Data = message.Data.Memory,
    };
}
