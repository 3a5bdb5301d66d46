using System.Collections.Frozen;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Registrations;

/// <summary>How a source's entities relate to ours (GS CIM 009 4.3.6).</summary>
internal enum RegistrationMode
{
    /// <summary>The source may hold the same entities as we do: ask everybody, merge.</summary>
    Inclusive,

    /// <summary>Only the source holds these attributes of this entity.</summary>
    Exclusive,

    /// <summary>Only sources hold these entities.</summary>
    Redirect,

    /// <summary>The source fills in what nobody else has said.</summary>
    Auxiliary,
}

/// <summary>Which entities a source holds: by type, and by id or pattern when they are given.</summary>
/// <param name="Types">Type ids in <c>Terms</c>.</param>
/// <param name="Id">One entity; null for any.</param>
/// <param name="IdPattern">A pattern over ids; null for any.</param>
internal sealed record EntityInfo(int[] Types, string? Id, Regex? IdPattern);

/// <summary>Which attributes of which entities a source holds; an empty list stands for all.</summary>
internal sealed record RegistrationInfo(EntityInfo[] Entities, int[] Attributes);

/// <summary>A source that holds entities of its own (GS CIM 009 5.2.9), as it is matched and asked.</summary>
internal sealed class ContextSourceRegistration
{
    /// <summary>The registration id, a URI.</summary>
    public required string Id { get; init; }

    /// <summary>Where the source's NGSI-LD API begins; <c>/ngsi-ld/v1</c> is appended.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>How its entities relate to ours.</summary>
    public required RegistrationMode Mode { get; init; }

    /// <summary>What it holds.</summary>
    public required RegistrationInfo[] Information { get; init; }

    /// <summary>The operations it may be asked for, groups resolved.</summary>
    public required FrozenSet<string> Operations { get; init; }

    /// <summary>The tenant at the source; null for its default.</summary>
    public string? Tenant { get; init; }

    /// <summary>The alias by which the source names itself in Via; null when unknown.</summary>
    public string? Alias { get; init; }

    /// <summary>When the registration ends, in microseconds since 1970 UTC; 0 is never.</summary>
    public long ExpiresAt { get; init; }

    /// <summary>The longest the source may take; null leaves it to the query's budget.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long a failed source is left alone; null leaves it to the settings.</summary>
    public TimeSpan? Cooldown { get; init; }

    /// <summary>Headers to be sent to the source. Their values may be secrets: they are stored, never logged nor answered to strangers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether the source is to be asked with <c>local=true</c>.</summary>
    public bool LocalOnly { get; init; }

    /// <summary>The registration as it was given, with names as IRIs.</summary>
    public required JsonObject Document { get; init; }

    /// <summary>What the registration says of the source, as csf, scopeQ and geoqueries see it.</summary>
    public required EntityDocument Properties { get; init; }

    /// <summary>How the source has answered so far.</summary>
    public Federation.SourceHealth Health { get; init; } = new();

    /// <summary>Whether the source tells of the past (observationInterval, managementInterval) and not of the current state (5.2.9).</summary>
    public bool IsTemporal { get; init; }

    /// <summary>Whether the source may hold some of what is asked for (5.12).</summary>
    public bool MayHold(in WantedInformation wanted)
    {
        if (wanted.SourceFilter?.Matches(Properties, new EvaluationContext(0, AccessScope.Everything)) == false)
        {
            return false;
        }

        foreach (RegistrationInfo info in Information)
        {
            if (HoldsAttribute(info, wanted) && HoldsEntity(info, wanted))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HoldsAttribute(RegistrationInfo info, in WantedInformation wanted) =>
        info.Attributes.Length == 0 || wanted.Attributes is null || info.Attributes.Any(wanted.Attributes.Contains);

    private static bool HoldsEntity(RegistrationInfo info, in WantedInformation wanted)
    {
        if (info.Entities.Length == 0)
        {
            return true;
        }

        foreach (EntityInfo entity in info.Entities)
        {
            if ((wanted.Types is null || entity.Types.Any(wanted.Types.Contains)) && HoldsId(entity, wanted))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where both sides give a pattern, nobody can tell: then it may.</summary>
    private static bool HoldsId(EntityInfo entity, in WantedInformation wanted)
    {
        if (wanted.Ids is { } ids)
        {
            return entity.Id is { } only ? ids.Contains(only) : entity.IdPattern is not { } pattern || ids.Any(id => Patterns.IsMatch(pattern, id));
        }

        return entity.Id is null || wanted.IdPattern is null || wanted.IdPattern.Matches(entity.Id);
    }
}
