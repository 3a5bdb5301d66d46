namespace Twin.NgsiLd;

/// <summary>The error types of GS CIM 009 V1.9.1, table 6.3.2-1, with the status each maps to.</summary>
public enum NgsiLdErrorType
{
    /// <summary>400: the request is not valid JSON, JSON-LD or HTTP.</summary>
    InvalidRequest,

    /// <summary>400: the request is well formed but its data are not allowed.</summary>
    BadRequestData,

    /// <summary>409: the element to be created is there already.</summary>
    AlreadyExists,

    /// <summary>409: a registration would contradict what is there.</summary>
    Conflict,

    /// <summary>422: the operation is known and not supported here.</summary>
    OperationNotSupported,

    /// <summary>404: the element is not there.</summary>
    ResourceNotFound,

    /// <summary>403: the query is too complex to be answered.</summary>
    TooComplexQuery,

    /// <summary>403: the answer would be too large.</summary>
    TooManyResults,

    /// <summary>504: a remote @context could not be had.</summary>
    LdContextNotAvailable,

    /// <summary>501: tenants are not supported.</summary>
    NoMultiTenantSupport,

    /// <summary>404: the tenant is not known.</summary>
    NonexistentTenant,

    /// <summary>500.</summary>
    InternalError,
}

/// <summary>
/// Input that GS CIM 009 refuses. Thrown where it is found, at any depth of a parser, and turned into an RFC 9457
/// problem in one place at the edge (decision record 0003).
/// </summary>
public sealed class NgsiLdException : Exception
{
    /// <summary>Refuses the input.</summary>
    /// <param name="type">The error type.</param>
    /// <param name="detail">What is wrong and what to do, for the person who sent it.</param>
    /// <param name="member">The member at fault as a JSON Pointer or the name of the URL parameter, when there is one.</param>
    public NgsiLdException(NgsiLdErrorType type, string detail, string? member = null)
        : base(detail)
    {
        ErrorType = type;
        Member = member;
    }

    /// <summary>The error type.</summary>
    public NgsiLdErrorType ErrorType { get; }

    /// <summary>The member at fault: a JSON Pointer into the body, or the name of a URL parameter.</summary>
    public string? Member { get; }

    /// <summary>400 BadRequestData.</summary>
    public static NgsiLdException BadRequest(string detail, string? member = null) => new(NgsiLdErrorType.BadRequestData, detail, member);

    /// <summary>400 InvalidRequest.</summary>
    public static NgsiLdException Invalid(string detail, string? member = null) => new(NgsiLdErrorType.InvalidRequest, detail, member);

    /// <summary>404 ResourceNotFound.</summary>
    public static NgsiLdException NotFound(string detail) => new(NgsiLdErrorType.ResourceNotFound, detail);
}
