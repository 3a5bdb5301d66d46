namespace Twin.NgsiLd.Queries;

/// <summary>The members of an entity that are no attributes.</summary>
[Flags]
public enum EntityMembers : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>id</summary>
    Id = 1,

    /// <summary>type</summary>
    Type = 2,

    /// <summary>scope</summary>
    Scope = 4,

    /// <summary>createdAt</summary>
    CreatedAt = 8,

    /// <summary>modifiedAt</summary>
    ModifiedAt = 16,

    /// <summary>expiresAt</summary>
    ExpiresAt = 32,

    /// <summary>All of them.</summary>
    All = 63,
}

internal static class EntityMemberNames
{
    private static readonly string[] Names = ["id", "type", "scope", "createdAt", "modifiedAt", "expiresAt"];

    /// <summary>Their names on the wire, separated by commas.</summary>
    public static string Text(EntityMembers members) => string.Join(", ", Names.Where(name => members.HasFlag(Of(name))));

    public static EntityMembers Of(ReadOnlySpan<char> name) => name switch
    {
        "id" or "@id" => EntityMembers.Id,
        "type" or "@type" => EntityMembers.Type,
        "scope" => EntityMembers.Scope,
        "createdAt" => EntityMembers.CreatedAt,
        "modifiedAt" => EntityMembers.ModifiedAt,
        "expiresAt" => EntityMembers.ExpiresAt,
        _ => EntityMembers.None,
    };
}
