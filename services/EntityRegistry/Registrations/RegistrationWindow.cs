using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Registrations;

/// <summary>
/// A temporal query (GS CIM 009 4.11) put to what a registration says of the time of which its source tells: its
/// observationInterval, or its managementInterval for createdAt, modifiedAt and deletedAt. An interval without endAt goes on.
/// </summary>
/// <param name="Member">The interval that is compared.</param>
/// <param name="From">Its start, exclusive, in microseconds since 1970 UTC.</param>
/// <param name="To">Its end, exclusive.</param>
internal sealed record RegistrationWindow(string Member, long From, long To)
{
    /// <summary>The parameters of a temporal query.</summary>
    public static readonly string[] Parameters = ["timerel", "timeAt", "endTimeAt", "timeproperty"];

    /// <summary>Reads the URL parameters; null when there is no temporal query.</summary>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter.</exception>
    public static RegistrationWindow? Of(HttpContext http)
    {
        string? relation = Text(http, "timerel");
        if (relation is null)
        {
            return Parameters.FirstOrDefault(p => Text(http, p) is not null) is { } alone
                ? throw NgsiLdException.BadRequest($"{alone} belongs to a temporal query; timerel is missing (4.11).", "timerel")
                : null;
        }

        string member = Text(http, "timeproperty") switch
        {
            null or "observedAt" => "observationInterval",
            "createdAt" or "modifiedAt" or "deletedAt" => "managementInterval",
            _ => throw NgsiLdException.BadRequest("timeproperty is observedAt, createdAt, modifiedAt or deletedAt (4.11).", "timeproperty"),
        };
        long at = Time(http, "timeAt");
        if (relation != "between" && Text(http, "endTimeAt") is not null)
        {
            throw NgsiLdException.BadRequest("endTimeAt goes with timerel=between alone (4.11).", "endTimeAt");
        }

        return relation switch
        {
            "before" => new RegistrationWindow(member, long.MinValue, at),
            "after" => new RegistrationWindow(member, at, long.MaxValue),
            "between" => Time(http, "endTimeAt") is var end && end > at
                ? new RegistrationWindow(member, at, end)
                : throw NgsiLdException.BadRequest("endTimeAt comes after timeAt (4.11).", "endTimeAt"),
            _ => throw NgsiLdException.BadRequest("timerel is before, after or between (4.11).", "timerel"),
        };
    }

    /// <summary>Whether the registration's interval has a part in this one.</summary>
    public bool Touches(ContextSourceRegistration registration) =>
        registration.Document[Member] is JsonObject interval
        && At(interval, "startAt") is { } start && start < To
        && (At(interval, "endAt") is not { } end || end > From);

    private static long? At(JsonObject interval, string name) =>
        interval[name] is JsonValue value && value.TryGetValue(out string? text) && Timestamps.TryParse(text, out long at) ? at : null;

    private static long Time(HttpContext http, string name) =>
        Timestamps.TryParse(Text(http, name), out long at)
            ? at
            : throw NgsiLdException.BadRequest($"{name} is a DateTime such as 2026-01-01T00:00:00Z (4.11).", name);

    private static string? Text(HttpContext http, string name) => http.Request.Query[name] is [{ Length: > 0 } text, ..] ? text : null;
}
