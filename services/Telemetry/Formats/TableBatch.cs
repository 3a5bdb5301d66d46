namespace Twin.Telemetry.Formats;

/// <summary>What a column of a table holds.</summary>
internal enum TableKind : byte
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A number as a double.</summary>
    Number,

    /// <summary>A whole number of 64 bits.</summary>
    Whole,

    /// <summary>A time in UTC; formats keep microseconds of it.</summary>
    Time,

    /// <summary>True or false.</summary>
    Flag,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Nullable">Whether a row may have nothing there: texts and numbers only.</param>
internal readonly record struct TableColumn(string Name, TableKind Kind, bool Nullable = false);

/// <summary>Rows of a table, column by column, until there are enough of them to be written. Every row sets every column.</summary>
internal sealed class TableBatch
{
    /// <summary>The most rows.</summary>
    public const int MostRows = 65_536;

    private const int MostTextBytes = 16 * 1024 * 1024;

    private readonly Array[] cells;
    private int capacity = 1024;
    private long textBytes;

    public TableBatch(TableColumn[] columns)
    {
        Columns = columns;
        cells = [.. columns.Select(column => Cells(column.Kind))];
    }

    /// <summary>The columns.</summary>
    public TableColumn[] Columns { get; }

    /// <summary>Rows so far.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether it is time to write them.</summary>
    public bool IsFull => Rows == MostRows || textBytes > MostTextBytes;

    /// <summary>Sets a text of the row.</summary>
    /// <param name="column">The place of the column.</param>
    /// <param name="value">The text.</param>
    /// <param name="repeated">Whether many rows have the very same text, so that it costs no memory.</param>
    public void Text(int column, string? value, bool repeated = false)
    {
        ((string?[])cells[column])[Rows] = value;
        textBytes += repeated || value is null ? 0 : value.Length * 2;
    }

    /// <summary>Sets a number of the row; what is not finite is nothing.</summary>
    public void Number(int column, double? value) => ((double?[])cells[column])[Rows] = value is { } number && double.IsFinite(number) ? number : null;

    /// <summary>Sets a whole number of the row.</summary>
    public void Whole(int column, long? value) => ((long?[])cells[column])[Rows] = value;

    /// <summary>Sets a time of the row, in ticks UTC.</summary>
    public void Time(int column, long ticks) => ((DateTime[])cells[column])[Rows] = new DateTime(ticks, DateTimeKind.Utc);

    /// <summary>Sets a flag of the row.</summary>
    public void Flag(int column, bool value) => ((bool[])cells[column])[Rows] = value;

    /// <summary>The row is whole.</summary>
    public void EndRow()
    {
        if (++Rows == capacity && capacity < MostRows)
        {
            capacity *= 2;
            for (var i = 0; i < cells.Length; i++)
            {
                var grown = Cells(Columns[i].Kind);
                Array.Copy(cells[i], grown, Rows);
                cells[i] = grown;
            }
        }
    }

    /// <summary>Forgets the rows.</summary>
    public void Clear()
    {
        foreach (var texts in cells.OfType<string?[]>())
        {
            Array.Clear(texts, 0, Rows);
        }

        (Rows, textBytes) = (0, 0);
    }

    /// <summary>The texts of a column.</summary>
    public ArraySegment<string?> Texts(int column) => new((string?[])cells[column], 0, Rows);

    /// <summary>The numbers of a column.</summary>
    public ReadOnlyMemory<double?> Numbers(int column) => ((double?[])cells[column]).AsMemory(0, Rows);

    /// <summary>The whole numbers of a column.</summary>
    public ReadOnlyMemory<long?> Wholes(int column) => ((long?[])cells[column]).AsMemory(0, Rows);

    /// <summary>The times of a column.</summary>
    public ReadOnlyMemory<DateTime> Times(int column) => ((DateTime[])cells[column]).AsMemory(0, Rows);

    /// <summary>The flags of a column.</summary>
    public ReadOnlyMemory<bool> Flags(int column) => ((bool[])cells[column]).AsMemory(0, Rows);

    private Array Cells(TableKind kind) => kind switch
    {
        TableKind.Text => new string?[capacity],
        TableKind.Number => new double?[capacity],
        TableKind.Whole => new long?[capacity],
        TableKind.Time => new DateTime[capacity],
        TableKind.Flag => new bool[capacity],
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
