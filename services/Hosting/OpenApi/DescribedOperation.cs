using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Twin.Hosting.OpenApi;

/// <summary>Parameters of an operation by the names of their components. A path parameter <c>id</c> finds <c>path.id</c> by itself.</summary>
/// <param name="Components">The names.</param>
public sealed record DescribedParameters(params string[] Components);

/// <summary>The body that an operation reads; one for each of its schemas.</summary>
/// <param name="Schema">The name of its schema.</param>
/// <param name="MediaTypes">The media types that are taken.</param>
public sealed record DescribedBody(string Schema, params string[] MediaTypes);

/// <summary>An answer of an operation.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Description">When it is given.</param>
/// <param name="Headers">Its headers; the component of each is the name without hyphens.</param>
public sealed record DescribedAnswer(int Status, string Description, params string[] Headers)
{
    /// <summary>For each media type the name of the schema; none is an answer without a body.</summary>
    public (string MediaType, string Schema)[] Content { get; init; } = [];
}

/// <summary>An answer that several operations give, by the name of its component.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Component">The name.</param>
public sealed record SharedAnswer(int Status, string Component);

/// <summary>Describes endpoints by the components of a service's JSON file (<see cref="TwinOpenApi.AddOpenApiComponents"/>).</summary>
public static class DescribedOperation
{
    /// <summary>Names an operation that is mapped as a <c>RequestDelegate</c>, and brings it into the document.</summary>
    public static TBuilder Operation<TBuilder>(this TBuilder endpoint, string name, string summary)
        where TBuilder : IEndpointConventionBuilder => endpoint.Described().WithName(name).WithSummary(summary);

    /// <summary>Declares an answer with one kind of body, or none.</summary>
    public static TBuilder Gives<TBuilder>(this TBuilder endpoint, int status, string description, string? schema = null, string mediaType = "application/json", params string[] headers)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new DescribedAnswer(status, description, headers) { Content = schema is null ? [] : [(mediaType, schema)] });

    /// <summary>Declares an answer among the components.</summary>
    public static TBuilder Shares<TBuilder>(this TBuilder endpoint, int status, string component)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new SharedAnswer(status, component));
}
