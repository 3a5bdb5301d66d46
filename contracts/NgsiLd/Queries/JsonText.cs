using System.Buffers;
using System.Text.Json;

namespace Twin.NgsiLd.Queries;

/// <summary>Looks into stored JSON in place.</summary>
internal static class JsonText
{
    /// <summary>A handler for one JSON value; true ends the walk.</summary>
    public delegate bool Visit<TState>(ReadOnlySpan<byte> json, TState state)
        where TState : allows ref struct;

    /// <summary>Whether any element of an array is accepted.</summary>
    public static bool AnyElement<TState>(ReadOnlySpan<byte> array, TState state, Visit<TState> visit)
        where TState : allows ref struct
    {
        var reader = new Utf8JsonReader(array);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (visit(Value(array, ref reader), state))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The value of a member, empty when there is none.</summary>
    public static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals(name);
            reader.Read();
            ReadOnlySpan<byte> value = Value(json, ref reader);
            if (found)
            {
                return value;
            }
        }

        return [];
    }

    /// <summary>The whole value on which the reader stands; it is left on the value's last token.</summary>
    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json, scoped ref Utf8JsonReader reader)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    /// <summary>The content of a JSON string as UTF-8: the text itself, or unescaped into the buffer.</summary>
    /// <param name="json">The string with its quotes.</param>
    /// <param name="buffer">At least as long as the JSON.</param>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> json, Span<byte> buffer)
    {
        ReadOnlySpan<byte> inner = json[1..^1];
        if (!inner.Contains((byte)'\\'))
        {
            return inner;
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        return buffer[..reader.CopyString(buffer)];
    }

    /// <summary>The content of a JSON string.</summary>
    public static string AsString(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString()!;
    }
}

/// <summary>A scratch buffer that is on the stack when it is small.</summary>
internal ref struct Scratch<T>
{
    private T[]? _rented;

    public Scratch(Span<T> small, int length)
    {
        if (length <= small.Length)
        {
            Span = small;
            return;
        }

        _rented = ArrayPool<T>.Shared.Rent(length);
        Span = _rented;
    }

    public Span<T> Span { get; }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<T>.Shared.Return(_rented);
            _rented = null;
        }
    }
}
