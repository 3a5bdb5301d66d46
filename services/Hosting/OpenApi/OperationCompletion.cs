using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Twin.Hosting.Authentication;

namespace Twin.Hosting.OpenApi;

/// <summary>Adds to each operation what its metadata say and what the pipeline before it may answer.</summary>
internal static partial class OperationCompletion
{
    public const string Bearer = "bearer";
    private const string Problem = "ProblemDetails";

    public static async Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        AddParameters(operation, context.Description.RelativePath ?? "", metadata.OfType<DescribedParameter>());

        var document = context.Document!;
        document.AddComponent(Problem, await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), null, cancellation));
        var policy = metadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy;
        AddSecurity(operation, document, policy);

        operation.Responses ??= [];
        AddProblem("400", "The request is not in order");
        AddProblem("401", "No token where one is needed, or one that does not hold");
        if (policy is not null && TwinPolicies.Roles.ContainsKey(policy))
        {
            AddProblem("403", "None of the caller's roles allows this");
        }

        AddProblem("429", "The caller's quota is used up; see Retry-After");
        AddProblem("503", "Something that the answer needs is not there now; see Retry-After");

        void AddProblem(string status, string description)
        {
            if (!operation.Responses.ContainsKey(status))
            {
                operation.Responses[status] = new OpenApiResponse
                {
                    Description = description,
                    Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                    {
                        ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(Problem, document) },
                    },
                };
            }
        }
    }

    /// <summary>Who needs a token: nobody, whoever wants to see more, or everybody.</summary>
    private static void AddSecurity(OpenApiOperation operation, OpenApiDocument document, string? policy)
    {
        if (policy == TwinPolicies.Anyone)
        {
            return;
        }

        operation.Security = policy == TwinPolicies.ReadEntities ? [[]] : [];
        operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] });
    }

    private static void AddParameters(OpenApiOperation operation, string path, IEnumerable<DescribedParameter> described)
    {
        var parameters = operation.Parameters ??= [];
        foreach (var name in PathParameter.Matches(path).Select(static match => match.Groups[1].Value))
        {
            if (!parameters.Any(parameter => parameter.In == ParameterLocation.Path && parameter.Name == name))
            {
                parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            }
        }

        foreach (var parameter in described)
        {
            var isText = parameter.Type == "string";
            parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.InHeader ? ParameterLocation.Header : ParameterLocation.Query,
                Description = parameter.Description,
                Schema = new OpenApiSchema
                {
                    Type = parameter.Type switch
                    {
                        "integer" => JsonSchemaType.Integer,
                        "number" => JsonSchemaType.Number,
                        "boolean" => JsonSchemaType.Boolean,
                        _ => JsonSchemaType.String,
                    },
                    MaxLength = isText ? parameter.Maximum : null,
                    Minimum = isText ? null : parameter.Minimum?.ToString(CultureInfo.InvariantCulture),
                    Maximum = isText ? null : parameter.Maximum?.ToString(CultureInfo.InvariantCulture),
                },
            });
        }
    }

    [GeneratedRegex(@"\{\*{0,2}([^}:?=]+)")]
    private static partial Regex PathParameter { get; }
}
