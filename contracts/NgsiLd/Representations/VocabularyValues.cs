using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>The values of VocabProperties (4.5.20), which are kept as IRIs and written as terms.</summary>
internal static class VocabularyValues
{
    public static void Write(ref Utf8Output output, ReadOnlySpan<byte> json, JsonLdContext context)
    {
        var reader = new Utf8JsonReader(json);
        bool first = true;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                output.Write(reader.ValueSpan);
                continue;
            }

            if (!first)
            {
                output.Write((byte)',');
            }

            first = false;
            output.WriteString(Encoding.UTF8.GetBytes(context.CompactIri(reader.GetString()!)));
        }
    }
}
