using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Operations;

/// <summary>RFC 7396 on compact JSON texts, where <c>urn:ngsi-ld:null</c> stands for null (5.5.12). Texts are at most as deep as the parser lets in.</summary>
internal static class JsonMerge
{
    /// <summary>Merges a patch into a target; an empty target is none.</summary>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> target, ReadOnlyMemory<byte> patch)
    {
        if (!IsObject(patch.Span) || (!IsObject(target.Span) && patch.Span.IndexOf("urn:ngsi-ld:null"u8) < 0))
        {
            return patch;
        }

        var output = new List<byte>(target.Length + patch.Length);
        Merge(output, target, patch);
        return output.ToArray();
    }

    private static void Merge(List<byte> output, ReadOnlyMemory<byte> target, ReadOnlyMemory<byte> patch)
    {
        if (!IsObject(patch.Span))
        {
            output.AddRange(patch.Span);
            return;
        }

        Dictionary<string, ReadOnlyMemory<byte>> changes = Members(patch);
        output.Add((byte)'{');
        int start = output.Count;
        if (IsObject(target.Span))
        {
            foreach ((string name, ReadOnlyMemory<byte> value) in Members(target))
            {
                if (!changes.Remove(name, out ReadOnlyMemory<byte> change))
                {
                    Name(output, name, start);
                    output.AddRange(value.Span);
                }
                else if (!IsNull(change.Span))
                {
                    Name(output, name, start);
                    Merge(output, value, change);
                }
            }
        }

        foreach ((string name, ReadOnlyMemory<byte> change) in changes)
        {
            if (!IsNull(change.Span))
            {
                Name(output, name, start);
                Merge(output, default, change);
            }
        }

        output.Add((byte)'}');
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Members(ReadOnlyMemory<byte> json)
    {
        var members = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = ParseState.MaximumDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            int from = (int)reader.TokenStartIndex;
            reader.Skip();
            members[name] = json[from..(int)reader.BytesConsumed];
        }

        return members;
    }

    private static void Name(List<byte> output, string name, int start)
    {
        if (output.Count > start)
        {
            output.Add((byte)',');
        }

        byte[] text = Encoding.UTF8.GetBytes(name);
        byte[] quoted = new byte[(text.Length * 6) + 2];
        output.AddRange(quoted.AsSpan(0, JsonValues.WriteString(text, quoted)));
        output.Add((byte)':');
    }

    private static bool IsObject(ReadOnlySpan<byte> json) => !json.IsEmpty && json[0] == '{';

    private static bool IsNull(ReadOnlySpan<byte> json) => json.SequenceEqual("\"urn:ngsi-ld:null\""u8);
}
