using Microsoft.AspNetCore.Http;

namespace Twin.Hosting.Problems;

/// <summary>
/// The stable <c>type</c> URIs of problems (RFC 9457) that are no published standard's: the names here, and one for each
/// status. NGSI-LD operations answer with <c>https://uri.etsi.org/ngsi-ld/errors/…</c> (GS CIM 009 6.3.2).
/// </summary>
public static class ProblemTypes
{
    /// <summary>What every type begins with.</summary>
    public const string Base = "https://twin.federation/problems/";

    /// <summary>A parameter is not of its type (400).</summary>
    public const string BadParameter = "bad-parameter";

    /// <summary>A parameter is beyond its bounds (400).</summary>
    public const string OutOfRange = "out-of-range";

    /// <summary>The query has more parameters than the front door reads (400).</summary>
    public const string TooManyParameters = "too-many-parameters";

    /// <summary>The path names no service of this node (404).</summary>
    public const string UnknownService = "unknown-service";

    /// <summary>The service neither makes nor reads events (404).</summary>
    public const string ServiceWithoutEvents = "service-without-events";

    /// <summary>There is no such dead letter, or no longer (404).</summary>
    public const string DeadLetterNotFound = "dead-letter-not-found";

    /// <summary>The consumer that a dead letter is for does not run (409).</summary>
    public const string ConsumerAbsent = "consumer-absent";

    /// <summary>What is to be made is there already (409).</summary>
    public const string AlreadyExists = "already-exists";

    /// <summary>Nobody could administer the node any more (409).</summary>
    public const string LastAdministrator = "last-administrator";

    /// <summary>The client does not prove itself by a secret (409).</summary>
    public const string NoSecret = "no-secret";

    /// <summary>The store of a service does not take or give data now (503).</summary>
    public const string StoreUnavailable = "store-unavailable";

    /// <summary>Whether a token holds cannot be told now (503).</summary>
    public const string SignInUnavailable = "sign-in-unavailable";

    /// <summary>The type of this name, in kebab case.</summary>
    public static string Of(string name) => Base + name;

    /// <summary>The name, title and advice for a status that nobody has said more about.</summary>
    public static (string Name, string Title, string Detail) OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => ("bad-request", "Bad request", "The request cannot be understood."),
        StatusCodes.Status401Unauthorized => ("sign-in-required", "Sign-in required", "Send a bearer token of an issuer that this node trusts."),
        StatusCodes.Status403Forbidden => ("forbidden", "Not allowed", "The caller may not do this."),
        StatusCodes.Status404NotFound => ("not-found", "Not found", "There is nothing at this address. /api/openapi.json describes what there is."),
        StatusCodes.Status405MethodNotAllowed => ("method-not-allowed", "Method not allowed", "The Allow header lists the methods of this resource."),
        StatusCodes.Status406NotAcceptable => ("not-acceptable", "Not acceptable", "None of the media types of the Accept header can be given."),
        StatusCodes.Status408RequestTimeout => ("request-timeout", "Request timeout", "The request did not arrive in time; send it again."),
        StatusCodes.Status409Conflict => ("conflict", "Conflict", "The state of the resource does not allow this."),
        StatusCodes.Status411LengthRequired => ("length-required", "Length required", "Send a Content-Length header."),
        StatusCodes.Status413PayloadTooLarge => ("body-too-large", "Body too large", "Send less in one request; Twin:Limits:BodyBytes is the limit."),
        StatusCodes.Status414UriTooLong => ("uri-too-long", "URI too long", "Shorten the query."),
        StatusCodes.Status415UnsupportedMediaType => ("unsupported-media-type", "Unsupported media type", "The Content-Type is none that this resource takes."),
        StatusCodes.Status422UnprocessableEntity => ("unprocessable", "Unprocessable", "The request is well formed, and cannot be carried out."),
        StatusCodes.Status429TooManyRequests => ("too-many-requests", "Too many requests", "Wait as long as the Retry-After header says."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => ("headers-too-large", "Headers too large", "Send fewer or shorter headers."),
        StatusCodes.Status499ClientClosedRequest => ("cancelled", "Cancelled", "The caller did not wait for the answer."),
        StatusCodes.Status501NotImplemented => ("not-implemented", "Not implemented", "This node does not offer the operation."),
        StatusCodes.Status502BadGateway => ("bad-gateway", "Bad gateway", "A service of this node gave an answer that makes no sense."),
        StatusCodes.Status503ServiceUnavailable => ("service-unavailable", "Service unavailable", "A part of this node does not answer; try again later."),
        StatusCodes.Status504GatewayTimeout => ("gateway-timeout", "Gateway timeout", "A part of this node did not answer in time; try again later."),
        >= 500 => ("internal-error", "Internal error", "The node failed at this; its log has the reason under the traceId."),
        _ => ("refused", "Refused", "The request is refused."),
    };
}
