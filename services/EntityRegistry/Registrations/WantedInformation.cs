using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Registrations;

/// <summary>What a request asks for, as it is matched against what sources say they hold (GS CIM 009 5.12). A null part is any.</summary>
/// <param name="Ids">Entity ids, of which the source may hold one.</param>
/// <param name="IdPattern">A pattern that is found in the id; ids come before it.</param>
/// <param name="Types">Types in <c>Terms</c>, of which the source may hold one.</param>
/// <param name="Attributes">Attributes in <c>Terms</c>, of which the source may hold one.</param>
/// <param name="SourceFilter">What the registration must say of its source (csf).</param>
internal readonly record struct WantedInformation(
    IReadOnlyCollection<string>? Ids = null,
    IdFilter? IdPattern = null,
    IReadOnlyCollection<int>? Types = null,
    IReadOnlyCollection<int>? Attributes = null,
    QExpression? SourceFilter = null)
{
    /// <summary>What a query asks for.</summary>
    public static WantedInformation Of(EntityQuery query) => new(
        query.CandidateIds,
        query.Selectors is [{ Id: { Ids: null } pattern }] ? pattern : null,
        query.CandidateTypes,
        query.Projection.Attributes is { } names ? [.. names.Select(name => name.Id).Where(id => id >= 0)] : null,
        query.ContextSourceFilter);
}
