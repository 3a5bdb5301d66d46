using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Problems;
using Twin.Telemetry.Ingest.Csv;
using Twin.Telemetry.Ingest.Mappings;
using Twin.Telemetry.Ingest.SenMl;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Ingest;

/// <summary>Which reader a body has: by its media type, and by the mapping of the request.</summary>
internal sealed class RowReaders(MappingEndpoints mappings, TimeProvider clock)
{
    private const string Csv = "text/csv";
    private const string SenMlJson = "application/senml+json";
    private static readonly string[] Ndjson = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

    /// <summary>The media types that are taken.</summary>
    public static string[] MediaTypesTaken { get; } = [Csv, .. Ndjson, SenMlJson];

    /// <summary>The reader of a request's body.</summary>
    /// <exception cref="ProblemException">The media type is not taken, or the mapping is not of its kind.</exception>
    public async Task<RowReader> ForAsync(HttpContext http, Tenant tenant)
    {
        var type = MediaTypes.OfBody(http.Request);
        if (type is null || !MediaTypesTaken.Contains(type, StringComparer.Ordinal))
        {
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "Unsupported media type", $"The body is one of {string.Join(", ", MediaTypesTaken)}.") { Member = "Content-Type" };
        }

        return (type, await mappings.OfAsync(http, tenant)) switch
        {
            (Csv, null) => new CsvRows(),
            (Csv, CsvMapping csv) => new MappedCsvRows(csv),
            (SenMlJson, null) => new SenMlRows(new SenMlNames(null), clock),
            (SenMlJson, SenMlMapping senMl) => new SenMlRows(new SenMlNames(senMl), clock),
            ({ } name, null) when Ndjson.Contains(name, StringComparer.Ordinal) => new NdjsonRows(),
            _ => throw new ProblemException(StatusCodes.Status400BadRequest, "mapping-format", "The mapping is for another format", $"The mapping does not fit a body of {type}: its format is csv for text/csv, senml for application/senml+json.") { Member = "mapping" },
        };
    }
}
