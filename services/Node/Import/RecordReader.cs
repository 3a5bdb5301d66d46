namespace Twin.Node.Import;

/// <summary>Turns a CSV record into an entity.</summary>
internal sealed class RecordReader
{
    private readonly EntityBuilder _builder;
    private readonly Geometries _geometries;
    private readonly ImportMapping _mapping;
    private readonly string[] _header;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly HashSet<string> _geometryColumns = [];

    /// <exception cref="InputException">The header does not fit the mapping.</exception>
    public RecordReader(EntityBuilder builder, Geometries geometries, ImportMapping mapping, string[] header)
    {
        (_builder, _geometries, _mapping, _header) = (builder, geometries, mapping, header);
        for (var i = 0; i < header.Length; i++)
        {
            if (!_columns.TryAdd(header[i], i))
            {
                throw new InputException($"The header names the column \"{header[i]}\" twice.");
            }
        }

        foreach (var column in mapping.Attributes.Keys.Concat(mapping.Attributes.Values.Select(static a => a.ObservedAt).OfType<string>()))
        {
            Require(column);
        }

        foreach (var column in (string?[])[mapping.Geometry?.X, mapping.Geometry?.Y, mapping.Geometry?.Wkt])
        {
            if (column is not null)
            {
                Require(column);
                _geometryColumns.Add(column);
            }
        }
    }

    public EntityRow Read(CsvRow row)
    {
        string? id = null;
        try
        {
            if (row.Fields.Length != _header.Length)
            {
                throw new RefusedException(null, $"Line {row.Line} has {row.Fields.Length} fields, the header {_header.Length}. Is the separator right, is a quote missing?");
            }

            string? Value(string column) => _columns.TryGetValue(column, out var i) ? row.Fields[i] : null;
            var type = _builder.TypeOf(null);
            id = _builder.IdOf(type, null, row.Row, Value);
            _builder.Begin(id, type);
            Geometry(Value);
            for (var i = 0; i < _header.Length; i++)
            {
                if (!_geometryColumns.Contains(_header[i]) && _builder.Of(_header[i]) is { } attribute)
                {
                    _builder.Attribute(_header[i], attribute, row.Fields[i], Value, _mapping.Decimal[0]);
                }
            }

            return new(row.Row, id, _builder.End(), false);
        }
        catch (RefusedException error)
        {
            return EntityRow.Refuse(row.Row, id, error.Member, error.Message);
        }
    }

    private void Geometry(Func<string, string?> value)
    {
        if (_mapping.Geometry is not { } columns)
        {
            return;
        }

        if (columns.Wkt is { } wkt)
        {
            if (value(wkt) is { Length: > 0 } text)
            {
                _builder.Geometry(columns.Attribute, _geometries.Read(text, wkt));
            }

            return;
        }

        var (x, y) = (columns.X ?? throw new InputException("Mapping: \"geometry\" needs \"x\" and \"y\", or \"wkt\"."), columns.Y ?? throw new InputException("Mapping: \"geometry\" needs \"y\"."));
        if (value(x) is { Length: > 0 } east && value(y) is { Length: > 0 } north)
        {
            var point = ((double)Values.Number(east, x, _mapping.Decimal[0]), (double)Values.Number(north, y, _mapping.Decimal[0]));
            _builder.Geometry(columns.Attribute, _geometries.Point(point.Item1, point.Item2, x));
        }
    }

    private void Require(string column)
    {
        if (!_columns.ContainsKey(column))
        {
            throw new InputException($"The mapping names the column \"{column}\", which the header does not have: {string.Join(", ", _header)}. Is the separator right?");
        }
    }
}
