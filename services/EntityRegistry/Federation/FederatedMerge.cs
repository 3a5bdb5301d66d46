using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;

namespace Twin.EntityRegistry.Federation;

/// <summary>
/// Makes one entity of what several sources say of it (GS CIM 009 4.3.6): what a source claims for itself only it says,
/// the rest is merged by <see cref="EntityMerge"/>.
/// </summary>
internal static class FederatedMerge
{
    /// <summary>Merges what is told of one entity.</summary>
    /// <param name="local">What we hold of it; null when nothing.</param>
    /// <param name="theirs">What the sources told, in the order of their registration; at least one.</param>
    public static EntityDocument Merge(EntityDocument? local, IReadOnlyList<SourceView> theirs)
    {
        HashSet<int> claimed = [.. theirs.Where(t => IsClaim(t.Source)).SelectMany(t => t.Entity.Attributes.Select(a => a.Name))];
        var views = new List<SourcedEntity>();
        if (local is not null)
        {
            views.Add(new SourcedEntity(Without(local, claimed)));
        }

        foreach ((ContextSourceRegistration source, EntityNode entity) in theirs)
        {
            EntityDocument view = EntityDocument.Pack(entity);
            views.Add(new SourcedEntity(IsClaim(source) ? view : Without(view, claimed), source.Mode == RegistrationMode.Auxiliary));
        }

        return EntityMerge.Merge(views);
    }

    /// <summary>What an exclusive or redirect source says of an attribute, nobody else may say.</summary>
    private static bool IsClaim(ContextSourceRegistration source) => source.Mode is RegistrationMode.Exclusive or RegistrationMode.Redirect;

    private static EntityDocument Without(EntityDocument view, HashSet<int> claimed) =>
        claimed.Count == 0 ? view : EntityOperations.DeleteAttributes(view, claimed.Contains, view.ModifiedAt).Next ?? view;
}
