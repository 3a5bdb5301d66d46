using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>Names of the core @context that have rules of their own, as <see cref="Terms"/> ids.</summary>
public static class CoreTerms
{
    /// <summary>location (4.7).</summary>
    public static readonly int Location = Terms.Intern("https://uri.etsi.org/ngsi-ld/location");

    /// <summary>observationSpace (4.7).</summary>
    public static readonly int ObservationSpace = Terms.Intern("https://uri.etsi.org/ngsi-ld/observationSpace");

    /// <summary>operationSpace (4.7).</summary>
    public static readonly int OperationSpace = Terms.Intern("https://uri.etsi.org/ngsi-ld/operationSpace");

    /// <summary>scope (4.18), which is no attribute but can be updated and deleted like one.</summary>
    public static readonly int Scope = Terms.Intern("https://uri.etsi.org/ngsi-ld/scope");

    /// <summary>ngsildproof (annex C.11), the one Property that may have sealed members.</summary>
    public static readonly int Proof = JsonLdContext.Core.Expand("ngsildproof");

    /// <summary>Whether the attribute may only be a GeoProperty (4.7.1).</summary>
    internal static bool IsGeometry(int name) => name == Location || name == ObservationSpace || name == OperationSpace;
}
