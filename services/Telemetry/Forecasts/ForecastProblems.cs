using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;

namespace Twin.Telemetry.Forecasts;

/// <summary>What forecasts share at the edge: problems, media types, parameters.</summary>
internal static class ForecastProblems
{
    /// <summary>Lets a handler throw what it refuses.</summary>
    public static RequestDelegate Guard(Func<HttpContext, Task> handler) => NgsiLdProblems.Guard(async http =>
    {
        try
        {
            await handler(http);
        }
        catch (Exception fault) when (fault is ForecastBusyException or ModelStoreException)
        {
            http.Response.Headers.RetryAfter = "2";
            await NgsiLdProblems.WriteAsync(http, NgsiLdErrorType.InternalError, fault.Message, null, StatusCodes.Status503ServiceUnavailable);
        }
    });

    /// <summary>Chooses JSON, or another type that the operation has; answers 406 bare when neither is wanted.</summary>
    public static bool Negotiate(HttpContext http, string? other, out bool asOther)
    {
        var accept = http.Request.Headers.Accept;
        var json = accept.Count == 0 ? 1 : MediaTypes.Weight(MediaTypes.Json, accept);
        var another = other is null || accept.Count == 0 ? 0 : MediaTypes.Weight(other, accept);
        asOther = another > json;
        if (json > 0 || another > 0)
        {
            return true;
        }

        http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
        http.Response.ContentLength = 0;
        if (http.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }

        return false;
    }

    /// <summary>The parameters of the URL, of which all must be known.</summary>
    public static ForecastParameters Parameters(HttpContext http, params string[] known)
    {
        known = [.. known.Select(static name => name.Split('.')[0])];
        NgsiLdRequest.AllowParameters(http, known);
        return new ForecastParameters(http.Request.Query.ToDictionary(static one => one.Key, static one => (string?)one.Value ?? "", StringComparer.Ordinal));
    }
}
