using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Problems;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Storage;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>What requests about scenarios share: tenant, scenario, revision, preconditions.</summary>
internal static class ScenarioRequest
{
    /// <summary>The tenant; empty is the default one.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: no tenant has such a name.</exception>
    public static string Tenant(HttpContext http)
    {
        var name = NgsiLdRequest.TenantName(http) ?? "";
        return name.Length <= 128 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':')
            ? name
            : throw NgsiLdException.BadRequest("A tenant name has 1 to 128 letters, digits, '_', '-', '.' or ':'.", NgsiLdRequest.TenantHeader);
    }

    /// <summary>The scenario that the path names.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound.</exception>
    public static async Task<Scenario> FindAsync(HttpContext http, ScenarioStore store, string tenant)
    {
        var id = NgsiLdRequest.Segment(http, "scenarioId");
        return IsId(id) && await store.FindAsync(tenant, id, http.RequestAborted) is { } found ? found : throw NgsiLdException.NotFound($"There is no scenario {id}.");
    }

    /// <summary>A revision of a scenario: the one that a parameter names, else the head.</summary>
    /// <exception cref="NgsiLdException">BadRequestData; ResourceNotFound.</exception>
    public static async Task<(Revision Revision, ScenarioContent Content)> RevisionAsync(HttpContext http, ScenarioStore store, string tenant, Scenario scenario, string parameter = "revision")
    {
        var number = scenario.Head.Number;
        if ((string?)http.Request.Query[parameter] is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 1))
        {
            throw NgsiLdException.BadRequest($"'{parameter}' is the number of a revision, from 1 on.", parameter);
        }

        return await store.ContentAsync(tenant, scenario.Id, number, http.RequestAborted)
            ?? throw NgsiLdException.NotFound($"The scenario {scenario.Id} has no revision {number}.");
    }

    /// <summary>The time as of which interventions are in effect (<c>validAt</c>); null for all of them.</summary>
    /// <exception cref="NgsiLdException">BadRequestData.</exception>
    public static long? ValidAt(HttpContext http) =>
        (string?)http.Request.Query["validAt"] is not { } text ? null
        : Timestamps.TryParse(text.AsSpan(), out var micros) ? micros
        : throw NgsiLdException.BadRequest("validAt is a date-time in UTC such as 2030-01-01T00:00:00Z.", "validAt");

    /// <summary>Holds a change to the revision that the caller has seen (RFC 9110 13.1.1).</summary>
    /// <exception cref="ProblemException">428 without If-Match, 412 when it names another revision.</exception>
    public static void Require(HttpContext http, Scenario scenario)
    {
        var tags = http.Request.Headers.IfMatch;
        if (tags.Count == 0)
        {
            throw new ProblemException(StatusCodes.Status428PreconditionRequired, "precondition-required", "A precondition is required", $"Send If-Match with the ETag of the revision that is to be changed; the head is {scenario.Head.Tag}.") { Member = "If-Match" };
        }

        if (!tags.SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)).Any(tag => tag == "*" || tag == scenario.Head.Tag))
        {
            throw Moved(scenario.Head.Tag);
        }
    }

    /// <summary>Somebody else was faster.</summary>
    public static ProblemException Moved(string? head) => new(
        StatusCodes.Status412PreconditionFailed, "revision-moved", "The scenario has changed",
        $"If-Match names another revision than the head{(head is null ? "" : " " + head)}. Read the scenario again, and decide anew.") { Member = "If-Match" };

    /// <summary>Whether a text can be the id of a scenario.</summary>
    public static bool IsId(string text) => text.Length <= 512 && Uris.IsAbsolute(text) && !text.Contains('\0', StringComparison.Ordinal);

    /// <summary>Reads the body with its @context.</summary>
    public static async Task<(JsonDocument Json, JsonLdContext Context)> BodyAsync(HttpContext http, EntityBodies bodies)
    {
        using var body = await RequestBody.ReadAsync(http);
        // The document outlives the rented body.
        return (ScenarioBody.Parse(body.Memory.ToArray()), await bodies.ContextAsync(http, body.Memory));
    }

    /// <summary>Answers with JSON.</summary>
    public static async Task AnswerAsync(HttpContext http, ContextResolver contexts, Action<Utf8JsonWriter, Func<string, string>> write)
    {
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        http.Response.ContentType = MediaTypes.Json;
        var to = new System.Buffers.ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(to, NgsiLdResponse.JsonOptions))
        {
            write(json, context.CompactIri);
        }

        await http.Response.Body.WriteAsync(to.WrittenMemory, http.RequestAborted);
    }
}
