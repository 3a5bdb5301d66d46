using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Authentication;

/// <summary>
/// The part of the twin that a caller sees. The registry applies it inside its evaluator, so that nothing hidden leaks
/// through a filter, a count or an order.
/// </summary>
public sealed class CallerAccess
{
    internal CallerAccess(bool everything, IReadOnlyList<string> openTypes, IReadOnlyList<string> openScopes)
    {
        Everything = everything;
        OpenTypes = openTypes;
        OpenScopes = openScopes;
    }

    /// <summary>The caller sees every entity; the two lists say nothing then.</summary>
    public bool Everything { get; }

    /// <summary>Types whose entities the caller sees, as full IRIs or as terms of the default @context.</summary>
    public IReadOnlyList<string> OpenTypes { get; }

    /// <summary>Scopes whose entities, and those of the scopes below, the caller sees.</summary>
    public IReadOnlyList<string> OpenScopes { get; }

    /// <summary>
    /// The access of the request's caller. One of two instances that live as long as the process: compare or cache by
    /// reference. A hot path takes <see cref="CallerAccessRules"/> once instead, which makes no request scope.
    /// </summary>
    public static CallerAccess For(HttpContext context) =>
        context.RequestServices.GetRequiredService<CallerAccessRules>().For(context);
}

/// <summary>Decides which <see cref="CallerAccess"/> a request has; a singleton, and free of allocation.</summary>
public sealed class CallerAccessRules
{
    private readonly bool open;
    private readonly CallerAccess everything = new(true, [], []);
    private readonly CallerAccess openData;

    /// <summary>Takes the settings as they are at start.</summary>
    public CallerAccessRules(IOptions<OpenDataOptions> options, IOptions<SignInOptions> signIn)
    {
        open = signIn.Value.Open;
        openData = new CallerAccess(false, options.Value.Types, options.Value.Scopes);
    }

    /// <summary>
    /// Everything in an open node, and for administrators, operators, planners, peers and the node's own services; the
    /// open data for anybody else.
    /// </summary>
    public CallerAccess For(HttpContext context) => open || SeesEverything(context.User) ? everything : openData;

    private static bool SeesEverything(ClaimsPrincipal user)
    {
        if (user.Identity is not { IsAuthenticated: true })
        {
            return false;
        }

        return user.IsInRole(TwinRoles.Administrator) || user.IsInRole(TwinRoles.Operator) || user.IsInRole(TwinRoles.Planner)
            || user.IsInRole(TwinRoles.Peer) || user.IsInRole(TwinRoles.Service);
    }
}
