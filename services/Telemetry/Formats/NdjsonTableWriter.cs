using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Formats;

/// <summary>Writes a table as a JSON object on each line. A text that a row does not have is no member of it, a number is null.</summary>
internal sealed class NdjsonTableWriter(PipeWriter to) : TableWriter
{
    private const int FlushAt = 64 * 1024;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc />
    public override ValueTask BeginAsync(CancellationToken cancel) => default;

    /// <inheritdoc />
    public override async ValueTask WriteAsync(TableBatch batch, CancellationToken cancel)
    {
        await using var writer = new Utf8JsonWriter((IBufferWriter<byte>)to, Relaxed);
        for (var row = 0; row < batch.Rows; row++)
        {
            Write(writer, batch, row);
            await writer.FlushAsync(cancel);
            writer.Reset();
            to.Write("\n"u8);
            if (to.UnflushedBytes > FlushAt)
            {
                await to.FlushAsync(cancel);
            }
        }
    }

    /// <inheritdoc />
    public override async ValueTask EndAsync(CancellationToken cancel) => await to.FlushAsync(cancel);

    private static void Write(Utf8JsonWriter writer, TableBatch batch, int row)
    {
        writer.WriteStartObject();
        for (var column = 0; column < batch.Columns.Length; column++)
        {
            var name = batch.Columns[column].Name;
            switch (batch.Columns[column].Kind)
            {
                case TableKind.Text when batch.Texts(column)[row] is { } text:
                    writer.WriteString(name, text);
                    break;
                case TableKind.Number:
                    Write(writer, name, batch.Numbers(column).Span[row]);
                    break;
                case TableKind.Whole when batch.Wholes(column).Span[row] is { } whole:
                    writer.WriteNumber(name, whole);
                    break;
                case TableKind.Time:
                    writer.WriteString(name, Timestamps.Format(Instance.Micros(batch.Times(column).Span[row].Ticks)));
                    break;
                case TableKind.Flag:
                    writer.WriteBoolean(name, batch.Flags(column).Span[row]);
                    break;
            }
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, double? number)
    {
        if (number is { } there)
        {
            writer.WriteNumber(name, there);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
