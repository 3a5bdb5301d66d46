using System.Globalization;
using System.Text;
using Twin.Telemetry.Ingest.Mappings;

namespace Twin.Telemetry.Ingest.Csv;

/// <summary>A mapping whose columns are those of a body.</summary>
internal sealed class BoundCsv
{
    private readonly CsvMapping mapping;
    private readonly string[] names;

    private BoundCsv(CsvMapping mapping, string[] names)
    {
        (this.mapping, this.names) = (mapping, names);
        Separator = mapping.Separator ?? (byte)',';
        Entity = Template(mapping.Entity);
        Time = Template(mapping.Time);
        Values =
        [
            .. mapping.Values.Select(value => new BoundValue(
                Column(value.Column),
                Template(value.Attribute),
                value.Unit is null ? null : Template(value.Unit),
                value.Dataset is null ? null : Template(value.Dataset),
                value.Quality is null ? null : Template(value.Quality)))
        ];
    }

    /// <summary>What stands between fields.</summary>
    public byte Separator { get; }

    /// <summary>The entity of a row.</summary>
    public BoundTemplate Entity { get; }

    /// <summary>The time of a row.</summary>
    public BoundTemplate Time { get; }

    /// <summary>The values of a row.</summary>
    public IReadOnlyList<BoundValue> Values { get; }

    /// <summary>Finds the columns of a mapping.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="names">The names in the header; empty when there is none.</param>
    /// <exception cref="IngestException">The header has no such column.</exception>
    public static BoundCsv Bind(CsvMapping mapping, string[] names) => new(mapping, names);

    /// <summary>Why a row has another number of fields than it should.</summary>
    public RowFault? CountFault(CsvFields fields)
    {
        if (names.Length > 0)
        {
            // Many programs end each row with a separator.
            return fields.Count == names.Length || (fields.Count == names.Length + 1 && fields[names.Length].IsEmpty)
                ? null
                : RowFault.Of($"it has {fields.Count} fields, the header {names.Length}: a field with a separator stands in quotes.");
        }

        var needed = Values.Select(static value => value.Column).Concat(Entity.Columns).Concat(Time.Columns).Max() + 1;
        return fields.Count >= needed ? null : RowFault.Of($"it has {fields.Count} fields, and the mapping needs {needed}.");
    }

    /// <summary>The columns of a member of a row, for people.</summary>
    /// <param name="member">The member.</param>
    /// <param name="value">Which value of the row.</param>
    public string? PlaceOf(string? member, int value)
    {
        var bound = Values[Math.Max(0, value)];
        var columns = member switch
        {
            "entity" => Entity.Columns,
            "observedAt" => Time.Columns,
            "value" => [bound.Column],
            "attribute" => bound.Attribute.Columns,
            "unit" => bound.Unit?.Columns,
            "dataset" => bound.Dataset?.Columns,
            "quality" => bound.Quality?.Columns,
            _ => null,
        };
        return columns is not { Length: > 0 } ? null
            : string.Join(", ", columns.Select(column => names.Length > 0 ? $"{names[column]} ({column + 1})" : (column + 1).ToString(CultureInfo.InvariantCulture)));
    }

    private BoundTemplate Template(RowTemplate template) => new([.. template.Parts.Select(part => (part.Before, part.Field is null ? -1 : Column(part.Field)))]);

    private int Column(string name)
    {
        var found = Array.IndexOf(names, name);
        if (found >= 0)
        {
            return Array.IndexOf(names, name, found + 1) < 0 ? found : throw new IngestException("header", $"The header names '{name}' twice; the mapping can say its position from 1 instead.");
        }

        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position > 0 && (names.Length == 0 || position <= names.Length)
            ? position - 1
            : throw new IngestException("header", $"The header has no column '{name}', which the mapping names; it has {string.Join(", ", names)}.");
    }
}

/// <summary>A value of a row: its column, and what the row says of it.</summary>
internal sealed record BoundValue(int Column, BoundTemplate Attribute, BoundTemplate? Unit, BoundTemplate? Dataset, BoundTemplate? Quality);

/// <summary>A text with the fields of a row in it.</summary>
internal sealed class BoundTemplate((byte[] Before, int Column)[] parts)
{
    /// <summary>The columns that it takes in.</summary>
    public int[] Columns { get; } = [.. parts.Where(static part => part.Column >= 0).Select(static part => part.Column)];

    /// <summary>The text when it is the same for every row; else null.</summary>
    public byte[]? Fixed { get; } = parts is [{ Column: < 0 } only] ? only.Before : null;

    /// <summary>The column that is all of it, or null.</summary>
    public int? Alone { get; } = parts is [{ Before.Length: 0 } first, { Before.Length: 0 }] ? first.Column : null;

    /// <summary>Writes it for a row.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="fields">The fields of the row.</param>
    /// <param name="inUri">Whether it is a URI, in which fields are percent-encoded; one that is all of it is a URI already.</param>
    /// <returns>False when a field is empty.</returns>
    public bool Fill(FieldText to, CsvFields fields, bool inUri)
    {
        foreach (var (before, column) in parts)
        {
            to.Add(before);
            if (column < 0)
            {
                continue;
            }

            var field = fields[column];
            if (field.IsEmpty)
            {
                return false;
            }

            if (inUri && Alone is null)
            {
                RowTemplate.AddToUri(to, field);
            }
            else
            {
                to.Add(field);
            }
        }

        return true;
    }
}
