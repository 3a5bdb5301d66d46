using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Twin.NgsiLd.Contexts;

/// <summary>
/// The IRIs of types and attributes that this process has met, each with a small number in its place. Numbers are given
/// in order of arrival, never change while the process lives and mean nothing outside it.
/// </summary>
/// <remarks>
/// Readers take no lock. Only writes of entities intern; queries look up, so that a stranger who asks for a million
/// unknown names leaves nothing behind.
/// </remarks>
public static class Terms
{
    /// <summary>The longest IRI that is interned, in UTF-16 units.</summary>
    public const int MaximumLength = 2048;

    private static readonly ConcurrentDictionary<string, int> Ids = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Spans = Ids.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly Lock Growth = new();
    private static Entry[] _entries = new Entry[1024];
    private static int _count;

    /// <summary>How many IRIs are known.</summary>
    public static int Count => Volatile.Read(ref _count);

    /// <summary>The number of an IRI, a new one if it was not known.</summary>
    /// <exception cref="NgsiLdException">The IRI is longer than <see cref="MaximumLength"/>.</exception>
    public static int Intern(string iri) => Ids.TryGetValue(iri, out int id) ? id : Add(iri);

    /// <inheritdoc cref="Intern(string)"/>
    public static int Intern(ReadOnlySpan<char> iri) => Spans.TryGetValue(iri, out int id) ? id : Add(iri.ToString());

    /// <summary>The number of an IRI, if it is known.</summary>
    public static bool TryGet(string iri, out int id) => Ids.TryGetValue(iri, out id);

    /// <inheritdoc cref="TryGet(string, out int)"/>
    public static bool TryGet(ReadOnlySpan<char> iri, out int id) => Spans.TryGetValue(iri, out id);

    /// <summary>The IRI behind a number.</summary>
    public static string Iri(int id) => Volatile.Read(ref _entries)[id].Iri;

    /// <summary>The IRI behind a number as UTF-8.</summary>
    public static ReadOnlySpan<byte> Utf8(int id) => Volatile.Read(ref _entries)[id].Utf8;

    /// <summary>
    /// The name in the stored form, as a JSON property name with quotes and colon: <c>":temperature":</c> for a name of the
    /// default vocabulary, the IRI for any other. No member of NGSI-LD begins with a colon, whatever a later version adds.
    /// </summary>
    public static ReadOnlySpan<byte> StoredName(int id) => Volatile.Read(ref _entries)[id].Stored;

    /// <summary>The number of a name in the stored form, a new one if it was not known.</summary>
    /// <exception cref="NgsiLdException">The IRI is longer than <see cref="MaximumLength"/>.</exception>
    public static int InternStored(ReadOnlySpan<byte> name)
    {
        const string Vocabulary = JsonLdContext.DefaultVocabulary;
        int most = Vocabulary.Length + name.Length;
        Span<char> iri = most <= 512 ? stackalloc char[most] : new char[most];
        if (name is not [(byte)':', .. var rest])
        {
            return Intern(iri[..Encoding.UTF8.GetChars(name, iri)]);
        }

        Vocabulary.CopyTo(iri);
        return Intern(iri[..(Vocabulary.Length + Encoding.UTF8.GetChars(rest, iri[Vocabulary.Length..]))]);
    }

    private static int Add(string iri)
    {
        if (iri.Length > MaximumLength)
        {
            throw NgsiLdException.BadRequest($"The name '{iri.AsSpan(0, 60)}…' stands for an IRI of {iri.Length} characters; at most {MaximumLength} are taken.");
        }

        lock (Growth)
        {
            if (Ids.TryGetValue(iri, out int known))
            {
                return known;
            }

            int id = _count;
            Entry[] entries = _entries;
            if (id == entries.Length)
            {
                Array.Resize(ref entries, id * 2);
            }

            entries[id] = new Entry(iri, Encoding.UTF8.GetBytes(iri), Stored(iri));
            // The entry is there before anybody can learn its number.
            Volatile.Write(ref _entries, entries);
            Volatile.Write(ref _count, id + 1);
            Ids[iri] = id;
            return id;
        }
    }

    private static byte[] Stored(string iri)
    {
        string name = iri.StartsWith(JsonLdContext.DefaultVocabulary, StringComparison.Ordinal) ? string.Concat(":", iri.AsSpan(JsonLdContext.DefaultVocabulary.Length)) : iri;
        return [(byte)'"', .. JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"', (byte)':'];
    }

    private sealed record Entry(string Iri, byte[] Utf8, byte[] Stored);
}
