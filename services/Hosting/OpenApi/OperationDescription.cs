using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Twin.Hosting.OpenApi;

/// <summary>A parameter that a handler reads by itself, for the OpenAPI document.</summary>
/// <param name="Name">Its name in the query or among the headers.</param>
/// <param name="Description">What it does.</param>
/// <param name="Type">The JSON Schema type: string, integer, number, boolean.</param>
/// <param name="InHeader">A header instead of a query parameter.</param>
/// <param name="Minimum">The least value of a number.</param>
/// <param name="Maximum">The greatest value of a number, or the most characters of a string.</param>
public sealed record DescribedParameter(
    string Name, string Description, string Type = "string", bool InHeader = false, int? Minimum = null, int? Maximum = null);

/// <summary>Says of an endpoint what the OpenAPI document needs: every status that it answers is declared here.</summary>
public static class OperationDescription
{
    /// <summary>Names the operation, and declares its answers: the first status carries <typeparamref name="T"/>, the others problems.</summary>
    public static RouteHandlerBuilder Describe<T>(this RouteHandlerBuilder endpoint, string name, string summary, int success, params int[] problems)
    {
        endpoint.WithName(name).WithSummary(summary).Produces<T>(success, "application/json");
        foreach (var status in problems)
        {
            endpoint.ProducesProblem(status);
        }

        return endpoint;
    }

    /// <summary>
    /// Brings endpoints that are mapped as a <see cref="RequestDelegate"/> into the document, which else knows only those
    /// whose handler has a signature to read. What they take and answer they declare by metadata.
    /// </summary>
    public static TBuilder Described<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(static endpoint =>
        {
            if (!endpoint.Metadata.OfType<MethodInfo>().Any())
            {
                endpoint.Metadata.Add(((Delegate)Unread).Method);
            }
        });
        return endpoints;

        static Task Unread(HttpContext context) => Task.CompletedTask;
    }

    /// <summary>Declares an answer of an endpoint: a body of this media type and .NET type, or none.</summary>
    public static TBuilder Answers<TBuilder>(this TBuilder endpoint, int status, Type? body = null, params string[] mediaTypes)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, body ?? typeof(void), mediaTypes.Length == 0 ? null : mediaTypes));

    /// <summary>Declares the JSON body that the handler reads.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint.Accepts<T>("application/json");

    /// <summary>Declares a parameter that the handler reads.</summary>
    public static TBuilder WithParameter<TBuilder>(this TBuilder endpoint, DescribedParameter parameter)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(parameter);

    /// <summary>Declares <c>after</c> and <c>limit</c> (1 to 100).</summary>
    public static RouteHandlerBuilder Paged(this RouteHandlerBuilder endpoint) => endpoint
        .WithParameter(new DescribedParameter("after", "What the page before gave as next.", Maximum: 256))
        .WithParameter(new DescribedParameter("limit", "The most items of the page; 20 when not given.", "integer", Minimum: 1, Maximum: 100));
}
