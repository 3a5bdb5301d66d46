using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>What a file to be imported is.</summary>
internal enum ImportFormat
{
    /// <summary>Told by its name and its first bytes.</summary>
    Auto,

    /// <summary>An NGSI-LD entity or an array of them, JSON or JSON-LD.</summary>
    NgsiLd,

    /// <summary>One entity, or one GeoJSON feature, a line.</summary>
    NdJson,

    /// <summary>A GeoJSON FeatureCollection or Feature.</summary>
    GeoJson,

    /// <summary>Comma-separated values with a mapping.</summary>
    Csv,
}

/// <summary>How a file is read.</summary>
internal sealed record SourceOptions(ImportFormat Format, ImportMapping Mapping, string? Type, string? Crs, bool Repair)
{
    /// <summary>Told after each record how much of the file is read, from 0 to 1.</summary>
    public Action<double>? Progress { get; init; }
}

/// <summary>The entities of one file, in order and one at a time.</summary>
internal static class EntitySource
{
    private const int PeekLength = 64 * 1024;

    /// <summary>Reads the file. Refused records come as such, in their place.</summary>
    /// <exception cref="InputException">The file as a whole cannot be read.</exception>
    public static async IAsyncEnumerable<EntityRow> ReadAsync(string file, SourceOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        var (format, collection) = await DetectAsync(stream, file, options.Format, cancellationToken);
        using var builder = new EntityBuilder(options.Mapping, options.Type, Path.GetFileNameWithoutExtension(file));
        await foreach (var row in format == ImportFormat.Csv
            ? CsvAsync(stream, builder, options, cancellationToken)
            : JsonAsync(stream, format, collection, builder, options, cancellationToken))
        {
            options.Progress?.Invoke(stream.Length == 0 ? 1 : (double)stream.Position / stream.Length);
            yield return row;
        }
    }

    private static async IAsyncEnumerable<EntityRow> JsonAsync(
        Stream stream, ImportFormat format, bool collection, EntityBuilder builder, SourceOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var objects = format == ImportFormat.NdJson ? null : new JsonRows(stream, collection);
        FeatureReader? features = null;
        await foreach (var raw in objects?.ReadAsync(cancellationToken) ?? new LineRows(stream).ReadAsync(cancellationToken))
        {
            features ??= new FeatureReader(builder, new Geometries(SystemOf(options, objects?.Crs), options.Repair));
            yield return raw.Refused is { } reason ? EntityRow.Refuse(raw.Row, null, null, reason) : Entity(raw, format, features);
        }
    }

    private static EntityRow Entity(RawRow raw, ImportFormat format, FeatureReader features)
    {
        try
        {
            using var document = JsonDocument.Parse(raw.Json, new JsonDocumentOptions { MaxDepth = 128 });
            return format == ImportFormat.GeoJson || FeatureReader.IsFeature(document.RootElement)
                ? features.Read(raw.Row, document.RootElement)
                : EntityChecks.Check(raw, document.RootElement);
        }
        catch (RefusedException error)
        {
            return EntityRow.Refuse(raw.Row, EntityChecks.IdIn(raw.Json), error.Member, error.Message);
        }
        catch (JsonException error)
        {
            return EntityRow.Refuse(raw.Row, null, null, $"The JSON is broken: {error.Message}");
        }
    }

    private static async IAsyncEnumerable<EntityRow> CsvAsync(
        Stream stream, EntityBuilder builder, SourceOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new StreamReader(stream, EncodingOf(options.Mapping.Encoding));
        var rows = new CsvRows(text, options.Mapping.Separator[0]);
        var header = await rows.ReadHeaderAsync(cancellationToken) ?? throw new InputException("The file is empty: a CSV file begins with a header.");
        var reader = new RecordReader(builder, new Geometries(SystemOf(options, null), options.Repair), options.Mapping, header);
        await foreach (var row in rows.ReadAsync(cancellationToken))
        {
            yield return reader.Read(row);
        }
    }

    /// <summary>The command line goes before the mapping, and the mapping before what the file says of itself.</summary>
    private static ReferenceSystem SystemOf(SourceOptions options, byte[]? crs) =>
        (options.Crs ?? options.Mapping.Crs ?? NameOf(crs)) is { } name ? ReferenceSystem.Find(name) : ReferenceSystem.Degrees;

    private static string? NameOf(byte[]? crs)
    {
        if (crs is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(crs);
        var root = document.RootElement;
        return root.ValueKind == JsonValueKind.Null ? null
            : root.ValueKind == JsonValueKind.Object && root.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
                && properties.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                ? name.GetString()
                : throw new InputException("The member crs of the file is not understood; give the reference system with --crs EPSG:n.");
    }

    private static Encoding EncodingOf(string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            return Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            throw new InputException($"Mapping: the encoding \"{name}\" is not known; try \"utf-8\" or \"windows-1252\".");
        }
    }

    /// <summary>Tells the format by the file's name, then by its first bytes; leaves the stream at its start.</summary>
    private static async Task<(ImportFormat Format, bool Collection)> DetectAsync(Stream stream, string file, ImportFormat asked, CancellationToken cancellationToken)
    {
        var peek = new byte[PeekLength];
        var length = await stream.ReadAtLeastAsync(peek, PeekLength, throwOnEndOfStream: false, cancellationToken);
        stream.Position = 0;
        var head = Encoding.UTF8.GetString(peek, 0, length);
        var collection = head.Contains("\"FeatureCollection\"", StringComparison.Ordinal) || head.Contains("\"features\"", StringComparison.Ordinal);
        if (asked != ImportFormat.Auto)
        {
            return (asked, asked == ImportFormat.GeoJson && collection);
        }

        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".csv" or ".tsv" => (ImportFormat.Csv, false),
            ".ndjson" or ".jsonl" or ".geojsonl" or ".geojsons" => (ImportFormat.NdJson, false),
            ".geojson" => (ImportFormat.GeoJson, collection),
            _ when head.TrimStart('\uFEFF', ' ', '\n', '\r', '\t') is ['{', ..] text => Several(text) ? (ImportFormat.NdJson, false)
                : collection || head.Contains("\"Feature\"", StringComparison.Ordinal) ? (ImportFormat.GeoJson, collection)
                : (ImportFormat.NgsiLd, false),
            _ when head.TrimStart('\uFEFF', ' ', '\n', '\r', '\t') is ['[', ..] => (ImportFormat.NgsiLd, false),
            _ => throw new InputException($"{file}: the format cannot be told; give --format ngsi-ld, ndjson, geojson or csv."),
        };

        // Two objects on two lines: the first line is a whole value and the next begins another.
        static bool Several(string text)
        {
            var end = text.IndexOf('\n');
            if (end < 0 || text[end..].TrimStart() is not ['{', ..])
            {
                return false;
            }

            try
            {
                using var first = JsonDocument.Parse(text.AsMemory(0, end));
                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }
}
