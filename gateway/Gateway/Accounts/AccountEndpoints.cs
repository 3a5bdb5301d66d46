using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;

namespace Twin.Gateway.Accounts;

/// <summary><c>/operations/accounts</c>: who may sign in.</summary>
internal sealed partial class AccountEndpoints(AccountStore accounts, Passwords passwords, TokenCache tokens, TimeProvider time)
{
    public const string NamePattern = "^[A-Za-z0-9._@-]{1,64}$";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<AccountEndpoints>();
        var group = routes.MapGroup("/operations/accounts").WithTags("Accounts").RequireAuthorization(TwinPolicies.Administer);
        group.MapGet("", OperatorInput.Refusing(endpoints.ListAsync)).Describe<AccountPage>("list-accounts", "Lists accounts by name", 200, 400).Paged();
        group.MapPost("", OperatorInput.Refusing(endpoints.CreateAsync)).Describe<NewAccountView>("create-account", "Makes an account; its password is shown once", 201, 400, 409, 413, 415).Takes<AccountCreation>();
        group.MapGet("/{id}", OperatorInput.Refusing(endpoints.RetrieveAsync)).Describe<AccountView>("retrieve-account", "Shows an account", 200, 404);
        group.MapPatch("/{id}", OperatorInput.Refusing(endpoints.ChangeAsync)).Describe<AccountView>("change-account", "Changes roles, disables, enables", 200, 400, 404, 409, 413, 415).Takes<AccountChange>();
        group.MapPost("/{id}/password", OperatorInput.Refusing(endpoints.ResetAsync)).Describe<SecretView>("reset-password", "Gives an account a new password, shown once, and lifts a lock", 200, 404);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var (after, limit) = OperatorInput.Page(context);
        var found = await accounts.ListAsync(after, limit + 1, context.RequestAborted);
        var page = found.Take(limit).Select(View).ToList();
        return TypedResults.Json(new AccountPage(page, found.Count > limit ? page[^1].Name : null), AccountJson.Default.AccountPage);
    }

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        var asked = await OperatorInput.ReadAsync(context, AccountJson.Default.AccountCreation, context.RequestAborted);
        var roles = OperatorInput.Roles(asked.Roles);
        if (!Name.IsMatch(asked.Name) || asked.Name.EndsWith('\n'))
        {
            throw RefusedInput.Bad("A name has 1 to 64 ASCII letters, digits, dots, hyphens, underscores and at signs.", "$.name");
        }

        var password = Passwords.Generate();
        var now = time.GetUtcNow();
        var account = new Account(
            Guid.CreateVersion7(now).ToString(), Account.NormalName(asked.Name), passwords.Hash(password), roles, Disabled: false, Failures: 0, DateTimeOffset.UnixEpoch, now);
        if (!await accounts.TryAddAsync(account, context.RequestAborted))
        {
            throw new RefusedInput(StatusCodes.Status409Conflict, "An account of this name is there already.", "$.name", type: ProblemTypes.AlreadyExists);
        }

        context.Response.Headers.Location = $"/operations/accounts/{account.Id}";
        return TypedResults.Json(
            new NewAccountView(account.Id, account.Name, account.Roles, account.Disabled, account.Created, password), AccountJson.Default.NewAccountView, statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> RetrieveAsync(HttpContext context) => TypedResults.Json(View(await FindAsync(context)), AccountJson.Default.AccountView);

    private async Task<IResult> ChangeAsync(HttpContext context)
    {
        var asked = await OperatorInput.ReadAsync(context, AccountJson.Default.AccountChange, context.RequestAborted);
        var roles = asked.Roles is null ? null : OperatorInput.Roles(asked.Roles);
        var account = await FindAsync(context);
        if (!await accounts.TryChangeAsync(account.Id, roles, asked.Disabled, context.RequestAborted))
        {
            throw new RefusedInput(StatusCodes.Status409Conflict, "This is the last enabled administrator; make another first.", type: ProblemTypes.LastAdministrator);
        }

        tokens.Forget(account.Id);
        return TypedResults.Json(View(await FindAsync(context)), AccountJson.Default.AccountView);
    }

    private async Task<IResult> ResetAsync(HttpContext context)
    {
        var account = await FindAsync(context);
        var password = Passwords.Generate();
        await accounts.SetPasswordAsync(account.Id, passwords.Hash(password), context.RequestAborted);
        return TypedResults.Json(new SecretView(password), AccountJson.Default.SecretView);
    }

    private async Task<Account> FindAsync(HttpContext context) =>
        Guid.TryParseExact((string)context.GetRouteValue("id")!, "D", out var id) && await accounts.FindAsync(id.ToString(), context.RequestAborted) is { } account
            ? account
            : throw RefusedInput.NotFound("The account");

    private AccountView View(Account account) => new(
        account.Id, account.Name, account.Roles, account.Disabled, account.LockedUntil > time.GetUtcNow(), account.Created);

    [GeneratedRegex(NamePattern, RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
