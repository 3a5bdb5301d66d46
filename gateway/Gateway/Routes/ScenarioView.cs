using Microsoft.AspNetCore.Http;
using Twin.Hosting.Problems;

namespace Twin.Gateway.Routes;

/// <summary>
/// The header <c>NGSILD-Scenario</c>: reads of entities under <c>/ngsi-ld/v1</c> are answered as a scenario has them, so that
/// clients, maps and policies work on it unchanged. Before routing; a request without the header passes by at the price of
/// looking for it.
/// </summary>
internal static class ScenarioView
{
    /// <summary>The header: the id of a scenario, perhaps with <c>;revision=3</c> and <c>;validAt=2030-01-01T00:00:00Z</c>.</summary>
    public const string Header = "NGSILD-Scenario";

    private const string Root = "/ngsi-ld/v1/";
    private static readonly string[] Views = ["revision", "validAt"];

    /// <summary>Turns the request into one for the scenario's own entities.</summary>
    /// <exception cref="ProblemException">The header is none, or the operation has no such view.</exception>
    public static Task ReadAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Headers.TryGetValue(Header, out var given) || !http.Request.Path.StartsWithSegments("/ngsi-ld"))
        {
            return next(http);
        }

        var parts = given.Count == 1 ? (given[0] ?? "").Split(';', StringSplitOptions.TrimEntries) : [];
        if (parts.Length == 0 || !IsId(parts[0]))
        {
            throw Refused("The header names one scenario by its id, such as urn:ngsi-ld:Scenario:1.");
        }

        var path = http.Request.Path.Value!;
        var rest = path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..] : "";
        if (!IsRead(http.Request.Method, rest))
        {
            throw new ProblemException(
                StatusCodes.Status422UnprocessableEntity, "scenario-view-of-entities", "The operation has no view of a scenario",
                $"With {Header}, entities are read: GET /ngsi-ld/v1/entities, GET /ngsi-ld/v1/entities/{{id}}, POST /ngsi-ld/v1/entityOperations/query. A scenario is changed by its interventions (/scenarios), the twin by a request without the header.") { Member = Header };
        }

        foreach (var part in parts.Skip(1))
        {
            var (name, value) = part.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (part[..at], part[(at + 1)..]) : ("", "");
            http.Request.QueryString = Views.Contains(name) && !http.Request.Query.ContainsKey(name)
                ? http.Request.QueryString.Add(name, value)
                : throw Refused($"Behind the id stand ;revision= and ;validAt=, each once, not '{part}'.");
        }

        http.Request.Path = $"/scenarios/{parts[0].Replace("/", "%2F", StringComparison.Ordinal)}/{rest}";
        return next(http);
    }

    private static bool IsRead(string method, string rest) =>
        ((HttpMethods.IsGet(method) || HttpMethods.IsHead(method)) && (rest is "entities" or "entities/" || (rest.StartsWith("entities/", StringComparison.Ordinal) && rest.AsSpan(9).IndexOf('/') < 0)))
        || (HttpMethods.IsPost(method) && rest == "entityOperations/query");

    /// <summary>A URI of letters that mean nothing else in a path.</summary>
    private static bool IsId(string text) =>
        text.Length <= 512 && text.IndexOf(':', StringComparison.Ordinal) > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || ":._~-/@+".Contains(c, StringComparison.Ordinal));

    private static ProblemException Refused(string detail) =>
        new(StatusCodes.Status400BadRequest, "scenario-header", "The header names no scenario", detail) { Member = Header };
}
