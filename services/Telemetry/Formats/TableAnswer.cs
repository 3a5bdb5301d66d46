using Microsoft.AspNetCore.Http;

namespace Twin.Telemetry.Formats;

/// <summary>An answer of rows, which go out as soon as there are enough of them.</summary>
internal sealed class TableAnswer : IDisposable
{
    private readonly TableWriter writer;
    private readonly CancellationToken cancel;

    private TableAnswer(TableWriter writer, TableColumn[] columns, CancellationToken cancel)
    {
        this.writer = writer;
        this.cancel = cancel;
        Batch = new TableBatch(columns);
    }

    /// <summary>The rows that wait; set all columns of one and end it by <see cref="EndRowAsync"/>.</summary>
    public TableBatch Batch { get; }

    /// <summary>Begins the answer.</summary>
    public static async Task<TableAnswer> BeginAsync(HttpContext http, TableFormat format, TableColumn[] columns)
    {
        http.Response.ContentType = format.MediaType();
        var body = http.Response.BodyWriter;
        TableWriter made = format switch
        {
            TableFormat.Csv => new CsvTableWriter(body, columns),
            TableFormat.Ndjson => new NdjsonTableWriter(body),
            TableFormat.Parquet => new ParquetTableWriter(body, columns),
            TableFormat.Arrow => new ArrowTableWriter(body, columns),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
        var answer = new TableAnswer(made, columns, http.RequestAborted);
        await made.BeginAsync(http.RequestAborted);
        return answer;
    }

    /// <summary>The row is whole.</summary>
    public ValueTask EndRowAsync()
    {
        Batch.EndRow();
        return Batch.IsFull ? WriteAsync() : default;
    }

    /// <summary>All rows are there.</summary>
    public async Task EndAsync()
    {
        if (Batch.Rows > 0)
        {
            await WriteAsync();
        }

        await writer.EndAsync(cancel);
    }

    /// <inheritdoc />
    public void Dispose() => writer.Dispose();

    private async ValueTask WriteAsync()
    {
        await writer.WriteAsync(Batch, cancel);
        Batch.Clear();
    }
}
