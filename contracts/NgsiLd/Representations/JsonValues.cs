using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Twin.NgsiLd.Representations;

/// <summary>Values of any JSON shape: measured and checked while they are passed over, rewritten only when they have to be.</summary>
internal static class JsonValues
{
    private const int FewNames = 16;
    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    /// <summary>Passes over the value at the reader and refuses duplicate names and numbers that no double holds.</summary>
    /// <param name="state">The parse.</param>
    /// <param name="reader">Stands on the value's first token.</param>
    /// <param name="mayNestNull">Whether <c>urn:ngsi-ld:null</c> within the value is left to the caller to judge.</param>
    public static RawValue Read(ParseState state, ref Utf8JsonReader reader, bool mayNestNull = false)
    {
        long start = reader.TokenStartIndex;
        JsonTokenType token = reader.TokenType;
        int compact = 0;
        bool escaped = false;
        Measure(state, ref reader, mayNestNull ? int.MaxValue : reader.CurrentDepth, ref compact, ref escaped);
        int length = (int)(reader.BytesConsumed - start);
        return new RawValue((int)start, length, length == compact && !escaped, token);
    }

    /// <summary>A compact copy; strings are unescaped as far as JSON allows, so that equal values are equal bytes.</summary>
    public static ReadOnlyMemory<byte> Canonical(ParseState state, RawValue value)
    {
        // A control character is the only thing that may grow: from \n to \n, from \u000a to \n; never longer than sent.
        Span<byte> to = state.Arena.Reserve(value.Length);
        var reader = new Utf8JsonReader(value.Sent(state), new JsonReaderOptions { MaxDepth = ParseState.MaximumDepth });
        int at = 0;
        bool comma = false;
        while (reader.Read())
        {
            bool end = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
            if (comma && !end)
            {
                to[at++] = (byte)',';
            }

            comma = true;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    to[at++] = reader.ValueSpan[0];
                    comma = false;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    to[at++] = reader.ValueSpan[0];
                    break;
                case JsonTokenType.PropertyName:
                    at += WriteString(state.Text(ref reader), to[at..]);
                    to[at++] = (byte)':';
                    comma = false;
                    break;
                case JsonTokenType.String:
                    at += WriteString(state.Text(ref reader), to[at..]);
                    break;
                default:
                    reader.ValueSpan.CopyTo(to[at..]);
                    at += reader.ValueSpan.Length;
                    break;
            }
        }

        return state.Arena.Keep(at);
    }

    /// <summary>Writes a JSON string with only the escapes that JSON asks for; needs at most 6 bytes per byte and two.</summary>
    public static int WriteString(ReadOnlySpan<byte> text, Span<byte> to)
    {
        int at = 0;
        to[at++] = (byte)'"';
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAny(Escaped);
            ReadOnlySpan<byte> run = plain < 0 ? text : text[..plain];
            run.CopyTo(to[at..]);
            at += run.Length;
            if (plain < 0)
            {
                break;
            }

            byte b = text[plain];
            text = text[(plain + 1)..];
            to[at++] = (byte)'\\';
            byte letter = b switch
            {
                (byte)'"' or (byte)'\\' => b,
                (byte)'\b' => (byte)'b',
                (byte)'\f' => (byte)'f',
                (byte)'\n' => (byte)'n',
                (byte)'\r' => (byte)'r',
                (byte)'\t' => (byte)'t',
                _ => (byte)'u',
            };
            to[at++] = letter;
            if (letter == 'u')
            {
                "00"u8.CopyTo(to[at..]);
                to[at + 2] = (byte)(b < 16 ? '0' : '1');
                to[at + 3] = (byte)"0123456789abcdef"[b & 15];
                at += 4;
            }
        }

        to[at++] = (byte)'"';
        return at;
    }

    private static void Measure(ParseState state, ref Utf8JsonReader reader, int depth, ref int compact, ref bool escaped)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                MeasureObject(state, ref reader, depth, ref compact, ref escaped);
                return;
            case JsonTokenType.StartArray:
                compact += 2;
                for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
                {
                    compact += i == 0 ? 0 : 1;
                    Measure(state, ref reader, depth, ref compact, ref escaped);
                }

                return;
            case JsonTokenType.String:
                compact += reader.ValueSpan.Length + 2;
                if (state.RefusesNestedNull && reader.CurrentDepth > depth && reader.ValueTextEquals("urn:ngsi-ld:null"u8))
                {
                    throw state.Fault(reader.TokenStartIndex, "urn:ngsi-ld:null within a value removes a member of it in a merge only (5.5.4).");
                }

                if (reader.ValueIsEscaped)
                {
                    escaped = true;
                    _ = state.String(ref reader);
                }

                return;
            case JsonTokenType.Number:
                compact += reader.ValueSpan.Length;
                CheckNumber(state, ref reader);
                return;
            default:
                compact += reader.ValueSpan.Length;
                return;
        }
    }

    private static void MeasureObject(ParseState state, ref Utf8JsonReader reader, int depth, ref int compact, ref bool escaped)
    {
        compact += 2;
        ReadOnlySpan<byte> body = state.Body.Span;
        Span<(int Start, int Length)> names = stackalloc (int, int)[FewNames];
        HashSet<string>? many = null;
        for (int count = 0; reader.Read() && reader.TokenType != JsonTokenType.EndObject; count++)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            compact += name.Length + (count == 0 ? 3 : 4);
            escaped |= reader.ValueIsEscaped;
            if (many is null && (count == FewNames || reader.ValueIsEscaped))
            {
                many = [];
                foreach ((int start, int length) in names[..count])
                {
                    many.Add(Encoding.UTF8.GetString(body.Slice(start, length)));
                }
            }

            bool again = false;
            if (many is not null)
            {
                again = !many.Add(state.String(ref reader));
            }
            else
            {
                foreach ((int start, int length) in names[..count])
                {
                    again |= length == name.Length && body.Slice(start, length).SequenceEqual(name);
                }

                names[count] = ((int)reader.TokenStartIndex + 1, name.Length);
            }

            if (again)
            {
                throw state.Fault(reader.TokenStartIndex, "The member is there twice; names are unique within an object.");
            }

            reader.Read();
            Measure(state, ref reader, depth, ref compact, ref escaped);
        }
    }

    private static void CheckNumber(ParseState state, ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> text = reader.ValueSpan;
        if (text.Length > 18 || text.ContainsAny((byte)'e', (byte)'E'))
        {
            if (text.Length > 400 || !Utf8Parser.TryParse(text, out double number, out _) || !double.IsFinite(number))
            {
                throw state.Fault(reader.TokenStartIndex, "The number is outside what a double holds (about 1.8e308), or longer than 400 digits.");
            }
        }
    }
}
