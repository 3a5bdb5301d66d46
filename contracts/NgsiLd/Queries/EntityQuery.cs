using System.Collections.Frozen;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>One way to be selected (5.2.33): type and id, both.</summary>
/// <param name="Type">The type expression; null is any type.</param>
/// <param name="Id">The ids or the pattern; null is any id.</param>
public sealed record EntitySelector(TypeExpression? Type, IdFilter? Id)
{
    internal bool Matches(EntityDocument entity) => (Type is null || Type.Matches(entity.Types)) && (Id is null || Id.Matches(entity));
}

/// <summary>
/// Which entities are asked for (5.7.2), and which members of them. Immutable; made by <see cref="EntityQueryParser"/>.
/// All parts hold for a match; an absent part always holds.
/// </summary>
public sealed record EntityQuery
{
    /// <summary>The entity is selected by one of these; none is any entity.</summary>
    public IReadOnlyList<EntitySelector> Selectors { get; init; } = [];

    /// <summary>q (4.9).</summary>
    public QExpression? Q { get; init; }

    /// <summary>The geoquery (4.10).</summary>
    public GeoQuery? Geo { get; init; }

    /// <summary>scopeQ (4.19).</summary>
    public ScopeQuery? Scopes { get; init; }

    /// <summary>The members that are answered. With attrs, the entity has at least one of them.</summary>
    public Projection Projection { get; init; } = Projection.Everything;

    /// <summary>Linked entities that are answered too.</summary>
    public LinkedRetrieval Join { get; init; } = LinkedRetrieval.None;

    /// <summary>The languages that are wanted; null leaves languageMaps as they are.</summary>
    public LanguageFilter? Language { get; init; }

    /// <summary>The order that is asked for; null is the order of creation.</summary>
    public EntityOrder? Order { get; init; }

    /// <summary>csf: a q over the properties of registrations (5.10.2).</summary>
    public QExpression? ContextSourceFilter { get; init; }

    /// <summary>Whether only this node is asked (<c>local=true</c>, or <c>type=*</c>).</summary>
    public bool IsLocal { get; init; }

    /// <summary>
    /// Whether the parts of one entity may lie at several sources (splitEntities, 5.7.2): then no source can judge it alone, and the
    /// filters hold for the merged entity only.
    /// </summary>
    public bool SplitsEntities { get; init; }

    /// <summary>Whether an entity map is to be made of the matches (entityMap, 5.5.14).</summary>
    public bool WantsEntityMap { get; init; }

    /// <summary>How long the entity map is wanted (entityMapLifetime); null leaves it to the node.</summary>
    public TimeSpan? EntityMapLifetime { get; init; }

    /// <summary>
    /// The parts as they were given, under the names of the URL parameters of 6.4.3.2 and but for the selectors: what is sent on to
    /// other sources.
    /// </summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The ids to which every match belongs; null is any.</summary>
    public IReadOnlyCollection<string>? CandidateIds
    {
        get
        {
            if (Selectors.Count == 0 || Selectors.Any(s => s.Id?.Ids is null))
            {
                return null;
            }

            return Selectors.Count == 1 ? Selectors[0].Id!.Ids : [.. Selectors.SelectMany(s => s.Id!.Ids!).Distinct()];
        }
    }

    /// <summary>Types of which every match has one, as <c>Contexts.Terms</c> numbers; null is any.</summary>
    public IReadOnlyList<int>? CandidateTypes
    {
        get
        {
            var all = new HashSet<int>();
            foreach (EntitySelector selector in Selectors)
            {
                if (selector.Type?.CandidateTypes() is not { } types)
                {
                    return null;
                }

                all.UnionWith(types);
            }

            return Selectors.Count == 0 ? null : [.. all];
        }
    }

    /// <summary>Attributes of which every match has one, as <c>Contexts.Terms</c> numbers; null is any. Names unknown so far are left out.</summary>
    public IReadOnlyList<int>? CandidateAttributes
    {
        get
        {
            if (Q is { Conjuncts: { Count: > 0 } conjuncts })
            {
                return Known([conjuncts[0].Attribute]);
            }

            return Projection.Attributes is { } attributes ? Known(attributes) : Geo is null ? null : Known([Geo.Property]);
        }
    }

    /// <summary>Whether the entity is asked for and the caller may see it. Allocates nothing without links and lines.</summary>
    public bool Matches(EntityDocument entity, in EvaluationContext context)
    {
        if (context.Gone(entity.ExpiresAt) || !IsSelected(entity) || !context.Scope.TrySee(entity, out VisibleAttributes visible))
        {
            return false;
        }

        return (Scopes is null || Scopes.Matches(entity))
            && (Geo is null || (visible.Contains(Geo.Property.Id) && Geo.Matches(entity, context.Now)))
            && (Q is null || Q.Matches(entity, visible, in context))
            && (Projection.Attributes is null || HasOne(entity, visible, in context))
            && (Projection.IsEverything || Projection.LeavesSomething(entity, visible, in context));
    }

    private static List<int> Known(IReadOnlyList<TermName> names)
    {
        var known = new List<int>(names.Count);
        foreach (TermName name in names)
        {
            if (name.Id >= 0)
            {
                known.Add(name.Id);
            }
        }

        return known;
    }

    private bool IsSelected(EntityDocument entity)
    {
        if (Selectors.Count == 0)
        {
            return true;
        }

        for (int i = 0; i < Selectors.Count; i++)
        {
            if (Selectors[i].Matches(entity))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasOne(EntityDocument entity, VisibleAttributes visible, in EvaluationContext context)
    {
        foreach (AttributeView view in entity.Attributes)
        {
            if (Projection.Keeps(view.Name) && visible.Contains(view.Name) && !context.Gone(view.ExpiresAt))
            {
                return true;
            }
        }

        return false;
    }
}
