using System.Text.Json;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Ingest;

/// <summary>What has become of the rows of a body: every row is taken, doubled, replaced, refused or without a value.</summary>
/// <param name="mostRefusals">Refused rows that are told one by one.</param>
internal sealed class IngestReport(int mostRefusals)
{
    private readonly List<(long Line, RowFault Fault, string? Place)> refusals = [];

    /// <summary>What became of the points.</summary>
    public BatchCounts Counts { get; set; }

    /// <summary>Rows that are no points.</summary>
    public long Refused { get; private set; }

    /// <summary>Values of which the body says that there is none.</summary>
    public long WithoutValue { get; set; }

    /// <summary>Notes a refused row.</summary>
    /// <param name="line">The line on which it ends, from 1.</param>
    /// <param name="fault">Why.</param>
    /// <param name="place">Where in the row, when the member does not say it.</param>
    public void Refuse(long line, RowFault fault, string? place)
    {
        Refused++;
        if (refusals.Count < mostRefusals)
        {
            refusals.Add((line, fault, place));
        }
    }

    /// <summary>Writes the members of the answer.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteNumber("taken"u8, Counts.Taken);
        writer.WriteNumber("doubled"u8, Counts.Doubled);
        writer.WriteNumber("replaced"u8, Counts.Replaced);
        writer.WriteNumber("refused"u8, Refused);
        writer.WriteNumber("withoutValue"u8, WithoutValue);
        writer.WriteStartArray("refusals"u8);
        foreach (var (line, fault, place) in refusals)
        {
            writer.WriteStartObject();
            writer.WriteNumber("row"u8, line);
            if (fault.Member is not null)
            {
                writer.WriteString("member"u8, fault.Member);
            }

            if (place is not null)
            {
                writer.WriteString("column"u8, place);
            }

            writer.WriteString("reason"u8, fault.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
