using Twin.EntityRegistry.Index;
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
    /// <summary>One entity.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="local">What we hold of it; null when nothing.</param>
    /// <param name="answers">What the sources said.</param>
    /// <returns>Null when nobody has it.</returns>
    public static EntityDocument? One(string id, EntityDocument? local, IReadOnlyList<SourceAnswer> answers)
    {
        List<(ContextSourceRegistration Source, EntityNode Entity)> theirs =
            [.. answers.SelectMany(a => a.Entities.Where(e => e.Id == id).Select(e => (a.Source, e)))];
        return theirs.Count == 0 ? local : Merge(local, theirs);
    }

    /// <summary>Many entities: ours in their order, then what is new from each source.</summary>
    /// <param name="ours">Our matches.</param>
    /// <param name="answers">What the sources said.</param>
    /// <param name="index">Where we look up what else we hold of an entity that only a source returned.</param>
    public static List<EntityDocument> All(IReadOnlyList<EntityDocument> ours, IReadOnlyList<SourceAnswer> answers, ResidentIndex index)
    {
        var theirs = new Dictionary<string, List<(ContextSourceRegistration, EntityNode)>>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (SourceAnswer answer in answers)
        {
            foreach (EntityNode entity in answer.Entities)
            {
                if (!theirs.TryGetValue(entity.Id, out List<(ContextSourceRegistration, EntityNode)>? all))
                {
                    theirs[entity.Id] = all = [];
                    order.Add(entity.Id);
                }

                all.Add((answer.Source, entity));
            }
        }

        var union = new List<EntityDocument>(ours.Count + order.Count);
        foreach (EntityDocument entity in ours)
        {
            union.Add(theirs.Remove(entity.Id, out List<(ContextSourceRegistration, EntityNode)>? more) ? Merge(entity, more) : entity);
        }

        foreach (string id in order)
        {
            if (theirs.TryGetValue(id, out List<(ContextSourceRegistration, EntityNode)>? all))
            {
                union.Add(Merge(index.Find(id), all));
            }
        }

        return union;
    }

    private static EntityDocument Merge(EntityDocument? local, List<(ContextSourceRegistration Source, EntityNode Entity)> theirs)
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
