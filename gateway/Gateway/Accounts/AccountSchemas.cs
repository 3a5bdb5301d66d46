using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Twin.Hosting.Authentication;

namespace Twin.Gateway.Accounts;

/// <summary>What the types cannot say about accounts and clients in the OpenAPI document: the closed lists.</summary>
internal static class AccountSchemas
{
    public static Task NarrowAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (context.JsonPropertyInfo is not { } property || property.DeclaringType.Namespace != typeof(AccountSchemas).Namespace)
        {
            return Task.CompletedTask;
        }

        switch (property.Name)
        {
            case "roles" when schema.Items is OpenApiSchema items:
                items.Enum = [.. TwinRoles.Assignable.Select(static role => (JsonNode)role)];
                schema.UniqueItems = true;
                break;
            case "authentication":
                schema.Enum = ["secret", "private_key_jwt", "none"];
                break;
            case "redirectUris" when schema.Items is OpenApiSchema items:
                items.Format = "uri";
                schema.MaxItems = ClientEndpoints.MostRedirects;
                break;
        }

        return Task.CompletedTask;
    }
}
