using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;

namespace Twin.Telemetry.Formats;

/// <summary>The forms in which rows can be had.</summary>
internal enum TableFormat : byte
{
    /// <summary>JSON, as the operation has it.</summary>
    Json,

    /// <summary>Comma-separated values (RFC 4180) with a header, in UTF-8.</summary>
    Csv,

    /// <summary>A JSON object on each line.</summary>
    Ndjson,

    /// <summary>Apache Parquet, compressed with Zstandard.</summary>
    Parquet,

    /// <summary>The stream of Apache Arrow's interprocess communication.</summary>
    Arrow,
}

/// <summary>Chooses among the forms.</summary>
internal static class TableFormats
{
    /// <summary>The parameter that chooses.</summary>
    public const string Parameter = "format";

    /// <summary>Comma-separated values.</summary>
    public const string Csv = "text/csv";

    /// <summary>A JSON object on each line.</summary>
    public const string Ndjson = "application/x-ndjson";

    /// <summary>Apache Parquet.</summary>
    public const string Parquet = "application/vnd.apache.parquet";

    /// <summary>Apache Arrow's stream.</summary>
    public const string Arrow = "application/vnd.apache.arrow.stream";

    private static readonly string[] Media = [MediaTypes.Json, Csv, Ndjson, Parquet, Arrow];
    private static readonly string[] Names = ["json", "csv", "ndjson", "parquet", "arrow"];

    /// <summary>The forms besides JSON, for the description of an operation.</summary>
    public static readonly (string MediaType, string Schema)[] Tables = [(Csv, "TableRows"), (Ndjson, "TableRows"), (Parquet, "Table"), (Arrow, "Table")];

    /// <summary>The names of parameters as the description has them.</summary>
    public static IEnumerable<string> Described(IEnumerable<string> parameters) => parameters.Select(static name => name == Parameter ? "format.table" : name);

    /// <summary>The media type of a form.</summary>
    public static string MediaType(this TableFormat format) => Media[(int)format];

    /// <summary>The form that the request asks for: <c>format=</c> wins over Accept.</summary>
    /// <param name="http">The request.</param>
    /// <param name="first">The form that the operation answers in when it is free to choose.</param>
    /// <param name="json">Whether the operation answers in JSON as well.</param>
    /// <returns>Null when none that is asked for can be had: then the answer is 406.</returns>
    /// <exception cref="NgsiLdException">BadRequestData: <c>format</c> names none.</exception>
    public static TableFormat? Choose(HttpContext http, TableFormat first, bool json)
    {
        TableFormat[] all = [first, .. Enum.GetValues<TableFormat>().Where(one => one != first && (json || one != TableFormat.Json))];
        if ((string?)http.Request.Query[Parameter] is { Length: > 0 } name)
        {
            return Array.IndexOf(Names, name) is var at and >= 0 && all.Contains((TableFormat)at)
                ? (TableFormat)at
                : throw NgsiLdException.BadRequest($"'{name}' is none of {string.Join(", ", all.Order().Select(static one => Names[(int)one]))}.", Parameter);
        }

        var accept = http.Request.Headers.Accept;
        var best = accept.Count == 0 ? first : all.MaxBy(one => MediaTypes.Weight(one.MediaType(), accept));
        if (accept.Count == 0 || MediaTypes.Weight(best.MediaType(), accept) > 0)
        {
            return best;
        }

        http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
        return null;
    }
}
