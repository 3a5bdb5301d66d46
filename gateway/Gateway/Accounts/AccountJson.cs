using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Twin.Gateway.Accounts;

/// <summary>An account as operators see it.</summary>
/// <param name="Id">Identifier; the subject of the account's tokens.</param>
/// <param name="Name">What the person types to sign in; lower case.</param>
/// <param name="Roles">Roles, of: administrator, operator, planner, provider, citizen, peer.</param>
/// <param name="Disabled">Cannot sign in, and its tokens are refused.</param>
/// <param name="Locked">Locked after failed sign-ins, for a while or until the password is reset.</param>
/// <param name="Created">When it was made.</param>
internal sealed record AccountView(string Id, string Name, string[] Roles, bool Disabled, bool Locked, DateTimeOffset Created);

/// <summary>A new account, with its password: shown here and never again.</summary>
internal sealed record NewAccountView(string Id, string Name, string[] Roles, bool Disabled, DateTimeOffset Created, string Password);

/// <summary>A page of accounts by name; <paramref name="Next"/> is the <c>after</c> of the page that follows, null on the last.</summary>
internal sealed record AccountPage(IReadOnlyList<AccountView> Items, string? Next);

/// <summary>A new account: its name and roles. The node makes the password.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AccountCreation([property: RegularExpression(AccountEndpoints.NamePattern)] string Name, string[] Roles);

/// <summary>What to change of an account; a member that is absent stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AccountChange(string[]? Roles = null, bool? Disabled = null);

/// <summary>A new password or secret: shown here and never again.</summary>
internal sealed record SecretView(string Secret);

/// <summary>A client as operators see it.</summary>
/// <param name="Id">Its client_id.</param>
/// <param name="Authentication">How it proves itself: <c>secret</c>, <c>private_key_jwt</c>, or <c>none</c> (PKCE alone).</param>
/// <param name="Roles">Roles of the tokens that it gets for itself.</param>
/// <param name="RedirectUris">Where people may be sent back to after they signed in.</param>
/// <param name="Disabled">Gets no tokens, and those that it has are refused.</param>
/// <param name="Created">When it was made.</param>
internal sealed record ClientView(string Id, string Authentication, string[] Roles, string[] RedirectUris, bool Disabled, DateTimeOffset Created);

/// <summary>A new client; <paramref name="Secret"/>, when it has one, is shown here and never again.</summary>
internal sealed record NewClientView(string Id, string Authentication, string[] Roles, string[] RedirectUris, bool Disabled, DateTimeOffset Created, string? Secret);

/// <summary>A page of clients by identifier; <paramref name="Next"/> is the <c>after</c> of the page that follows, null on the last.</summary>
internal sealed record ClientPage(IReadOnlyList<ClientView> Items, string? Next);

/// <summary>A new client.</summary>
/// <param name="Id">Its client_id.</param>
/// <param name="Authentication"><c>secret</c> (the node makes it), <c>private_key_jwt</c> (with <paramref name="Jwks"/>), or <c>none</c>.</param>
/// <param name="Roles">Roles of the tokens that it gets for itself; none for a client that acts for people only.</param>
/// <param name="RedirectUris">Where people may be sent back to; compared as they stand. None: the client acts for itself only.</param>
/// <param name="Jwks">Its public keys, RFC 7517, for <c>private_key_jwt</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClientCreation(
    [property: RegularExpression(ClientEndpoints.IdentifierPattern)] string Id, string Authentication, string[]? Roles = null, string[]? RedirectUris = null, JsonElement? Jwks = null);

/// <summary>What to change of a client; a member that is absent stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClientChange(string[]? Roles = null, string[]? RedirectUris = null, bool? Disabled = null, JsonElement? Jwks = null);

/// <summary>A rotation; with <paramref name="RevokePrevious"/> the older keys go, and every token that they signed is refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record KeyRotation(bool RevokePrevious = false);

/// <summary>The signing keys after a rotation, by identifier, newest first; the first signs.</summary>
internal sealed record KeysView(string Active, string[] Published);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16)]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(NewAccountView))]
[JsonSerializable(typeof(AccountPage))]
[JsonSerializable(typeof(AccountCreation))]
[JsonSerializable(typeof(AccountChange))]
[JsonSerializable(typeof(SecretView))]
[JsonSerializable(typeof(ClientView))]
[JsonSerializable(typeof(NewClientView))]
[JsonSerializable(typeof(ClientPage))]
[JsonSerializable(typeof(ClientCreation))]
[JsonSerializable(typeof(ClientChange))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(KeysView))]
internal sealed partial class AccountJson : JsonSerializerContext;
