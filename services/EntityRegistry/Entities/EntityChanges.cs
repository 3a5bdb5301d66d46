using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Entities;

/// <summary>What every change of an entity that is there has in common.</summary>
internal static class EntityChanges
{
    /// <summary>The entity's newest state; an expired entity is not there any more.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound: there is none, or none of the types that the request selects.</exception>
    public static EntityDocument Require(WriteScope scope, string id, TypeExpression? type)
    {
        EntityDocument? current = Find(scope, id);
        return current is not null && type?.Matches(current.Types) != false
            ? current
            : throw NgsiLdException.NotFound($"There is no entity {id}{(type is null ? "" : " of the type asked for")}.");
    }

    /// <summary>The entity's newest state; null when there is none or it has expired.</summary>
    public static EntityDocument? Find(WriteScope scope, string id)
    {
        EntityDocument? current = scope.Find(id);
        return current is not null && (current.ExpiresAt == 0 || current.ExpiresAt > scope.Now) ? current : null;
    }

    /// <summary>Records the outcome of an operation, if it made a difference.</summary>
    public static void Put(WriteScope scope, EntityUpdate update)
    {
        if (update.Next is { } next)
        {
            scope.Put(next);
        }
    }
}
