using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.NgsiLd.Representations;

/// <summary>The forms in which entities are answered (GS CIM 009 V1.9.1, 4.5).</summary>
public enum EntityForm : byte
{
    /// <summary>Every attribute with its type and members (4.5.2.2).</summary>
    Normalized,

    /// <summary>Types left out, and values alone where nothing hangs on them (4.5.2.3).</summary>
    Concise,

    /// <summary>Values alone (4.5.4), also known as keyValues.</summary>
    Simplified,
}

/// <summary>How entities are written. Made once per request, shared by all its entities.</summary>
public sealed record RenderOptions
{
    /// <summary>What compacts names.</summary>
    public required JsonLdContext Context { get; init; }

    /// <summary>The form.</summary>
    public EntityForm Form { get; init; }

    /// <summary>Whether createdAt, modifiedAt and expiresAt are written (<c>options=sysAttrs</c>, 4.8).</summary>
    public bool SystemAttributes { get; init; }

    /// <summary>
    /// Whether each entity ends with its <c>@context</c> (application/ld+json), or a GeoJSON answer with one; in an
    /// application/json answer it is in the Link header instead.
    /// </summary>
    public bool IncludesContext { get; init; }

    /// <summary>Which members and instances are written (pick, omit, attrs, 4.21; datasetId, 4.5.5).</summary>
    public Projection Projection { get; init; } = Projection.Everything;

    /// <summary>In which languages LanguageProperties are answered as plain Properties (lang, 4.15); null leaves them.</summary>
    public LanguageFilter? Language { get; init; }

    /// <summary>Whether the answer is GeoJSON: a Feature or a FeatureCollection (4.5.16, 4.5.17).</summary>
    public bool IsGeoJson { get; init; }

    /// <summary>The attribute that becomes a Feature's geometry, as a <see cref="Terms"/> id (geometryProperty).</summary>
    public int GeometryProperty { get; init; } = CoreTerms.Location;

    /// <summary>The newest version that the caller understands, its minor number (<c>Prefer: ngsi-ld=1.5</c> is 5); 0 is this one (4.3.6.8).</summary>
    public int PreferredMinor { get; init; }

    /// <summary>Where linked entities are found by id (<c>join=inline</c>, 4.5.23); null joins nothing.</summary>
    public Func<string, EntityDocument?>? Linked { get; init; }

    /// <summary>How many levels of linked entities are written (joinLevel).</summary>
    public int JoinLevel { get; init; }

    /// <summary>Whether nothing but <see cref="Context"/> and the system attributes decides, so that slices are copied as they are.</summary>
    internal bool IsPlain => Form == EntityForm.Normalized && Projection.IsEverything && Language is null && PreferredMinor == 0 && Linked is null;
}
