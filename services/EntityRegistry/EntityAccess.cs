using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Twin.Hosting.Authentication;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry;

/// <summary>Turns what the gateway says of a caller into the scope that the evaluator applies (law 7).</summary>
internal sealed class EntityAccess(CallerAccessRules rules)
{
    private readonly ConditionalWeakTable<CallerAccess, AccessScope> _scopes = [];

    /// <summary>What the request's caller sees.</summary>
    public AccessScope Of(HttpContext http)
    {
        CallerAccess access = rules.For(http);
        return access.Everything ? AccessScope.Everything : _scopes.GetValue(access, static open => AccessScope.Of([.. Grants(open)]));
    }

    /// <summary>An entity is open by its type or by its scope.</summary>
    private static IEnumerable<AccessGrant> Grants(CallerAccess open)
    {
        if (open.OpenTypes.Count > 0)
        {
            yield return new AccessGrant { Types = [.. open.OpenTypes.Select(type => TermName.OfIri(JsonLdContext.Core.ExpandTerm(type)))] };
        }

        if (open.OpenScopes.Count > 0)
        {
            yield return new AccessGrant { Scopes = ScopeQuery.Parse(string.Join('|', open.OpenScopes.Select(scope => $"{scope}|{scope}/#"))) };
        }
    }
}
