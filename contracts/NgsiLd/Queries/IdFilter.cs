using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Queries;

/// <summary>Selection by entity id: one of several, or a pattern that is found in it; ids come before a pattern (5.2.33).</summary>
public sealed class IdFilter
{
    private const int MaximumIds = 1000;
    private readonly FrozenSet<string>? _ids;
    private readonly Regex? _pattern;

    private IdFilter(FrozenSet<string>? ids, Regex? pattern)
    {
        _ids = ids;
        _pattern = pattern;
    }

    /// <summary>The ids; null when a pattern decides.</summary>
    public IReadOnlyCollection<string>? Ids => _ids;

    /// <summary>The pattern as it was given; null when ids decide.</summary>
    public string? Pattern => _pattern?.ToString();

    /// <summary>Makes the filter; null when there is nothing to select by.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: an id is no URI, the pattern no regular expression.</exception>
    public static IdFilter? Parse(IReadOnlyCollection<string>? ids, string? idPattern)
    {
        if (ids is null or { Count: 0 })
        {
            return string.IsNullOrEmpty(idPattern) ? null : new(null, Patterns.Parse(idPattern, "idPattern"));
        }

        if (ids.Count > MaximumIds)
        {
            throw QueryLimits.TooComplex($"{ids.Count} ids, at most {MaximumIds} are answered.", "id");
        }

        foreach (string id in ids)
        {
            if (!Uris.IsAbsolute(id))
            {
                throw NgsiLdException.BadRequest($"id '{id}' is not a URI (RFC 3986).", "id");
            }
        }

        if (!string.IsNullOrEmpty(idPattern))
        {
            // An unreadable pattern is refused even where the ids make it idle.
            _ = Patterns.Parse(idPattern, "idPattern");
        }

        return new(ids.ToFrozenSet(StringComparer.Ordinal), null);
    }

    /// <summary>Whether the id is selected.</summary>
    public bool Matches(string id) => _ids is not null ? _ids.Contains(id) : Patterns.IsMatch(_pattern!, id);

    /// <inheritdoc cref="Matches(string)"/>
    public bool Matches(EntityDocument entity) => Matches(entity.Id);
}
