namespace Twin.Telemetry.Sources.Payloads;

/// <summary>
/// A topic filter whose levels may have names: <c>city/{entity}/{attribute}</c> is <c>city/+/+</c>. <c>+</c> and <c>#</c>
/// stay what MQTT makes of them, and so does <c>$share/group/</c> before it.
/// </summary>
internal sealed class TopicPattern
{
    private readonly string[] levels;

    private TopicPattern(string filter, string[] levels, string[] names) => (Filter, this.levels, Names) = (filter, levels, names);

    /// <summary>What is subscribed to.</summary>
    public string Filter { get; }

    /// <summary>The names of levels.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads a pattern.</summary>
    /// <returns>Null, or why it is none.</returns>
    public static string? Parse(string text, out TopicPattern pattern)
    {
        pattern = new TopicPattern("", [], []);
        var shared = text.StartsWith("$share/", StringComparison.Ordinal) ? text.Split('/', 3) : null;
        if (shared is { Length: < 3 } || text.Length is 0 or > 1024 || text.Contains('\0', StringComparison.Ordinal))
        {
            return $"'{text}' is no topic such as city/{{entity}}/{{attribute}}.";
        }

        var written = (shared is null ? text : shared[2]).Split('/');
        var names = new List<string>();
        for (var i = 0; i < written.Length; i++)
        {
            var level = written[i];
            if (level is ['{', _, .., '}'] && level.LastIndexOf('{') == 0 && level.IndexOf('}', StringComparison.Ordinal) == level.Length - 1 && level[1] != '$')
            {
                if (names.Contains(level[1..^1]))
                {
                    return $"'{text}' names {level} twice.";
                }

                names.Add(level[1..^1]);
            }
            else if (level is not ("+" or "#") && level.IndexOfAny(['{', '}', '+', '#']) >= 0)
            {
                return $"'{text}': a placeholder, + or # is a whole level.";
            }
            else if (level == "#" && i < written.Length - 1)
            {
                return $"'{text}': # is the last level.";
            }
        }

        var filter = string.Join('/', written.Select(static level => level[..Math.Min(1, level.Length)] == "{" ? "+" : level));
        pattern = new TopicPattern(shared is null ? filter : $"$share/{shared[1]}/{filter}", written, [.. names]);
        return null;
    }

    /// <summary>Whether a topic is of the pattern, and what its named levels are.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="found">The levels by name.</param>
    public bool TryMatch(string topic, IDictionary<string, string> found)
    {
        var parts = topic.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i] == "#")
            {
                return true;
            }

            if (i == parts.Length)
            {
                return false;
            }

            if (levels[i] is ['{', ..])
            {
                found[levels[i][1..^1]] = parts[i];
            }
            else if (levels[i] != "+" && levels[i] != parts[i])
            {
                return false;
            }
        }

        return parts.Length == levels.Length;
    }
}
