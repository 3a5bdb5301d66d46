using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Queries;

/// <summary>How linked entities are answered (4.5.23).</summary>
public enum JoinKind : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Beside the entities that link to them.</summary>
    Flat,

    /// <summary>Within the relationships that link to them.</summary>
    Inline,
}

/// <summary>Whether and how far linked entities are answered too.</summary>
/// <param name="Kind">join.</param>
/// <param name="Level">joinLevel: how many relationships are followed, at least 1.</param>
/// <param name="ContainedBy">containedBy: entities that are not joined again.</param>
public sealed record LinkedRetrieval(JoinKind Kind, int Level, IReadOnlyList<string> ContainedBy)
{
    /// <summary>The most relationships that are followed.</summary>
    public const int MaximumLevel = 10;

    /// <summary>No linked entities.</summary>
    public static LinkedRetrieval None { get; } = new(JoinKind.None, 0, []);

    /// <summary>Parses the parameters; null and empty ones are absent.</summary>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter.</exception>
    public static LinkedRetrieval Parse(string? join, string? joinLevel, string? containedBy)
    {
        JoinKind kind = join switch
        {
            null or "" or "@none" => JoinKind.None,
            "flat" => JoinKind.Flat,
            "inline" => JoinKind.Inline,
            _ => throw NgsiLdException.BadRequest($"join '{join}' is none of flat, inline, @none.", "join"),
        };
        int level = 1;
        if (!string.IsNullOrEmpty(joinLevel)
            && (!int.TryParse(joinLevel, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out level) || level < 1 || level > MaximumLevel))
        {
            throw NgsiLdException.BadRequest($"joinLevel is a number from 1 to {MaximumLevel}.", "joinLevel");
        }

        string[] contained = string.IsNullOrEmpty(containedBy) ? [] : containedBy.Split(',');
        foreach (string id in contained)
        {
            if (!Uris.IsAbsolute(id))
            {
                throw NgsiLdException.BadRequest($"containedBy '{id}' is not a URI (RFC 3986).", "containedBy");
            }
        }

        return kind == JoinKind.None ? None : new(kind, level, contained);
    }

    /// <summary>Refuses what follows more relationships than are joined (5.7.2.4).</summary>
    public void Require(int depth, string parameter)
    {
        int level = Kind == JoinKind.None ? 0 : Level;
        if (depth > level)
        {
            throw NgsiLdException.BadRequest(
                $"{parameter} follows {depth} relationship(s), and {(level == 0 ? "no join is asked for: add join=inline or join=flat" : $"joinLevel allows {level}")} (5.7.2.4).", parameter);
        }
    }
}
