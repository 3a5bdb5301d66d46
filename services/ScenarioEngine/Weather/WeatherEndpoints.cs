using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Models;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Weather;

/// <summary><c>/scenarios/weather</c>: the weather years that scenarios are computed with, EPW files named by their content.</summary>
internal sealed class WeatherEndpoints(WeatherStore store)
{
    private const string Path = "/scenarios/weather";
    private const int MostBytes = 4 * 1024 * 1024;

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var reads = routes.MapGroup(Path);
        reads.RequireAuthorization(TwinPolicies.ReadScenarios).WithTags("Scenarios");
        reads.MapGet("", ModelProblems.Guard(ListAsync)).Operation("listWeather", "The weather years of a tenant")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"))
            .Gives(StatusCodes.Status200OK, "All of them, by the name of the place", "WeatherYears", MediaTypes.Json, "NGSILD-Tenant");
        reads.MapGet("/{weatherHash}", ModelProblems.Guard(GetAsync)).Operation("getWeather", "What a weather year is, or the file itself")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"))
            .Gives(StatusCodes.Status200OK, "With Accept: text/plain the EPW file, as it was given", "WeatherYear", MediaTypes.Json, "NGSILD-Tenant").Finds();
        var writes = routes.MapGroup(Path);
        writes.RequireAuthorization(TwinPolicies.WriteScenarios).WithTags("Scenarios");
        writes.MapPost("", ModelProblems.Guard(KeepAsync)).Operation("keepWeather", "Keeps a weather year")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant", "zone"), new DescribedBody("EpwFile", MediaTypeNames.Text.Plain))
            .Gives(StatusCodes.Status200OK, "It was there already", "WeatherYear", MediaTypes.Json, "Location", "NGSILD-Tenant")
            .Gives(StatusCodes.Status201Created, "It is kept", "WeatherYear", MediaTypes.Json, "Location", "NGSILD-Tenant")
            .Gives(StatusCodes.Status409Conflict, "There are too many", "ProblemDetails", "application/problem+json")
            .Gives(StatusCodes.Status422UnprocessableEntity, "It is no whole year in that zone; the detail names line and field", "ProblemDetails", "application/problem+json")
            .Shares(415, "MediaTypeNotTaken");
        writes.MapDelete("/{weatherHash}", ModelProblems.Guard(DeleteAsync)).Operation("deleteWeather", "Forgets a weather year; scenarios that name it are not computed any more")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"))
            .Gives(StatusCodes.Status204NoContent, "Forgotten", null, MediaTypes.Json, "NGSILD-Tenant").Finds();
    }

    private async Task ListAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        var all = await store.ListAsync(ScenarioRequest.Tenant(http), http.RequestAborted);
        await AnswerAsync(http, json =>
        {
            json.WriteStartArray();
            all.ForEach(one => Write(json, one));
            json.WriteEndArray();
        });
    }

    private async Task GetAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        var (tenant, hash) = (ScenarioRequest.Tenant(http), NgsiLdRequest.Segment(http, "weatherHash"));
        if (http.Request.GetTypedHeaders().Accept is [{ MediaType.Value: MediaTypeNames.Text.Plain }])
        {
            var file = await store.DocumentAsync(tenant, hash, http.RequestAborted) ?? throw Missing(hash);
            http.Response.ContentType = MediaTypeNames.Text.Plain;
            await http.Response.Body.WriteAsync(file, http.RequestAborted);
            return;
        }

        var found = await store.FindAsync(tenant, hash, http.RequestAborted) ?? throw Missing(hash);
        await AnswerAsync(http, json => Write(json, found));
    }

    private async Task KeepAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["zone"]);
        var tenant = ScenarioRequest.Tenant(http);
        if (http.Request.ContentType is not { } type || new ContentType(type).MediaType != MediaTypeNames.Text.Plain)
        {
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The media type is not taken", "An EPW file is sent as text/plain.") { Member = "Content-Type" };
        }

        if (!double.TryParse(http.Request.Query["zone"], NumberStyles.Float, CultureInfo.InvariantCulture, out var zone) || zone is < -12 or > 14)
        {
            throw NgsiLdException.BadRequest("'zone' is the zone that the file should have: local standard time minus UTC in hours, from -12 to 14. Mulhouse has 1.", "zone");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostBytes;
        }

        using var body = await RequestBody.ReadAsync(http);
        var epw = body.Memory.ToArray();
        using var text = new StreamReader(new MemoryStream(epw), Encoding.UTF8);
        var site = EpwReader.Read(text, "The file", zone).Site;
        var hash = WeatherStore.HashOf(epw);
        var isNew = await store.KeepAsync(tenant, hash, site, epw, http.RequestAborted)
            ?? throw new ProblemException(StatusCodes.Status409Conflict, "too-many-weather-years", "Too many weather years", $"There are {WeatherStore.Most} weather years; delete one first.");
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        http.Response.Headers.Location = NgsiLdResponse.Location(Path, hash);
        var kept = await store.FindAsync(tenant, hash, http.RequestAborted) ?? throw Missing(hash);
        await AnswerAsync(http, json => Write(json, kept));
    }

    private async Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        var hash = NgsiLdRequest.Segment(http, "weatherHash");
        if (!await store.RemoveAsync(ScenarioRequest.Tenant(http), hash, http.RequestAborted))
        {
            throw Missing(hash);
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static NgsiLdException Missing(string hash) => NgsiLdException.NotFound($"There is no weather year {hash}.");

    private static void Write(Utf8JsonWriter json, KeptWeather one)
    {
        json.WriteStartObject();
        json.WriteString("hash"u8, one.Hash);
        json.WriteString("name"u8, one.Site.Name);
        json.WriteNumber("latitude"u8, one.Site.Latitude);
        json.WriteNumber("longitude"u8, one.Site.Longitude);
        json.WriteNumber("zone"u8, one.Site.ZoneHours);
        json.WriteNumber("elevation"u8, one.Site.Elevation);
        json.WriteString("recordedAt"u8, Timestamps.Format(one.RecordedAt));
        json.WriteEndObject();
    }

    private static async Task AnswerAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        write(json);
        await json.FlushAsync(http.RequestAborted);
    }
}
