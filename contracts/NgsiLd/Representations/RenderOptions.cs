using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>The forms in which entities are answered (GS CIM 009 V1.9.1, 4.5).</summary>
public enum EntityForm : byte
{
    /// <summary>Every attribute with its type and members (4.5.2.2).</summary>
    Normalized,
}

/// <summary>How entities are written. Made once per request, shared by all its entities.</summary>
public sealed record RenderOptions
{
    /// <summary>What compacts names.</summary>
    public required JsonLdContext Context { get; init; }

    /// <summary>The form.</summary>
    public EntityForm Form { get; init; }

    /// <summary>Whether createdAt and modifiedAt are written (<c>options=sysAttrs</c>, 4.8).</summary>
    public bool SystemAttributes { get; init; }

    /// <summary>
    /// Whether each entity ends with its <c>@context</c> (application/ld+json); in an application/json answer it is in the
    /// Link header instead.
    /// </summary>
    public bool IncludesContext { get; init; }
}
