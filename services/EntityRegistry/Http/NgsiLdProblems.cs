using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Entities;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Http;

/// <summary>
/// The one place where what an NGSI-LD operation refuses becomes an answer: RFC 9457 problems with the error types of
/// GS CIM 009 6.3.2.
/// </summary>
internal static class NgsiLdProblems
{
    private const string TypeBase = "https://uri.etsi.org/ngsi-ld/errors/";

    /// <summary>Lets a handler throw what it refuses.</summary>
    public static RequestDelegate Guard(Func<HttpContext, Task> handler) => async http =>
    {
        try
        {
            await handler(http);
        }
        catch (NgsiLdException refusal)
        {
            await WriteAsync(http, refusal.ErrorType, refusal.Message, refusal.Member);
        }
        catch (BadHttpRequestException refusal)
        {
            await WriteAsync(http, NgsiLdErrorType.InvalidRequest, refusal.Message, null, refusal.StatusCode);
        }
        catch (Exception busy) when (busy is StoreBusyException or StoreFailedException)
        {
            http.Response.Headers.RetryAfter = "1";
            await WriteAsync(http, NgsiLdErrorType.InternalError, busy.Message, null, StatusCodes.Status503ServiceUnavailable);
        }
    };

    /// <summary>The HTTP status of an error type.</summary>
    public static int StatusOf(NgsiLdErrorType type) => type switch
    {
        NgsiLdErrorType.InvalidRequest or NgsiLdErrorType.BadRequestData => StatusCodes.Status400BadRequest,
        NgsiLdErrorType.AlreadyExists or NgsiLdErrorType.Conflict => StatusCodes.Status409Conflict,
        NgsiLdErrorType.OperationNotSupported => StatusCodes.Status422UnprocessableEntity,
        NgsiLdErrorType.ResourceNotFound or NgsiLdErrorType.NonexistentTenant => StatusCodes.Status404NotFound,
        NgsiLdErrorType.TooComplexQuery or NgsiLdErrorType.TooManyResults => StatusCodes.Status403Forbidden,
        NgsiLdErrorType.LdContextNotAvailable => StatusCodes.Status504GatewayTimeout,
        NgsiLdErrorType.NoMultiTenantSupport => StatusCodes.Status501NotImplemented,
        NgsiLdErrorType.InternalError => StatusCodes.Status500InternalServerError,
        _ => throw new UnreachableException(),
    };

    /// <summary>Writes a problem as the whole answer.</summary>
    public static async Task WriteAsync(HttpContext http, NgsiLdErrorType type, string detail, string? member, int? status = null)
    {
        if (http.Response.HasStarted)
        {
            // The status is out already; the only honest end is an aborted one.
            http.Abort();
            return;
        }

        int code = status ?? StatusOf(type);
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/problem+json";
        http.Response.ContentLength = null;
        using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        Write(writer, type, detail, member, code);
        await writer.FlushAsync(http.RequestAborted);
    }

    /// <summary>Writes a problem as an object, for the errors of a batch (GS CIM 009 5.2.17).</summary>
    public static void Write(Utf8JsonWriter writer, NgsiLdErrorType type, string detail, string? member, int status)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, TypeBase + type);
        writer.WriteString("title"u8, Title(type));
        writer.WriteNumber("status"u8, status);
        writer.WriteString("detail"u8, detail);
        if (member is not null)
        {
            writer.WriteString("member"u8, member);
        }

        writer.WriteEndObject();
    }

    private static string Title(NgsiLdErrorType type) => type switch
    {
        NgsiLdErrorType.InvalidRequest => "The request is not well formed",
        NgsiLdErrorType.BadRequestData => "The request contains data that are not allowed",
        NgsiLdErrorType.AlreadyExists => "The element exists already",
        NgsiLdErrorType.Conflict => "The request conflicts with what is there",
        NgsiLdErrorType.OperationNotSupported => "The operation is not supported",
        NgsiLdErrorType.ResourceNotFound => "The element was not found",
        NgsiLdErrorType.TooComplexQuery => "The query is too complex",
        NgsiLdErrorType.TooManyResults => "The query has too many results",
        NgsiLdErrorType.LdContextNotAvailable => "A remote @context is not available",
        NgsiLdErrorType.NoMultiTenantSupport => "Tenants are not supported",
        NgsiLdErrorType.NonexistentTenant => "The tenant does not exist",
        NgsiLdErrorType.InternalError => "The node could not complete the request",
        _ => throw new UnreachableException(),
    };
}
