using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Twin.NgsiLd.Contexts;

/// <summary>The compacted name of each term id as ready bytes, made when first asked for. Readers take no lock.</summary>
internal sealed class CompactedNames
{
    private readonly Lock _growth = new();
    private Name?[] _names = new Name?[512];

    public Name Get(int termId, JsonLdContext context)
    {
        Name?[] names = Volatile.Read(ref _names);
        return (uint)termId < (uint)names.Length && names[termId] is { } name ? name : Make(termId, context);
    }

    private Name Make(int termId, JsonLdContext context)
    {
        string text = context.CompactIri(Terms.Iri(termId));
        var name = new Name(text);
        lock (_growth)
        {
            if (termId >= _names.Length)
            {
                Name?[] larger = new Name?[Math.Max(termId + 1, _names.Length * 2)];
                _names.CopyTo(larger, 0);
                Volatile.Write(ref _names, larger);
            }

            _names[termId] = name;
        }

        return name;
    }

    /// <summary>A name as text, as UTF-8 and as a JSON property name.</summary>
    public sealed class Name
    {
        public Name(string text)
        {
            Text = text;
            Utf8 = Encoding.UTF8.GetBytes(text);
            byte[] escaped = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();
            Property = [(byte)'"', .. escaped, (byte)'"', (byte)':'];
        }

        public string Text { get; }

        public byte[] Utf8 { get; }

        public byte[] Property { get; }
    }
}
