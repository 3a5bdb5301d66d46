using Microsoft.AspNetCore.Http;

namespace Twin.Hosting.Problems;

/// <summary>The stable <c>type</c> URIs of problems (RFC 9457) that are no published standard's.</summary>
public static class ProblemTypes
{
    /// <summary>What every type begins with.</summary>
    public const string Base = "https://twin.federation/problems/";

    /// <summary>The type of this name, in kebab case.</summary>
    public static string Of(string name) => Base + name;

    /// <summary>The name, title and advice for a status that nobody has said more about.</summary>
    internal static (string Name, string Title, string Detail) OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => ("bad-request", "Bad request", "The request cannot be understood."),
        StatusCodes.Status401Unauthorized => ("sign-in-required", "Sign-in required", "Send a bearer token of an issuer that this node trusts."),
        StatusCodes.Status403Forbidden => ("forbidden", "Not allowed", "The caller may not do this."),
        StatusCodes.Status404NotFound => ("not-found", "Not found", "There is nothing at this address. /api describes what there is."),
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
