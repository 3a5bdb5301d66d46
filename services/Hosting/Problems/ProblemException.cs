namespace Twin.Hosting.Problems;

/// <summary>
/// A request that is refused, outside NGSI-LD (whose errors are <c>NgsiLdException</c>). Thrown where the fault is found;
/// leaves an HTTP endpoint as a problem (RFC 9457), a gRPC service as the status that <see cref="GrpcProblems"/> turns
/// back into the same problem at the edge.
/// </summary>
/// <param name="status">The HTTP status.</param>
/// <param name="name">The last segment of the type, in kebab case and stable, e.g. <c>dead-letter-not-found</c>.</param>
/// <param name="title">What is wrong, the same for each occurrence.</param>
/// <param name="detail">What is wrong here, and what to do.</param>
public sealed class ProblemException(int status, string name, string title, string detail) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The last segment of the type.</summary>
    public string Name { get; } = name;

    /// <summary>The title.</summary>
    public string Title { get; } = title;

    /// <summary>The member of the request at fault, if it is one.</summary>
    public string? Member { get; init; }

    /// <summary>When another attempt makes sense.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
