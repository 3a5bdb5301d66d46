using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.History;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Live;

/// <summary>Writes server-sent events (WHATWG HTML 9.2): points as the rows of NDJSON, and what became of those that are not told.</summary>
/// <param name="to">Where to.</param>
/// <param name="context">Shortens the names of attributes.</param>
internal sealed class LiveEvents(ArrayBufferWriter<byte> to, JsonLdContext context)
{
    private readonly PointRowWriter rows = new(to, context, csv: false);

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => to.WrittenSpan;

    /// <summary>The points written since then, with those that were left out.</summary>
    public long Count { get; private set; }

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        to.ResetWrittenCount();
        Count = 0;
    }

    /// <summary>A point.</summary>
    /// <param name="instance">The point.</param>
    /// <param name="id">The event's id; null for one from which a viewer cannot go on.</param>
    public void Write(in Instance instance, LiveId? id)
    {
        Id(id);
        if (instance.IsDeletion)
        {
            to.Write("event: deleted\ndata: "u8);
            using (var writer = new Utf8JsonWriter(to))
            {
                writer.WriteStartObject();
                writer.WriteString("entity"u8, instance.Series.Entity.Id);
                writer.WriteString("attribute"u8, context.Compact(instance.Series.Term));
                writer.WriteString("observedAt"u8, Timestamps.Format(Instance.Micros(instance.Time)));
                if (instance.Series.Dataset.Length > 0)
                {
                    writer.WriteString("dataset"u8, instance.Series.Dataset);
                }

                writer.WriteEndObject();
            }

            to.Write("\n\n"u8);
        }
        else
        {
            to.Write("data: "u8);
            rows.Write(instance);
            to.Write("\n"u8);
        }

        Count++;
    }

    /// <summary>Tells that points were left out: of each series the newest follows.</summary>
    public void WriteCoalesced(long skipped)
    {
        to.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: coalesced\ndata: {{\"skipped\":{skipped}}}\n\n")));
        Count += skipped;
    }

    /// <summary>Tells why the stream ends.</summary>
    /// <param name="reason">A word.</param>
    public void WriteEnd(string reason) => to.Write(Encoding.ASCII.GetBytes($"event: end\ndata: {{\"reason\":\"{reason}\"}}\n\n"));

    /// <summary>Tells that what came in between two times is not told, or only in part: the history has it.</summary>
    /// <param name="from">Ticks UTC; 0 when it is not known.</param>
    /// <param name="until">Ticks UTC.</param>
    /// <param name="id">Where a viewer goes on that has read it there; null when more of it is told.</param>
    public void WriteGap(long from, long until, LiveId? id)
    {
        Id(id);
        to.Write("event: gap\ndata: {"u8);
        if (from > 0)
        {
            to.Write(Encoding.ASCII.GetBytes($"\"from\":\"{Timestamps.Format(Instance.Micros(from))}\","));
        }

        to.Write(Encoding.ASCII.GetBytes($"\"until\":\"{Timestamps.Format(Instance.Micros(until))}\"}}\n\n"));
    }

    private void Id(LiveId? id)
    {
        if (id is { } given)
        {
            to.Write("id: "u8);
            to.Advance(given.Format(to.GetSpan(LiveId.MostBytes)));
            to.Write("\n"u8);
        }
    }
}

/// <summary>Where a viewer stands: the run of the process, the number of the point in its tenant, and when it was published.</summary>
/// <param name="Run">The run.</param>
/// <param name="Point">The number.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal readonly record struct LiveId(long Run, long Point, long At)
{
    /// <summary>The most bytes of its text.</summary>
    public const int MostBytes = 64;

    /// <summary>Writes it.</summary>
    public int Format(Span<byte> to)
    {
        var at = 0;
        Number(Run, to);
        to[at++] = (byte)'-';
        Number(Point, to);
        to[at++] = (byte)'-';
        Number(At, to);
        return at;

        void Number(long value, Span<byte> into)
        {
            _ = Utf8Formatter.TryFormat(value, into[at..], out var written);
            at += written;
        }
    }

    /// <summary>Reads it.</summary>
    public static bool TryParse(string? text, out LiveId id)
    {
        id = default;
        if (text is null || text.Length > MostBytes || text.Split('-') is not [var run, var point, var at]
            || !TryNumber(run, out var first) || !TryNumber(point, out var second) || !TryNumber(at, out var third))
        {
            return false;
        }

        id = new LiveId(first, second, third);
        return third <= 253_402_300_799_999;

        static bool TryNumber(string digits, out long value) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
