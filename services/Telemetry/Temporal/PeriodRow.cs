using System.Buffers.Text;
using System.Text.Json;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Temporal;

/// <summary>
/// Writes a value with the start and the end of its period (GS CIM 009 4.5.19): a decade has 87,660 hours, so that each is
/// one piece, and the end of a period is the text of the next one's start.
/// </summary>
/// <param name="room">At least <see cref="MostBytes"/>.</param>
internal ref struct PeriodRow(Span<byte> room)
{
    private const int MostOfATime = Timestamps.MaximumLength + 2;

    /// <summary>The text of a time, and a row: a number of up to 32 digits and two times, with what stands between.</summary>
    public const int MostBytes = MostOfATime + 32 + (2 * MostOfATime) + 4;

    private readonly Span<byte> text = room[..MostOfATime];
    private readonly Span<byte> row = room[MostOfATime..];
    private long time = -1;
    private int length;

    /// <summary>Writes a number.</summary>
    public void Write(Utf8JsonWriter writer, double value, long start, long until)
    {
        Write(writer, ShortestDouble.Write(value, row[1..]), start, until);
    }

    /// <summary>Writes a count.</summary>
    public void Write(Utf8JsonWriter writer, long value, long start, long until)
    {
        Utf8Formatter.TryFormat(value, row[1..], out var written);
        Write(writer, written, start, until);
    }

    /// <summary>Writes a text.</summary>
    public static void Write(Utf8JsonWriter writer, string value, long start, long until)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value);
        writer.WriteStringValue(Timestamps.Format(Instance.Micros(start)));
        writer.WriteStringValue(Timestamps.Format(Instance.Micros(until)));
        writer.WriteEndArray();
    }

    private void Write(Utf8JsonWriter writer, int digits, long start, long until)
    {
        var at = 1 + digits;
        row[0] = (byte)'[';
        row[at++] = (byte)',';
        at += Write(start, row[at..]);
        row[at++] = (byte)',';
        at += Write(until, row[at..]);
        row[at++] = (byte)']';
        writer.WriteRawValue(row[..at], skipInputValidation: true);
    }

    private int Write(long moment, Span<byte> to)
    {
        if (moment != time)
        {
            text[0] = (byte)'"';
            length = 1 + Timestamps.Write(Instance.Micros(moment), text[1..]);
            text[length++] = (byte)'"';
            time = moment;
        }

        text[..length].CopyTo(to);
        return length;
    }
}
