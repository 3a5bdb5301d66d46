namespace Twin.NgsiLd.Representations;

/// <summary>What a body is for, which says what it must and may hold.</summary>
public sealed record ParseOptions
{
    /// <summary>A whole entity, normalized or concise: id and type are asked for, nulls are refused (create, replace, upsert).</summary>
    public static ParseOptions Entity { get; } = new();

    /// <summary>Whole attributes of an entity that is there (append, update): id and type may be missing, nulls remove.</summary>
    public static ParseOptions Fragment { get; } = new() { IsFragment = true, AllowsNull = true };

    /// <summary>A patch (merge, partial update): attributes may lack type and value, nulls remove.</summary>
    public static ParseOptions Patch { get; } = new() { IsFragment = true, AllowsNull = true, AllowsPartial = true };

    /// <summary>A patch in simplified form (merge with <c>options=simplified</c> or <c>format=simplified</c>).</summary>
    public static ParseOptions SimplifiedPatch { get; } = new() { IsFragment = true, AllowsNull = true, AllowsPartial = true, IsSimplified = true };

    /// <summary>A whole entity whose attributes are plain values.</summary>
    public static ParseOptions Simplified { get; } = new() { IsSimplified = true };

    /// <summary>What <see cref="EntityRenderer"/> wrote to be stored: its own names, system attributes.</summary>
    public static ParseOptions Stored { get; } = new() { HasExpandedNames = true, TakesSystemAttributes = true };

    /// <summary>What another broker answered: normalized or concise, with system attributes when it gave them.</summary>
    public static ParseOptions Answer { get; } = new() { TakesSystemAttributes = true };

    /// <summary>
    /// A temporal evolution (5.2.20): attributes have instances by the dozen, the scope may have instances as well (4.5.6), and
    /// <c>urn:ngsi-ld:null</c> in the place of a value says that the attribute was deleted (4.5.7).
    /// </summary>
    public static ParseOptions Temporal { get; } = new() { AllowsNull = true, IsTemporal = true };

    /// <summary>Attributes of a temporal evolution that is there; id and type may be missing.</summary>
    public static ParseOptions TemporalFragment { get; } = new() { IsFragment = true, AllowsNull = true, IsTemporal = true };

    /// <summary>A temporal evolution that another broker answered, with system attributes and instance ids when it gave them; its type may not be known.</summary>
    public static ParseOptions Evolution { get; } = new() { IsFragment = true, AllowsNull = true, IsTemporal = true, TakesSystemAttributes = true };

    /// <summary>Whether attributes may have several instances of one datasetId, and the scope instances at all.</summary>
    public bool IsTemporal { get; init; }

    /// <summary>Whether id and type may be missing.</summary>
    public bool IsFragment { get; init; }

    /// <summary>Whether <c>urn:ngsi-ld:null</c> and, as in RFC 7396, JSON null may stand for removal.</summary>
    public bool AllowsNull { get; init; }

    /// <summary>Whether an attribute may lack its type and value.</summary>
    public bool AllowsPartial { get; init; }

    /// <summary>Whether attributes are plain values.</summary>
    public bool IsSimplified { get; init; }

    /// <summary>Whether names are those of the stored form: IRIs, or the rest after the default vocabulary behind a colon.</summary>
    public bool HasExpandedNames { get; init; }

    /// <summary>Whether createdAt and modifiedAt are taken; a client's are ignored.</summary>
    public bool TakesSystemAttributes { get; init; }
}
