using System.Text.Json;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Sources;

/// <summary>What has become of some messages: each is taken in whole or in part, ignored by its kind, or set aside.</summary>
internal sealed class MessageOutcome
{
    private const int MostRefusals = 50;

    /// <summary>How many there were.</summary>
    public long Messages { get; set; }

    /// <summary>What became of their points.</summary>
    public BatchCounts Counts { get; set; }

    /// <summary>Points that are refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Messages that could not be understood.</summary>
    public long SetAside { get; private set; }

    /// <summary>Messages that are not about points, by their kind.</summary>
    public Dictionary<string, long> Ignored { get; } = new(StringComparer.Ordinal);

    /// <summary>The last of what is refused or set aside.</summary>
    public List<SourceState.Refusal> Refusals { get; } = [];

    /// <summary>Notes a message that is read.</summary>
    public void Read(SourceMessage message, MessagePoints points, DateTimeOffset now)
    {
        Refused += points.Refused;
        foreach (var fault in points.Faults)
        {
            Keep(SourceState.Refusal.Of(message, now, fault.Member, fault.Reason));
        }

        if (points.Ignored is { } kind)
        {
            Ignored[kind] = Ignored.GetValueOrDefault(kind) + 1;
        }
    }

    /// <summary>Notes a message that could not be understood.</summary>
    public void Aside(SourceMessage message, DateTimeOffset now, string reason)
    {
        SetAside++;
        Keep(SourceState.Refusal.Of(message, now, null, reason));
    }

    /// <summary>Writes it as an object, for whoever brought the messages.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("taken"u8, Counts.Taken);
        writer.WriteNumber("doubled"u8, Counts.Doubled);
        writer.WriteNumber("replaced"u8, Counts.Replaced);
        writer.WriteNumber("refused"u8, Refused);
        writer.WriteNumber("setAside"u8, SetAside);
        writer.WriteStartObject("ignored"u8);
        foreach (var (kind, count) in Ignored)
        {
            writer.WriteNumber(kind, count);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("refusals"u8);
        foreach (var one in Refusals)
        {
            writer.WriteStartObject();
            if (one.Member is not null)
            {
                writer.WriteString("member"u8, one.Member);
            }

            writer.WriteString("reason"u8, one.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Keep(SourceState.Refusal refusal)
    {
        if (Refusals.Count < MostRefusals)
        {
            Refusals.Add(refusal);
        }
    }
}
