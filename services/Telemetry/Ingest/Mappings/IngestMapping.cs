using Twin.Telemetry.Ingest.Csv;

namespace Twin.Telemetry.Ingest.Mappings;

/// <summary>What the parts of a foreign body mean here: which entity, attribute, time and unit.</summary>
internal abstract record IngestMapping
{
    /// <summary>Names of qualities in the body, and what they mean here; null where the body has ours.</summary>
    public IReadOnlyDictionary<string, string>? Qualities { get; init; }
}

/// <summary>SenML packs: what their names mean.</summary>
/// <param name="Name">The form of a name, with fields in braces.</param>
/// <param name="Entity">The entity, with fields of the name, and <c>{name}</c> for all of it.</param>
/// <param name="Attribute">The attribute likewise; <c>{quantity}</c> is what the unit measures.</param>
/// <param name="Attributes">Attributes that are called otherwise here.</param>
internal sealed record SenMlMapping(NamePattern Name, RowTemplate Entity, RowTemplate Attribute, IReadOnlyDictionary<string, string> Attributes) : IngestMapping;

/// <summary>Observations of the SensorThings API (OGC 18-088): what their Datastreams mean.</summary>
internal sealed record SensorThingsMapping : IngestMapping
{
    /// <summary>The entity of a Datastream that is not named, with what the body tells of it in braces.</summary>
    public required RowTemplate Entity { get; init; }

    /// <summary>Its attribute likewise.</summary>
    public required RowTemplate Attribute { get; init; }

    /// <summary>Whether the time of an interval is its end; else its start.</summary>
    public bool IntervalEnds { get; init; }

    /// <summary>Codes of UN/CEFACT for the symbols of units.</summary>
    public required IReadOnlyDictionary<string, string> Units { get; init; }

    /// <summary>What single Datastreams mean, by their ids.</summary>
    public required IReadOnlyDictionary<string, DatastreamMapping> Datastreams { get; init; }
}

/// <summary>What one Datastream means; what is null goes as for all.</summary>
internal sealed record DatastreamMapping(RowTemplate? Entity, RowTemplate? Attribute, string? Unit);

/// <summary>A mapping that is none: nothing of it is kept.</summary>
/// <param name="pointer">The member at fault (RFC 6901).</param>
/// <param name="detail">What is wrong with it, and what to do.</param>
internal sealed class MappingException(string pointer, string detail) : Exception(detail)
{
    /// <summary>The member at fault (RFC 6901).</summary>
    public string Pointer { get; } = pointer;
}

/// <summary>In which characters a body is written.</summary>
internal enum BodyEncoding : byte
{
    /// <summary>UTF-8, with or without a byte order mark.</summary>
    Utf8,

    /// <summary>ISO/IEC 8859-1.</summary>
    Latin1,

    /// <summary>Windows-1252.</summary>
    Windows1252,

    /// <summary>UTF-16 with a byte order mark.</summary>
    Utf16,
}

/// <summary>A CSV body: a row has one value of one attribute, or a column for each of several.</summary>
internal sealed record CsvMapping : IngestMapping
{
    /// <summary>In which characters it is written.</summary>
    public BodyEncoding Encoding { get; init; }

    /// <summary>What stands between fields; null finds it in the header.</summary>
    public byte? Separator { get; init; }

    /// <summary>Whether fields may stand in quotes (RFC 4180).</summary>
    public bool Quotes { get; init; }

    /// <summary>Whether a comma stands before the fraction of a number.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>Whether the first line names the columns; else they go by their position from 1.</summary>
    public bool Header { get; init; }

    /// <summary>Lines before the header, or the first row.</summary>
    public int SkipLines { get; init; }

    /// <summary>Lines that begin with it are passed over; empty for none.</summary>
    public string Comment { get; init; } = "";

    /// <summary>The entity of a row.</summary>
    public required RowTemplate Entity { get; init; }

    /// <summary>The time of a row.</summary>
    public required RowTemplate Time { get; init; }

    /// <summary>How the time is written.</summary>
    public required TimeStyle TimeStyle { get; init; }

    /// <summary>The values of a row.</summary>
    public required IReadOnlyList<CsvValue> Values { get; init; }
}

/// <summary>A value of a row of CSV.</summary>
/// <param name="Column">The column in which it stands.</param>
/// <param name="Attribute">Of which attribute.</param>
/// <param name="Unit">Its unit code; null for none.</param>
/// <param name="Dataset">Its dataset; null for the default instance.</param>
/// <param name="Quality">Its quality; null for good.</param>
/// <param name="NoValue">What stands there when there is no value.</param>
/// <param name="IsText">Whether it is text, whatever it reads as; else a number, or true or false.</param>
internal sealed record CsvValue(
    string Column, RowTemplate Attribute, RowTemplate? Unit, RowTemplate? Dataset, RowTemplate? Quality, byte[][] NoValue, bool IsText);
