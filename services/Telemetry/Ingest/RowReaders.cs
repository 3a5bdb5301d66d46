using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.Telemetry.Ingest.Csv;
using Twin.Telemetry.Ingest.Entities;
using Twin.Telemetry.Ingest.Mappings;
using Twin.Telemetry.Ingest.SenMl;
using Twin.Telemetry.Ingest.SensorThings;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Ingest;

/// <summary>Which reader a body has: by its media type, and by the mapping of the request.</summary>
internal sealed class RowReaders(MappingEndpoints mappings, ContextResolver contexts, TimeProvider clock)
{
    private const string Csv = "text/csv";
    private const string SenMlJson = "application/senml+json";
    private static readonly string[] Ndjson = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

    /// <summary>What is taken, for the API description.</summary>
    public static DescribedBody[] Bodies { get; } = [new("PointRows", [Csv, .. Ndjson]), new("SenMlPack", SenMlJson), new("EntityEvolutions", MediaTypes.Json, MediaTypes.JsonLd)];

    /// <summary>The media types that are taken.</summary>
    private static string[] MediaTypesTaken { get; } = [.. Bodies.SelectMany(static body => body.MediaTypes)];

    /// <summary>The reader of a request's body.</summary>
    /// <param name="http">The request.</param>
    /// <param name="tenant">Whose mappings there are.</param>
    /// <param name="context">The @context of its Link header, or the core one.</param>
    /// <exception cref="ProblemException">The media type is not taken, or the mapping is not of its kind.</exception>
    public async Task<RowReader> ForAsync(HttpContext http, Tenant tenant, JsonLdContext context)
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
            (MediaTypes.Json, null) => new EntityRows(Entity(http, context, ContextPlace.Link)),
            (MediaTypes.Json, SensorThingsMapping sensorThings) => new ObservationRows(sensorThings),
            (MediaTypes.JsonLd, null) when contexts.HasLink(http.Request) => throw NgsiLdException.BadRequest("A body of application/ld+json carries its @context itself; leave the Link header out.", "Link"),
            (MediaTypes.JsonLd, null) => new EntityRows(Entity(http, context, ContextPlace.Record)),
            ({ } name, null) when Ndjson.Contains(name, StringComparer.Ordinal) => new EntityLines(Entity(http, context, ContextPlace.Either)),
            _ => throw new ProblemException(StatusCodes.Status400BadRequest, "mapping-format", "The mapping is for another format", $"The mapping does not fit a body of {type}: its format is csv for text/csv, senml for application/senml+json, sensorthings for application/json.") { Member = "mapping" },
        };
    }

    private EntityRecord Entity(HttpContext http, JsonLdContext context, ContextPlace place) => new(new RecordContexts(contexts, http.Request, context, place));
}
