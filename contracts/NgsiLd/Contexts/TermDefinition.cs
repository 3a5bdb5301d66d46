namespace Twin.NgsiLd.Contexts;

/// <summary>What a term definition's <c>@type</c> says of string values (JSON-LD 1.1, 4.2.3).</summary>
public enum TermCoercion : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c>@id</c>: an IRI, taken relative to the document.</summary>
    Id,

    /// <summary><c>@vocab</c>: a term, compact IRI or IRI.</summary>
    Vocab,

    /// <summary><c>@json</c>: opaque JSON.</summary>
    Json,

    /// <summary>A datatype's IRI.</summary>
    Datatype,
}

/// <summary>What a term definition's <c>@container</c> says (JSON-LD 1.1, 9.16).</summary>
[Flags]
public enum TermContainers : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>@list</c>: ordered.</summary>
    List = 1,

    /// <summary><c>@set</c>: always an array.</summary>
    Set = 2,

    /// <summary><c>@language</c>: keyed by language tag.</summary>
    Language = 4,

    /// <summary><c>@index</c>: keyed by anything.</summary>
    Index = 8,

    /// <summary><c>@id</c>, <c>@type</c> or <c>@graph</c>: forms that NGSI-LD has no use for.</summary>
    Other = 16,
}

/// <summary>One term of a compiled @context.</summary>
/// <param name="Iri">The IRI, or the keyword it is an alias of; null when the @context sets the term to null.</param>
/// <param name="Coercion">What <c>@type</c> says.</param>
/// <param name="Containers">What <c>@container</c> says.</param>
/// <param name="Datatype">The datatype's IRI when <paramref name="Coercion"/> is <see cref="TermCoercion.Datatype"/>.</param>
/// <param name="IsPrefix">Whether the term may stand before a colon.</param>
/// <param name="IsReverse">Whether the term is an <c>@reverse</c> property; such a term expands and is never compacted to.</param>
public sealed record TermDefinition(
    string? Iri,
    TermCoercion Coercion = TermCoercion.None,
    TermContainers Containers = TermContainers.None,
    string? Datatype = null,
    bool IsPrefix = false,
    bool IsReverse = false)
{
    /// <summary>Whether the term is another name of a keyword such as <c>@id</c>.</summary>
    public bool IsKeyword => Iri is { Length: > 0 } iri && iri[0] == '@';
}
