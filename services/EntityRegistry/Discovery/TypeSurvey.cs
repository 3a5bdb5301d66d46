using Twin.EntityRegistry.Index;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Discovery;

/// <summary>
/// Which types and attributes the entities have that a caller may see, counted by looking at them: what is hidden from
/// the caller is not counted either. What other sources tell is added: an entity that several hold counts at each.
/// </summary>
internal sealed class TypeSurvey
{
    /// <summary>For each type, how many entities have it and which attributes they have.</summary>
    public Dictionary<int, TypeFacts> Types { get; } = [];

    /// <summary>For each attribute, how many entities have it, as which attribute types, and of which entity types they are.</summary>
    public Dictionary<int, AttributeFacts> Attributes { get; } = [];

    /// <summary>Surveys the entities at some ordinals.</summary>
    /// <param name="index">The tenant's entities.</param>
    /// <param name="among">The candidates.</param>
    /// <param name="access">What the caller sees.</param>
    /// <param name="now">The time in microseconds since 1970 UTC; what has expired is not there.</param>
    public static TypeSurvey Of(ResidentIndex index, Posting.View among, AccessScope access, long now)
    {
        var survey = new TypeSurvey();
        for (int i = 0; i < among.Count; i++)
        {
            if (index.At(among.Items[i]).Document is { } entity
                && (entity.ExpiresAt == 0 || entity.ExpiresAt > now)
                && access.TrySee(entity, out VisibleAttributes visible))
            {
                survey.Count(entity, visible, now);
            }
        }

        return survey;
    }

    /// <summary>Adds what a source told; null when it told nothing.</summary>
    public void Add(TypeSurvey? other)
    {
        foreach ((int type, TypeFacts told) in other?.Types ?? [])
        {
            TypeFacts facts = Type(type);
            facts.Entities += told.Entities;
            facts.Attributes.UnionWith(told.Attributes);
        }

        foreach ((int attribute, AttributeFacts told) in other?.Attributes ?? [])
        {
            AttributeFacts facts = Attribute(attribute);
            facts.Entities += told.Entities;
            facts.Kinds.UnionWith(told.Kinds);
            facts.Types.UnionWith(told.Types);
        }
    }

    /// <summary>What is known of a type, to be added to.</summary>
    public TypeFacts Type(int type) => Types.TryGetValue(type, out TypeFacts? known) ? known : Types[type] = new TypeFacts();

    /// <summary>What is known of an attribute, to be added to.</summary>
    public AttributeFacts Attribute(int attribute) => Attributes.TryGetValue(attribute, out AttributeFacts? known) ? known : Attributes[attribute] = new AttributeFacts();

    private void Count(EntityDocument entity, in VisibleAttributes visible, long now)
    {
        foreach (int type in entity.Types)
        {
            Type(type).Entities++;
        }

        int previous = -1;
        foreach (AttributeView attribute in entity.Attributes)
        {
            if (!visible.Contains(attribute.Name) || (attribute.ExpiresAt != 0 && attribute.ExpiresAt <= now))
            {
                continue;
            }

            AttributeFacts facts = Attribute(attribute.Name);
            facts.Kinds.Add(attribute.Kind);
            facts.Entities += attribute.Name == previous ? 0 : 1;
            previous = attribute.Name;
            foreach (int type in entity.Types)
            {
                facts.Types.Add(type);
                Types[type].Attributes.Add(attribute.Name);
            }
        }
    }

    /// <summary>What is known of an entity type.</summary>
    internal sealed class TypeFacts
    {
        /// <summary>How many entities have the type.</summary>
        public long Entities { get; set; }

        /// <summary>The attributes that they have.</summary>
        public SortedSet<int> Attributes { get; } = [];
    }

    /// <summary>What is known of an attribute.</summary>
    internal sealed class AttributeFacts
    {
        /// <summary>How many entities have the attribute.</summary>
        public long Entities { get; set; }

        /// <summary>The attribute types that it occurs as.</summary>
        public SortedSet<AttributeKind> Kinds { get; } = [];

        /// <summary>The entity types that have it.</summary>
        public SortedSet<int> Types { get; } = [];
    }
}
