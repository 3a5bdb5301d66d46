using System.Text;
using System.Text.Json;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Sources;

/// <summary>How a source is.</summary>
internal enum SourceStatus
{
    /// <summary>It has not been reached yet.</summary>
    Connecting,

    /// <summary>It brings what there is.</summary>
    Connected,

    /// <summary>It is one that comes by itself, and may.</summary>
    Listening,

    /// <summary>It cannot be reached, and is tried again.</summary>
    Disconnected,

    /// <summary>It does not let the node in, and is asked again.</summary>
    Refused,
}

/// <summary>What an operator sees of a source: how it is, what it has brought, and the last of what could not be taken.</summary>
/// <param name="name">Its name in the settings.</param>
/// <param name="kind">mqtt, kafka, webhook or binding.</param>
/// <param name="status">How it begins.</param>
/// <param name="clock">Tells when.</param>
internal sealed class SourceState(string name, string kind, SourceStatus status, TimeProvider clock)
{
    private const int MostRefusals = 50;
    private const int ShownPayload = 256;

    private readonly Lock gate = new();
    private readonly Queue<Refusal> refusals = new();
    private readonly SortedDictionary<string, long> ignored = new(StringComparer.Ordinal);
    private SourceStatus status = status;
    private string? reason;
    private DateTimeOffset since = clock.GetUtcNow();
    private DateTimeOffset? lastMessage;
    private (DateTimeOffset At, string Reason)? lastError;
    private BatchCounts counts;
    private long messages;
    private long refused;
    private long setAside;
    private long lost;
    private long? behind;

    /// <summary>Its name in the settings.</summary>
    public string Name { get; } = name;

    /// <summary>mqtt, kafka, webhook or binding.</summary>
    public string Kind { get; } = kind;

    /// <summary>How it is; null while it does what it should, else why it does not.</summary>
    public string? Trouble
    {
        get
        {
            lock (gate)
            {
                return status is SourceStatus.Connected or SourceStatus.Listening ? null : $"the {Kind} source '{Name}' is {Word(status)}{(reason is null ? "" : $": {reason}")}";
            }
        }
    }

    /// <summary>Notes how it is.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Set(SourceStatus now, string? why = null)
    {
        lock (gate)
        {
            if (why is not null)
            {
                lastError = (clock.GetUtcNow(), why);
            }

            var news = now != status || why != reason;
            if (now != status)
            {
                since = clock.GetUtcNow();
            }

            (status, reason) = (now, why);
            return news;
        }
    }

    /// <summary>Notes something that failed and is tried again, while the source itself is well.</summary>
    public void Fail(string why)
    {
        lock (gate)
        {
            lastError = (clock.GetUtcNow(), why);
        }
    }

    /// <summary>Notes what has become of messages, all of which are settled.</summary>
    public void Add(MessageOutcome outcome)
    {
        lock (gate)
        {
            counts += outcome.Counts;
            messages += outcome.Messages;
            refused += outcome.Refused;
            setAside += outcome.SetAside;
            lastMessage = outcome.Messages > 0 ? clock.GetUtcNow() : lastMessage;
            foreach (var (what, count) in outcome.Ignored)
            {
                ignored[what] = ignored.GetValueOrDefault(what) + count;
            }

            outcome.Refusals.ForEach(Keep);
        }
    }

    /// <summary>Notes a message that nobody brings again and for which there was no room.</summary>
    public void Lose(SourceMessage message)
    {
        lock (gate)
        {
            messages++;
            lost++;
            Keep(Refusal.Of(message, clock.GetUtcNow(), null, "It came faster than points can be committed, and with QoS 0 the broker does not wait."));
        }
    }

    /// <summary>Notes how many messages wait where they come from.</summary>
    public void SetBehind(long count)
    {
        lock (gate)
        {
            behind = count;
        }
    }

    /// <summary>Writes it as an object.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="whole">With the last refusals.</param>
    public void Write(Utf8JsonWriter writer, bool whole)
    {
        lock (gate)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, Name);
            writer.WriteString("kind"u8, Kind);
            writer.WriteString("state"u8, Word(status));
            if (reason is not null)
            {
                writer.WriteString("reason"u8, reason);
            }

            writer.WriteString("since"u8, since);
            if (lastMessage is { } last)
            {
                writer.WriteString("lastMessageAt"u8, last);
            }

            if (behind is { } waiting)
            {
                writer.WriteNumber("behind"u8, waiting);
            }

            WriteCounts(writer);
            if (lastError is { } error)
            {
                writer.WriteStartObject("lastError"u8);
                writer.WriteString("at"u8, error.At);
                writer.WriteString("reason"u8, error.Reason);
                writer.WriteEndObject();
            }

            if (whole)
            {
                writer.WriteStartArray("refusals"u8);
                foreach (var one in refusals)
                {
                    one.Write(writer);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }
    }

    private void WriteCounts(Utf8JsonWriter writer)
    {
        writer.WriteNumber("messages"u8, messages);
        writer.WriteNumber("setAside"u8, setAside);
        writer.WriteNumber("lost"u8, lost);
        writer.WriteStartObject("ignored"u8);
        foreach (var (what, count) in ignored)
        {
            writer.WriteNumber(what, count);
        }

        writer.WriteEndObject();
        writer.WriteNumber("taken"u8, counts.Taken);
        writer.WriteNumber("doubled"u8, counts.Doubled);
        writer.WriteNumber("replaced"u8, counts.Replaced);
        writer.WriteNumber("refused"u8, refused);
    }

    private void Keep(Refusal refusal)
    {
        if (refusals.Count == MostRefusals)
        {
            refusals.Dequeue();
        }

        refusals.Enqueue(refusal);
    }

    private static string Word(SourceStatus status) => status switch
    {
        SourceStatus.Connecting => "connecting",
        SourceStatus.Connected => "connected",
        SourceStatus.Listening => "listening",
        SourceStatus.Disconnected => "disconnected",
        SourceStatus.Refused => "refused",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Something that could not be taken.</summary>
    internal sealed record Refusal(DateTimeOffset At, string Topic, string? Member, string Reason, string Payload)
    {
        /// <summary>A refusal that shows the beginning of a message.</summary>
        public static Refusal Of(SourceMessage message, DateTimeOffset at, string? member, string reason) =>
            new(at, message.Topic, member, reason, Encoding.UTF8.GetString(message.Payload.Span[..Math.Min(ShownPayload, message.Payload.Length)]));

        /// <summary>Writes it as an object.</summary>
        public void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteString("at"u8, At);
            writer.WriteString("topic"u8, Topic);
            if (Member is not null)
            {
                writer.WriteString("member"u8, Member);
            }

            writer.WriteString("reason"u8, Reason);
            writer.WriteString("payload"u8, Payload);
            writer.WriteEndObject();
        }
    }
}
