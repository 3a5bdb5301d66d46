using System.IO.Pipelines;
using Parquet;
using Parquet.Schema;

namespace Twin.Telemetry.Formats;

/// <summary>Writes a table as Apache Parquet, each batch as a row group. Times are timestamps of microseconds in UTC.</summary>
internal sealed class ParquetTableWriter(PipeWriter to, TableColumn[] columns) : TableWriter
{
    private readonly DataField[] fields = [.. columns.Select(Field)];
    private readonly BodyStream body = new(to);
    private ParquetWriter? writer;

    /// <inheritdoc />
    public override async ValueTask BeginAsync(CancellationToken cancel) =>
        writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), body, new ParquetOptions { CompressionMethod = CompressionMethod.Zstd }, false, cancel);

    /// <inheritdoc />
    public override async ValueTask WriteAsync(TableBatch batch, CancellationToken cancel)
    {
        using var group = writer!.CreateRowGroup();
        for (var column = 0; column < columns.Length; column++)
        {
            cancel.ThrowIfCancellationRequested();
            await WriteAsync(group, batch, column, cancel);
        }

        group.CompleteValidate();
        await body.FlushAsync(cancel);
    }

    /// <inheritdoc />
    public override async ValueTask EndAsync(CancellationToken cancel)
    {
        // The foot of the file, which says where the row groups lie.
        await writer!.DisposeAsync();
        await body.FlushAsync(cancel);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        body.Dispose();
        base.Dispose(disposing);
    }

    private Task WriteAsync(ParquetRowGroupWriter group, TableBatch batch, int column, CancellationToken cancel)
    {
        var field = fields[column];
        return columns[column].Kind switch
        {
            TableKind.Text => group.WriteAsync(field, batch.Texts(column)!),
            TableKind.Number => group.WriteAsync<double>(field, batch.Numbers(column), cancellationToken: cancel),
            TableKind.Whole => group.WriteAsync<long>(field, batch.Wholes(column), cancellationToken: cancel),
            TableKind.Time => group.WriteAsync<DateTime>(field, batch.Times(column), cancellationToken: cancel),
            TableKind.Flag => group.WriteAsync<bool>(field, batch.Flags(column), cancellationToken: cancel),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static DataField Field(TableColumn column) => column.Kind switch
    {
        TableKind.Text => new DataField(column.Name, typeof(string), column.Nullable),
        TableKind.Number => new DataField(column.Name, typeof(double), isNullable: true),
        TableKind.Whole => new DataField(column.Name, typeof(long), isNullable: true),
        TableKind.Time => new DateTimeDataField(column.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: false),
        TableKind.Flag => new DataField(column.Name, typeof(bool), isNullable: false),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
