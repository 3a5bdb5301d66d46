using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.Problems;

namespace Twin.Hosting.OpenApi;

/// <summary>Adds to each operation what its metadata say and what the pipeline before it may answer.</summary>
internal static partial class OperationCompletion
{
    public const string Bearer = "bearer";

    /// <summary>What the pipeline before every endpoint may answer.</summary>
    private static readonly SharedAnswer[] OfEvery =
    [
        new(400, "BadRequest"), new(401, "SignInRequired"), new(414, "UriTooLong"), new(429, "TooManyRequests"),
        new(431, "HeadersTooLarge"), new(503, "ServiceUnavailable"),
    ];

    private static readonly SharedAnswer[] OfBodies = [new(408, "RequestTimeout"), new(413, "BodyTooLarge")];

    public static Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var document = context.Document!;
        var components = context.ApplicationServices.GetRequiredService<ComponentFiles>();
        AddParameters(operation, context.Description.RelativePath ?? "", metadata, components, document);
        if (metadata.OfType<DescribedBody>().ToList() is { Count: > 0 } bodies)
        {
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = Content(bodies.SelectMany(static body => body.MediaTypes.Select(type => (type, body.Schema))), document) };
        }

        var policy = metadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy;
        AddSecurity(operation, document, policy);
        AddAnswers(operation, metadata, policy, document);
        return Task.CompletedTask;
    }

    private static void AddAnswers(OpenApiOperation operation, IList<object> metadata, string? policy, OpenApiDocument document)
    {
        var answers = metadata.OfType<DescribedAnswer>().ToList();
        // Without metadata of its own kind the framework makes up a bare 200.
        var responses = operation.Responses = answers.Count > 0 ? [] : operation.Responses ?? [];
        foreach (var answer in answers)
        {
            // What comes before the endpoint may answer with that status too, in its own words.
            var content = answer.Content.Length > 0 && Array.Exists(OfEvery, shared => shared.Status == answer.Status) && !Array.Exists(answer.Content, static one => one.MediaType == ProblemWriter.MediaType)
                ? [.. answer.Content, (ProblemWriter.MediaType, "ProblemDetails")]
                : answer.Content;
            responses[Key(answer.Status)] = new OpenApiResponse
            {
                Description = answer.Description,
                Headers = answer.Headers.Length == 0 ? null : answer.Headers.ToDictionary(
                    static name => name, IOpenApiHeader (name) => new OpenApiHeaderReference(name.Replace("-", "", StringComparison.Ordinal), document), StringComparer.Ordinal),
                Content = content.Length == 0 ? null : Content(content, document),
            };
        }

        SharedAnswer[] limits = operation.RequestBody is null ? OfEvery : [.. OfEvery, .. OfBodies];
        SharedAnswer[] roles = policy is not null && TwinPolicies.Roles.ContainsKey(policy) ? [new(403, "Forbidden")] : [];
        foreach (var shared in metadata.OfType<SharedAnswer>().Concat(roles).Concat(limits))
        {
            responses.TryAdd(Key(shared.Status), new OpenApiResponseReference(shared.Component, document));
        }

        var ordered = responses.OrderBy(static response => response.Key, StringComparer.Ordinal).ToList();
        responses.Clear();
        foreach (var (status, response) in ordered)
        {
            responses[status] = response;
        }

        static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);
    }

    private static Dictionary<string, OpenApiMediaType> Content(IEnumerable<(string MediaType, string Schema)> content, OpenApiDocument document) =>
        content.ToDictionary(static one => one.MediaType, one => new OpenApiMediaType { Schema = new OpenApiSchemaReference(one.Schema, document) }, StringComparer.Ordinal);

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

    private static void AddParameters(OpenApiOperation operation, string path, IList<object> metadata, ComponentFiles components, OpenApiDocument document)
    {
        var parameters = operation.Parameters ??= [];
        foreach (var name in PathParameter.Matches(path).Select(static match => match.Groups[1].Value))
        {
            if (!parameters.Any(parameter => parameter.In == ParameterLocation.Path && parameter.Name == name))
            {
                parameters.Add(components.HasParameter("path." + name)
                    ? new OpenApiParameterReference("path." + name, document)
                    : new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            }
        }

        foreach (var name in metadata.OfType<DescribedParameters>().SelectMany(static declared => declared.Components))
        {
            parameters.Add(new OpenApiParameterReference(name, document));
        }

        foreach (var parameter in metadata.OfType<DescribedParameter>())
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
