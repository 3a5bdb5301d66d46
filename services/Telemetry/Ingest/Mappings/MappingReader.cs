using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.Telemetry.Ingest.Csv;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Ingest.Mappings;

/// <summary>Reads mappings; what is wrong with one is told with the member at fault, and nothing of it is taken.</summary>
internal static class MappingReader
{
    private const int MostColumns = 1024;
    private static readonly string[] OfDatastreams = ["datastream", "name", "thing", "thingName", "observedProperty", "observedPropertyName", "sensor", "sensorName"];
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Reads a mapping.</summary>
    /// <exception cref="MappingException">It is none.</exception>
    public static IngestMapping Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            var mapping = new MappingObject(document.RootElement, "");
            var read = mapping.Choice<Func<MappingObject, IngestMapping>>("format", ReadCsv, ("csv", ReadCsv), ("senml", ReadSenMl), ("sensorthings", ReadSensorThings));
            return read(mapping);
        }
        catch (JsonException fault)
        {
            throw new MappingException("", $"It is not JSON: {fault.Message}");
        }
    }

    private static CsvMapping ReadCsv(MappingObject one)
    {
        var header = one.Flag("header", true);
        var noValue = NoValue(one, [[]]);
        var mapping = new CsvMapping
        {
            Encoding = one.Choice("encoding", BodyEncoding.Utf8, ("utf-8", BodyEncoding.Utf8), ("iso-8859-1", BodyEncoding.Latin1), ("windows-1252", BodyEncoding.Windows1252), ("utf-16", BodyEncoding.Utf16)),
            Separator = Separator(one, header),
            Quotes = one.Flag("quotes", true),
            DecimalComma = one.Flag("decimalComma", false),
            Header = header,
            SkipLines = one.Number("skipLines", 0, 0, 10_000),
            Comment = Comment(one),
            Entity = Entity(one),
            Time = one.Template("time") ?? throw new MappingException(one.At("time"), "It is missing: the column of the time in braces, such as {date} {hour}."),
            TimeStyle = Time(one),
            Values = Values(one, noValue),
            Qualities = Qualities(one),
        };
        one.End("format, encoding, separator, quotes, decimalComma, header, skipLines, comment, noValue, entity, attribute, value, text, unit, dataset, quality, qualities, columns, time, timeFormat, timeZone and repeatedHour");
        if (!header)
        {
            RefuseNames(one, mapping);
        }

        return mapping;
    }

    private static SenMlMapping ReadSenMl(MappingObject one)
    {
        var form = one.Template("name") ?? throw new MappingException(one.At("name"), "It is missing: the form of a name, with fields in braces, such as urn:dev:ow:{device}:{measured}.");
        var name = NamePattern.Of(form) ?? throw new MappingException(one.At("name"), "Between two fields stands something by which they are told apart.");
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (one.Object("attributes") is { } given)
        {
            foreach (var attribute in given.Names())
            {
                attributes[attribute] = given.Needed(attribute, "the name of the attribute here.");
            }
        }

        var mapping = new SenMlMapping(
            name, Entity(one), one.Template("attribute") ?? throw new MappingException(one.At("attribute"), "It is missing: the attribute, with a field of the name in braces, or {quantity}."), attributes);
        one.End("format, name, entity, attribute and attributes");
        RefuseFields(one, "entity", mapping.Entity, ["name", "quantity", .. name.Fields]);
        RefuseFields(one, "attribute", mapping.Attribute, ["name", "quantity", .. name.Fields]);
        return mapping;
    }

    private static SensorThingsMapping ReadSensorThings(MappingObject one)
    {
        var entity = one.Has("entity") ? Entity(one) : RowTemplate.Parse("urn:ngsi-ld:Datastream:{datastream}")!;
        var attribute = one.Template("attribute") ?? RowTemplate.Parse("result")!;
        var units = new Dictionary<string, string>(StringComparer.Ordinal);
        if (one.Object("units") is { } codes)
        {
            foreach (var symbol in codes.Names())
            {
                units[symbol] = codes.Needed(symbol, "the code of UN/CEFACT Recommendation 20, such as CEL.");
            }
        }

        var datastreams = new Dictionary<string, DatastreamMapping>(StringComparer.Ordinal);
        if (one.Object("datastreams") is { } all)
        {
            foreach (var id in all.Names())
            {
                var single = all.Object(id)!;
                datastreams[id] = new DatastreamMapping(single.Has("entity") ? Entity(single) : null, single.Template("attribute"), single.Text("unit"));
                single.End("entity, attribute and unit");
                RefuseFields(single, "entity", datastreams[id].Entity ?? entity, OfDatastreams);
                RefuseFields(single, "attribute", datastreams[id].Attribute ?? attribute, OfDatastreams);
            }
        }

        var mapping = new SensorThingsMapping
        {
            Entity = entity,
            Attribute = attribute,
            IntervalEnds = one.Choice("interval", false, ("start", false), ("end", true)),
            Units = units,
            Datastreams = datastreams,
            Qualities = Qualities(one),
        };
        one.End("format, entity, attribute, interval, units, datastreams and qualities");
        RefuseFields(one, "entity", entity, OfDatastreams);
        RefuseFields(one, "attribute", attribute, OfDatastreams);
        return mapping;
    }

    private static void RefuseFields(MappingObject one, string member, RowTemplate template, string[] known)
    {
        if (template.Fields.FirstOrDefault(field => !known.Contains(field)) is { } unknown)
        {
            throw new MappingException(one.At(member), $"There is no field '{unknown}'; there are {string.Join(", ", known)}.");
        }
    }

    private static IReadOnlyList<CsvValue> Values(MappingObject one, byte[][] noValue)
    {
        var columns = one.Objects("columns", MostColumns);
        if (columns is null == one.Column("value") is null)
        {
            throw new MappingException(one.At("columns"), "A row has either one value, whose column is value and whose attribute is attribute, or several, which stand in columns.");
        }

        if (columns is null)
        {
            return [Value(one, "value", noValue, one)];
        }

        foreach (var single in (string[])["attribute", "text"])
        {
            if (one.Has(single))
            {
                throw new MappingException(one.At(single), "With columns, each of them says it.");
            }
        }

        return [.. columns.Select(column =>
        {
            var value = Value(column, "column", noValue, one);
            column.End("column, attribute, unit, dataset, quality, noValue and text");
            return value;
        })];
    }

    private static CsvValue Value(MappingObject one, string column, byte[][] noValue, MappingObject all) => new(
        one.Column(column) ?? throw new MappingException(one.At(column), "It is missing: the name of a column, or its position from 1."),
        one.Template("attribute") ?? throw new MappingException(one.At("attribute"), "It is missing: the name of the attribute, or its column in braces."),
        one.Template("unit") ?? all.Template("unit"),
        one.Template("dataset") ?? all.Template("dataset"),
        one.Template("quality") ?? all.Template("quality"),
        NoValue(one, noValue),
        one.Flag("text", false));

    private static byte[][] NoValue(MappingObject one, byte[][] otherwise) =>
        one.Texts("noValue") is { } texts ? [.. texts.Select(static text => Encoding.UTF8.GetBytes(text.Trim()))] : otherwise;

    private static byte? Separator(MappingObject one, bool header) => one.Text("separator") switch
    {
        null => header ? null : (byte)',',
        [var single] when char.IsAscii(single) && single is not ('"' or '\n' or '\r') && !char.IsAsciiLetterOrDigit(single) => (byte)single,
        _ => throw new MappingException(one.At("separator"), "It is one character of ASCII, such as a semicolon, and neither a letter, a digit nor a quote."),
    };

    private static string Comment(MappingObject one) => one.Text("comment") is not { } comment ? ""
        : comment.Length is > 0 and <= 8 && Ascii.IsValid(comment) && !comment.Contains('\n', StringComparison.Ordinal) ? comment
        : throw new MappingException(one.At("comment"), "It is 1 to 8 characters of ASCII with which lines begin that are passed over, such as #.");

    internal static RowTemplate Entity(MappingObject one)
    {
        var entity = one.Template("entity") ?? throw new MappingException(one.At("entity"), "It is missing: the id of the entity, with columns in braces, such as urn:ngsi-ld:Device:{station}.");
        // A template that is one field alone takes whatever URI stands there.
        return entity.Parts[0].Before.Length == 0 || Encoding.UTF8.GetString(entity.Parts[0].Before).Contains(':', StringComparison.Ordinal)
            ? entity
            : throw new MappingException(one.At("entity"), $"'{entity.Text}' gives no URI: it begins with a scheme such as urn:.");
    }

    private static TimeStyle Time(MappingObject one)
    {
        var format = one.Text("timeFormat") ?? "iso";
        var name = one.Text("timeZone");
        if (name is null || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            zone = name is null ? null : throw new MappingException(one.At("timeZone"), $"'{name}' is no time zone of IANA such as Europe/Paris.");
        }

        var style = new TimeStyle(
            format, zone, one.Choice("repeatedHour", RepeatedHour.First, ("first", RepeatedHour.First), ("second", RepeatedHour.Second), ("inOrder", RepeatedHour.InOrder), ("refuse", RepeatedHour.Refuse)));
        if (format is "iso" or "unix" or "unixMilliseconds")
        {
            return style;
        }

        if (!IsPattern(format))
        {
            throw new MappingException(one.At("timeFormat"), $"'{format}' is none of iso, unix and unixMilliseconds, and no pattern with a year, a month and a day, such as dd.MM.yyyy HH:mm.");
        }

        return style.SaysZone || zone is not null
            ? style
            : throw new MappingException(one.At("timeZone"), "It is missing: times of this form say no zone. It is one of IANA such as Europe/Paris, or Etc/UTC.");
    }

    /// <summary>Whether a pattern brings a time back that it has written.</summary>
    private static bool IsPattern(string format)
    {
        try
        {
            var sample = new DateTimeOffset(2023, 11, 25, 0, 0, 0, TimeSpan.Zero);
            return format.Length is > 1 and <= 64 && DateTimeOffset.TryParseExact(
                sample.ToString(format, CultureInfo.InvariantCulture), format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read) && read == sample;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static Dictionary<string, string>? Qualities(MappingObject one)
    {
        if (one.Object("qualities") is not { } given)
        {
            return null;
        }

        var qualities = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in given.Names())
        {
            var quality = given.Text(name)!;
            qualities[name] = Points.Qualities.TryParse(Encoding.UTF8.GetBytes(quality), out _) && quality.Length > 0
                ? quality
                : throw new MappingException(given.At(name), $"It is one of {Points.Qualities.Names}.");
        }

        return qualities;
    }

    private static void RefuseNames(MappingObject one, CsvMapping mapping)
    {
        var fields = mapping.Entity.Fields.Concat(mapping.Time.Fields)
            .Concat(mapping.Values.SelectMany(static value => new[] { value.Attribute, value.Unit, value.Dataset, value.Quality }.SelectMany(static template => template?.Fields ?? [])))
            .Concat(mapping.Values.Select(static value => value.Column));
        foreach (var field in fields)
        {
            if (!int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var position) || position is < 1 or > 4096)
            {
                throw new MappingException(one.At("header"), $"Without a header columns go by their position from 1; '{field}' is none.");
            }
        }
    }
}
