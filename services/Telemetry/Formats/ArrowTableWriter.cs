using System.IO.Pipelines;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Twin.Telemetry.Formats;

/// <summary>Writes a table as the stream of Apache Arrow's interprocess communication, each batch as a record batch.</summary>
internal sealed class ArrowTableWriter : TableWriter
{
    private static readonly TimestampType Timestamp = new(TimeUnit.Microsecond, "UTC");

    private readonly BodyStream body;
    private readonly Schema schema;
    private readonly ArrowStreamWriter writer;

    public ArrowTableWriter(PipeWriter to, TableColumn[] columns)
    {
        body = new BodyStream(to);
        schema = new Schema(columns.Select(static column => new Field(column.Name, Type(column.Kind), column.Nullable)), null);
        writer = new ArrowStreamWriter(body, schema, leaveOpen: true);
    }

    /// <inheritdoc />
    public override async ValueTask BeginAsync(CancellationToken cancel) => await writer.WriteStartAsync(cancel);

    /// <inheritdoc />
    public override async ValueTask WriteAsync(TableBatch batch, CancellationToken cancel)
    {
        using var record = new RecordBatch(schema, batch.Columns.Select((column, at) => Array(batch, column.Kind, at)), batch.Rows);
        await writer.WriteRecordBatchAsync(record, cancel);
        await body.FlushAsync(cancel);
    }

    /// <inheritdoc />
    public override async ValueTask EndAsync(CancellationToken cancel)
    {
        await writer.WriteEndAsync(cancel);
        await body.FlushAsync(cancel);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        writer.Dispose();
        body.Dispose();
        base.Dispose(disposing);
    }

    private static IArrowType Type(TableKind kind) => kind switch
    {
        TableKind.Text => StringType.Default,
        TableKind.Number => DoubleType.Default,
        TableKind.Whole => Int64Type.Default,
        TableKind.Time => Timestamp,
        TableKind.Flag => BooleanType.Default,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IArrowArray Array(TableBatch batch, TableKind kind, int column) => kind switch
    {
        TableKind.Text => new StringArray.Builder().AppendRange(batch.Texts(column)!).Build(),
        TableKind.Number => Numbers(batch.Numbers(column).Span),
        TableKind.Whole => Wholes(batch.Wholes(column).Span),
        TableKind.Time => Times(batch.Times(column).Span),
        TableKind.Flag => new BooleanArray.Builder().AppendRange(batch.Flags(column).ToArray()).Build(),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static DoubleArray Numbers(ReadOnlySpan<double?> values)
    {
        var builder = new DoubleArray.Builder().Reserve(values.Length);
        foreach (var value in values)
        {
            builder.Append(value);
        }

        return builder.Build();
    }

    private static Int64Array Wholes(ReadOnlySpan<long?> values)
    {
        var builder = new Int64Array.Builder().Reserve(values.Length);
        foreach (var value in values)
        {
            builder.Append(value);
        }

        return builder.Build();
    }

    private static TimestampArray Times(ReadOnlySpan<DateTime> values)
    {
        var builder = new TimestampArray.Builder(Timestamp).Reserve(values.Length);
        foreach (var value in values)
        {
            builder.Append(new DateTimeOffset(value));
        }

        return builder.Build();
    }
}
