using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;

namespace Twin.Gateway.Accounts;

/// <summary><c>/operations/clients</c>: which programs may ask for tokens.</summary>
internal sealed partial class ClientEndpoints(ClientStore clients, TokenCache tokens, TimeProvider time)
{
    public const string IdentifierPattern = "^[A-Za-z0-9._-]{1,64}$";
    public const int MostRedirects = 20;
    private const int MostKeys = 10;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<ClientEndpoints>();
        var group = routes.MapGroup("/operations/clients").WithTags("Clients").RequireAuthorization(TwinPolicies.Administer);
        group.MapGet("", OperatorInput.Refusing(endpoints.ListAsync)).Describe<ClientPage>("list-clients", "Lists clients by identifier", 200, 400).Paged();
        group.MapPost("", OperatorInput.Refusing(endpoints.CreateAsync)).Describe<NewClientView>("create-client", "Makes a client; its secret is shown once", 201, 400, 409, 413, 415).Takes<ClientCreation>();
        group.MapGet("/{id}", OperatorInput.Refusing(endpoints.RetrieveAsync)).Describe<ClientView>("retrieve-client", "Shows a client", 200, 404);
        group.MapPatch("/{id}", OperatorInput.Refusing(endpoints.ChangeAsync)).Describe<ClientView>("change-client", "Changes roles, addresses, keys; disables, enables", 200, 400, 404, 413, 415).Takes<ClientChange>();
        group.MapPost("/{id}/secret", OperatorInput.Refusing(endpoints.ResetAsync)).Describe<SecretView>("reset-secret", "Gives a client a new secret, shown once", 200, 404, 409);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var (after, limit) = OperatorInput.Page(context);
        var found = await clients.ListAsync(after, limit + 1, context.RequestAborted);
        var page = found.Take(limit).Select(View).ToList();
        return TypedResults.Json(new ClientPage(page, found.Count > limit ? page[^1].Id : null), AccountJson.Default.ClientPage);
    }

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        var asked = await OperatorInput.ReadAsync(context, AccountJson.Default.ClientCreation, context.RequestAborted);
        if (!Identifier.IsMatch(asked.Id) || asked.Id.EndsWith('\n'))
        {
            throw RefusedInput.Bad("An identifier has 1 to 64 ASCII letters, digits, dots, hyphens and underscores.", "$.id");
        }

        if (asked.Authentication is not ("secret" or "private_key_jwt" or "none"))
        {
            throw RefusedInput.Bad("How a client proves itself is secret, private_key_jwt or none.", "$.authentication");
        }

        if (asked.Jwks is null == (asked.Authentication == "private_key_jwt"))
        {
            throw RefusedInput.Bad("Public keys go with private_key_jwt, and only with it.", "$.jwks");
        }

        var roles = OperatorInput.Roles(asked.Roles ?? []);
        if (asked.Authentication == "none" && roles.Length > 0)
        {
            throw RefusedInput.Bad("A client that proves nothing gets no tokens for itself, and so has no roles.", "$.roles");
        }

        var secret = asked.Authentication == "secret" ? Passwords.Generate() : null;
        var client = new Client(
            asked.Id, secret is null ? null : Passwords.HashSecret(secret), KeySet(asked.Jwks), Redirects(asked.RedirectUris ?? []), roles, Disabled: false, time.GetUtcNow());
        if (!await clients.TryAddAsync(client, context.RequestAborted))
        {
            throw new RefusedInput(StatusCodes.Status409Conflict, "A client of this identifier is there already.", "$.id", type: ProblemTypes.AlreadyExists);
        }

        context.Response.Headers.Location = $"/operations/clients/{client.Id}";
        return TypedResults.Json(
            new NewClientView(client.Id, asked.Authentication, client.Roles, client.RedirectUris, client.Disabled, client.Created, secret),
            AccountJson.Default.NewClientView,
            statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> RetrieveAsync(HttpContext context) => TypedResults.Json(View(await FindAsync(context)), AccountJson.Default.ClientView);

    private async Task<IResult> ChangeAsync(HttpContext context)
    {
        var asked = await OperatorInput.ReadAsync(context, AccountJson.Default.ClientChange, context.RequestAborted);
        var client = await FindAsync(context);
        if (asked.Jwks is not null && client.KeySet is null)
        {
            throw RefusedInput.Bad("Public keys go with private_key_jwt, and only with it.", "$.jwks");
        }

        var changed = client with
        {
            RoleList = asked.Roles is null ? client.RoleList : OperatorInput.Roles(asked.Roles),
            RedirectUriList = asked.RedirectUris is null ? client.RedirectUriList : Redirects(asked.RedirectUris),
            KeySet = asked.Jwks is null ? client.KeySet : KeySet(asked.Jwks),
            Disabled = asked.Disabled ?? client.Disabled,
        };
        if (changed.IsPublic && changed.RoleList.Length > 0)
        {
            throw RefusedInput.Bad("A client that proves nothing gets no tokens for itself, and so has no roles.", "$.roles");
        }

        await clients.ReplaceAsync(changed, context.RequestAborted);
        tokens.Clear();
        return TypedResults.Json(View(changed), AccountJson.Default.ClientView);
    }

    private async Task<IResult> ResetAsync(HttpContext context)
    {
        var client = await FindAsync(context);
        if (client.SecretHash is null)
        {
            throw new RefusedInput(StatusCodes.Status409Conflict, "This client proves itself otherwise than by a secret.", type: ProblemTypes.NoSecret);
        }

        var secret = Passwords.Generate();
        await clients.ReplaceAsync(client with { SecretHash = Passwords.HashSecret(secret) }, context.RequestAborted);
        return TypedResults.Json(new SecretView(secret), AccountJson.Default.SecretView);
    }

    private async Task<Client> FindAsync(HttpContext context) =>
        (string)context.GetRouteValue("id")! is var id && Identifier.IsMatch(id) && await clients.FindAsync(id, context.RequestAborted) is { } client
            ? client
            : throw RefusedInput.NotFound("The client");

    private static string Redirects(string[] addresses)
    {
        if (addresses.Length > MostRedirects)
        {
            throw RefusedInput.Bad($"A client has at most {MostRedirects} addresses to come back to.", "$.redirectUris");
        }

        for (var i = 0; i < addresses.Length; i++)
        {
            var good = addresses[i] is { Length: <= 2000 } text && !text.Any(char.IsWhiteSpace) && !text.Any(char.IsControl)
                && Uri.TryCreate(text, UriKind.Absolute, out var address) && !text.Contains('#', StringComparison.Ordinal)
                && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
            if (!good)
            {
                throw RefusedInput.Bad("An address to come back to is https without fragment, or http on loopback.", $"$.redirectUris[{i}]");
            }
        }

        return string.Join('\n', addresses.Distinct(StringComparer.Ordinal));
    }

    private static string? KeySet(JsonElement? keys)
    {
        if (keys is not { } given)
        {
            return null;
        }

        try
        {
            var set = new JsonWebKeySet(given.GetRawText());
            if (set.Keys.Count is > 0 and <= MostKeys && set.Keys.All(static key => key is { Kty: "EC" or "RSA", HasPrivateKey: false }) && set.GetSigningKeys().Count == set.Keys.Count)
            {
                return given.GetRawText();
            }
        }
        catch (Exception malformed) when (malformed is ArgumentException or JsonException or SecurityTokenException or InvalidOperationException or FormatException)
        {
            // Said below, as for a set whose keys do not do.
        }

        throw RefusedInput.Bad($"Send a JSON Web Key Set (RFC 7517) of 1 to {MostKeys} public EC or RSA keys for signatures.", "$.jwks");
    }

    private static ClientView View(Client client) => new(
        client.Id,
        client.SecretHash is not null ? "secret" : client.KeySet is not null ? "private_key_jwt" : "none",
        client.Roles,
        client.RedirectUris,
        client.Disabled,
        client.Created);

    [GeneratedRegex(IdentifierPattern, RegexOptions.CultureInvariant)]
    private static partial Regex Identifier { get; }
}
