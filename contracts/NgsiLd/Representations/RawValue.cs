using System.Text.Json;

namespace Twin.NgsiLd.Representations;

/// <summary>A JSON value within the body, seen but not taken out.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Length">How long it is as it was sent; 0 is absent.</param>
/// <param name="IsCanonical">Whether it has no white space and no escapes, so that its bytes can be kept as they are.</param>
/// <param name="Token">Its first token.</param>
internal readonly record struct RawValue(int Start, int Length, bool IsCanonical, JsonTokenType Token)
{
    public bool IsPresent => Length != 0;

    public bool IsNull => Token == JsonTokenType.Null;

    public ReadOnlySpan<byte> Sent(ParseState state) => state.Body.Span.Slice(Start, Length);

    /// <summary>The value as compact JSON whose strings have no needless escapes.</summary>
    public ReadOnlyMemory<byte> Take(ParseState state) =>
        IsCanonical ? state.Body.Slice(Start, Length) : JsonValues.Canonical(state, this);

    /// <summary>The unescaped text of a string.</summary>
    public ReadOnlySpan<byte> Text(ParseState state)
    {
        if (IsCanonical)
        {
            return state.Body.Span.Slice(Start + 1, Length - 2);
        }

        var reader = new Utf8JsonReader(Sent(state));
        reader.Read();
        return System.Text.Encoding.UTF8.GetBytes(reader.GetString()!);
    }

    /// <summary>Whether this is the text <c>urn:ngsi-ld:null</c> (4.5.0, NGSI-LD Null).</summary>
    public bool IsNgsiLdNull(ParseState state) => Length == 18 && Sent(state).SequenceEqual("\"urn:ngsi-ld:null\""u8);
}
