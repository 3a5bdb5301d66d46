using System.Text.Json;

namespace Twin.NgsiLd.Representations;

/// <summary>JSON Pointers (RFC 6901) of places in a body. Made only when a body is refused, by reading it once more.</summary>
internal static class JsonPointers
{
    /// <summary>The pointer of the value or member whose token starts at an offset.</summary>
    public static string At(ReadOnlySpan<byte> json, int offset)
    {
        var path = new List<(string? Name, int Index)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ParseState.MaximumDepth });
        try
        {
            while (reader.Read() && reader.TokenStartIndex <= offset)
            {
                bool here = reader.TokenStartIndex == offset;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        path[^1] = (reader.GetString(), 0);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        path.RemoveAt(path.Count - 1);
                        break;
                    default:
                        Next(path);
                        if (!here && reader.TokenType == JsonTokenType.StartObject)
                        {
                            path.Add((string.Empty, 0));
                        }
                        else if (!here && reader.TokenType == JsonTokenType.StartArray)
                        {
                            path.Add((null, -1));
                        }

                        break;
                }

                if (here)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The place is behind broken text: the pointer to what came before is still of use.
        }

        return string.Concat(path.Select(p => "/" + (p.Name is { } name ? Escape(name) : p.Index.ToString())));
    }

    /// <summary>A name as a step of a pointer.</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static void Next(List<(string? Name, int Index)> path)
    {
        if (path.Count > 0 && path[^1].Name is null)
        {
            path[^1] = (null, path[^1].Index + 1);
        }
    }
}
