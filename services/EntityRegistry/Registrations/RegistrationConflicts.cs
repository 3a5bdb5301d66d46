using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Registrations;

/// <summary>
/// GS CIM 009 5.9.2.4: what an exclusive or redirect registration claims must be held neither here nor by another such
/// registration; inclusive and auxiliary ones conflict with nothing.
/// </summary>
internal static class RegistrationConflicts
{
    /// <summary>Refuses a registration that conflicts.</summary>
    /// <exception cref="NgsiLdException">Conflict, naming the other registration or the entity.</exception>
    public static void Refuse(ContextSourceRegistration added, IReadOnlyCollection<ContextSourceRegistration> others, Tenant tenant, long now)
    {
        if (added.Mode is RegistrationMode.Inclusive or RegistrationMode.Auxiliary)
        {
            return;
        }

        foreach (ContextSourceRegistration other in others)
        {
            if (other.Mode is RegistrationMode.Exclusive or RegistrationMode.Redirect
                && !RegistrationDirectory.Expired(other, now)
                && (added.Mode == RegistrationMode.Exclusive || other.Mode == RegistrationMode.Exclusive)
                && Overlap(added, other))
            {
                throw new NgsiLdException(NgsiLdErrorType.Conflict, $"The registration {other.Id} claims some of this already.", "/information");
            }
        }

        foreach (RegistrationInfo info in added.Information)
        {
            foreach (EntityInfo entity in info.Entities)
            {
                if (HeldHere(entity, info.Attributes, tenant.Index) is { } id)
                {
                    throw new NgsiLdException(NgsiLdErrorType.Conflict, $"The entity {id} is held here; what is redirected must not be.", "/information");
                }
            }
        }
    }

    private static bool Overlap(ContextSourceRegistration a, ContextSourceRegistration b) =>
        a.Information.Any(x => b.Information.Any(y =>
            (x.Attributes.Length == 0 || y.Attributes.Length == 0 || x.Attributes.Intersect(y.Attributes).Any())
            && (x.Entities.Length == 0 || y.Entities.Length == 0 || x.Entities.Any(e => y.Entities.Any(f => Overlap(e, f))))));

    private static bool Overlap(EntityInfo a, EntityInfo b) =>
        a.Types.Intersect(b.Types).Any() && (a.Id, b.Id) switch
        {
            (not null, not null) => a.Id == b.Id,
            (not null, null) => (b.IdPattern is null || Patterns.IsMatch(b.IdPattern, a.Id!)),
            (null, not null) => (a.IdPattern is null || Patterns.IsMatch(a.IdPattern, b.Id!)),
            (null, null) => true,
        };

    private static string? HeldHere(EntityInfo claimed, int[] attributes, ResidentIndex index)
    {
        if (claimed.Id is not null)
        {
            return index.Find(claimed.Id) is { } entity && Holds(entity, claimed, attributes) ? entity.Id : null;
        }

        foreach (int type in claimed.Types)
        {
            Posting.View ofType = index.OfType(type);
            for (int i = 0; i < ofType.Count; i++)
            {
                if (index.At(ofType.Items[i]).Document is { } entity
                    && (claimed.IdPattern is null || Patterns.IsMatch(claimed.IdPattern, entity.Id))
                    && Holds(entity, claimed, attributes))
                {
                    return entity.Id;
                }
            }
        }

        return null;
    }

    private static bool Holds(EntityDocument entity, EntityInfo claimed, int[] attributes) =>
        entity.Types.ContainsAny(claimed.Types) && (attributes.Length == 0 || attributes.Any(a => entity.TryFind(a, out _)));
}
