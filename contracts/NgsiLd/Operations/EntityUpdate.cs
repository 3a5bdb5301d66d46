using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Operations;

/// <summary>What a write did to an entity.</summary>
public sealed class EntityUpdate
{
    /// <summary>The entity's new state; null when nothing changed.</summary>
    public EntityDocument? Next { get; internal set; }

    /// <summary>Attributes (and scope) that were set, changed or removed, as <c>Contexts.Terms</c> ids, each once: <c>updated</c> of an UpdateResult (5.2.18).</summary>
    public List<int> Updated { get; } = [];

    /// <summary>Those of <see cref="Updated"/> that were not there before.</summary>
    public List<int> Added { get; } = [];

    /// <summary>Those of <see cref="Updated"/> of which an instance was removed.</summary>
    public List<int> Deleted { get; } = [];

    /// <summary>Attributes that were left as they are, and why: <c>notUpdated</c> of an UpdateResult (5.2.18).</summary>
    public List<NotUpdated> NotUpdated { get; } = [];

    internal void Note(int name, List<int> also)
    {
        Note(name);
        if (!also.Contains(name))
        {
            also.Add(name);
        }
    }

    internal void Note(int name)
    {
        if (!Updated.Contains(name))
        {
            Updated.Add(name);
        }
    }
}

/// <summary>An attribute that was left alone.</summary>
/// <param name="Name">The name as a <c>Contexts.Terms</c> id.</param>
/// <param name="Reason">Why, for the person who sent the request.</param>
public readonly record struct NotUpdated(int Name, string Reason);

/// <summary>URL parameters of Merge Entity (5.6.17).</summary>
/// <param name="ObservedAt">
/// The text of an observedAt (4.6.3) for attributes that have one and whose patch says none; null leaves them.
/// </param>
/// <param name="Language">The language tag (4.15) under which a plain string goes into a LanguageProperty; null is <c>@none</c>.</param>
public sealed record MergeOptions(string? ObservedAt = null, string? Language = null)
{
    /// <summary>No parameters.</summary>
    public static MergeOptions None { get; } = new();
}
