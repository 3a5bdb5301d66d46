using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Temporal;

/// <summary>The problems of NGSI-LD operations, and those of a store that does not take points.</summary>
internal static class TemporalProblems
{
    /// <summary>Lets a handler throw what it refuses.</summary>
    public static RequestDelegate Guard(Func<HttpContext, Task> handler) => NgsiLdProblems.Guard(async http =>
    {
        try
        {
            await handler(http);
        }
        catch (TailUnavailableException fault)
        {
            http.Response.Headers.RetryAfter = "2";
            await NgsiLdProblems.WriteAsync(http, NgsiLdErrorType.InternalError, fault.Message, null, StatusCodes.Status503ServiceUnavailable);
        }
    });
}
