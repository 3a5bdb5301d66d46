using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;

namespace Twin.Gateway.Accounts;

/// <summary><c>/operations/keys</c>: the keys that sign the node's tokens.</summary>
internal sealed class KeyEndpoints(SigningKeys keys, TokenCache tokens)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<KeyEndpoints>();
        var group = routes.MapGroup("/operations/keys").WithTags("Keys").RequireAuthorization(TwinPolicies.Administer);
        group.MapGet("", (HttpContext context) => endpoints.List()).Describe<KeysView>("list-keys", "Lists the signing keys, newest first", 200);
        group.MapPost("/rotation", OperatorInput.Refusing(endpoints.RotateAsync)).Describe<KeysView>("rotate-keys", "Signs with a new key from now on", 200, 400, 413, 415).Takes<KeyRotation>();
    }

    private async Task<IResult> RotateAsync(HttpContext context)
    {
        var asked = await OperatorInput.ReadAsync(context, AccountJson.Default.KeyRotation, context.RequestAborted);
        keys.Rotate(asked.RevokePrevious);
        tokens.Clear();
        return List();
    }

    private JsonHttpResult<KeysView> List()
    {
        var published = keys.Published();
        return TypedResults.Json(new KeysView(published[0].Id, [.. published.Select(static key => key.Id)]), AccountJson.Default.KeysView);
    }
}
