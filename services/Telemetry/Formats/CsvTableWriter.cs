using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Formats;

/// <summary>Writes a table as CSV with a header; what a row does not have is an empty field.</summary>
internal sealed class CsvTableWriter(PipeWriter to, TableColumn[] columns) : TableWriter
{
    private const int FlushAt = 64 * 1024;
    private const int MostOfANumber = 32;

    /// <inheritdoc />
    public override ValueTask BeginAsync(CancellationToken cancel)
    {
        to.Write(Encoding.UTF8.GetBytes(string.Join(',', columns.Select(static column => column.Name)) + "\n"));
        return default;
    }

    /// <inheritdoc />
    public override async ValueTask WriteAsync(TableBatch batch, CancellationToken cancel)
    {
        for (var row = 0; row < batch.Rows; row++)
        {
            Write(batch, row);
            if (to.UnflushedBytes > FlushAt)
            {
                await to.FlushAsync(cancel);
            }
        }
    }

    /// <inheritdoc />
    public override async ValueTask EndAsync(CancellationToken cancel) => await to.FlushAsync(cancel);

    private void Write(TableBatch batch, int row)
    {
        for (var column = 0; column < columns.Length; column++)
        {
            if (column > 0)
            {
                to.Write(","u8);
            }

            switch (columns[column].Kind)
            {
                case TableKind.Text:
                    CsvText.Write(to, Encoding.UTF8.GetBytes(batch.Texts(column)[row] ?? ""));
                    break;
                case TableKind.Number when batch.Numbers(column).Span[row] is { } number:
                    Write(number);
                    break;
                case TableKind.Whole when batch.Wholes(column).Span[row] is { } whole:
                    Write(whole);
                    break;
                case TableKind.Time:
                    to.Advance(Timestamps.Write(Instance.Micros(batch.Times(column).Span[row].Ticks), to.GetSpan(Timestamps.MaximumLength)));
                    break;
                case TableKind.Flag:
                    to.Write(batch.Flags(column).Span[row] ? "true"u8 : "false"u8);
                    break;
            }
        }

        to.Write("\n"u8);
    }

    private void Write<T>(T value)
        where T : IUtf8SpanFormattable
    {
        value.TryFormat(to.GetSpan(MostOfANumber), out var written, default, CultureInfo.InvariantCulture);
        to.Advance(written);
    }
}
