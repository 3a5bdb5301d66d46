namespace Twin.EntityRegistry.Federation;

/// <summary>What one source is asked.</summary>
/// <param name="PathAndQuery">Below the source's <c>/ngsi-ld/v1</c>, with its leading slash.</param>
/// <param name="Body">A Query (GS CIM 009 5.2.23) as application/ld+json for a POST; null is a GET.</param>
/// <param name="MayBeRefused">Whether the request uses what not every source understands, so that a refusal is no failure.</param>
internal sealed record SourceRequest(string PathAndQuery, byte[]? Body = null, bool MayBeRefused = false);

/// <summary>What one source said.</summary>
/// <param name="Source">The registration it was asked under.</param>
/// <param name="Value">What it told; null when it has nothing or did not answer.</param>
/// <param name="Warning">An NGSILD-Warning (GS CIM 009 6.3.17) when the answer is missing or unusable; null when it is good.</param>
internal sealed record SourceAnswer<T>(Registrations.ContextSourceRegistration Source, T? Value, string? Warning)
    where T : class
{
    /// <summary>Whether it did not understand the request, which it was allowed not to.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether its Link header refers to a next page.</summary>
    public bool HasNext { get; init; }

    /// <summary>Its Content-Range, when it told a part (206).</summary>
    public string? ContentRange { get; init; }

    /// <summary>Whether it goes on after an entity, as this node does (<c>pageAfter</c>).</summary>
    public bool PagesByKey { get; init; }
}
