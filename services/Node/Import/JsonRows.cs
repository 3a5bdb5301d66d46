using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>
/// Cuts the objects out of a JSON array, of the <c>features</c> of a FeatureCollection, or a root that is one object. Holds
/// one object at a time, so a file of any length needs the memory of its longest object.
/// </summary>
internal sealed class JsonRows(Stream stream, bool collection)
{
    /// <summary>Longest object, and longest member beside the features, that is read.</summary>
    public const int Limit = 32 * 1024 * 1024;

    private enum Place { Root, Array, Members, Done }

    private byte[] _buffer = new byte[64 * 1024];
    private int _start, _end;
    private bool _final;
    private Place _place = Place.Root;
    private bool _inCollection;
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 128 });
    private long _row;

    /// <summary>The value of the member <c>crs</c> that came before the features.</summary>
    public byte[]? Crs { get; private set; }

    /// <summary>The records in order. After a syntax error there is one refusal, and no more records: nothing marks the next.</summary>
    public async IAsyncEnumerable<RawRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FillAsync(cancellationToken);
        SkipByteOrderMark();
        while (_place != Place.Done)
        {
            RawRow? row;
            bool more;
            try
            {
                (row, more) = Step();
            }
            catch (JsonException error)
            {
                row = new(++_row, default, $"The JSON is broken here, and nothing after it was read: {error.Message}");
                (more, _place) = (false, Place.Done);
            }

            if (row is { } found)
            {
                yield return found;
            }

            if (more && _final)
            {
                yield return new(++_row, default, "The file ends in the middle of a value.");
                yield break;
            }

            if (more && !await FillAsync(cancellationToken))
            {
                yield return new(++_row, default, $"The value is longer than {Limit / 1024 / 1024} MB; nothing after it was read.");
                yield break;
            }
        }
    }

    /// <summary>One step: a record, a change of place, or that more bytes are needed.</summary>
    private (RawRow? Row, bool More) Step()
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), isFinalBlock: false, _state);
        if (!reader.Read())
        {
            return (null, true);
        }

        return _place switch
        {
            Place.Root => EnterRoot(ref reader),
            Place.Array => NextElement(ref reader),
            _ => NextMember(ref reader),
        };
    }

    private (RawRow?, bool) EnterRoot(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray when !collection:
                return Go(ref reader, Place.Array);
            case JsonTokenType.StartObject when collection:
                _inCollection = true;
                return Go(ref reader, Place.Members);
            case JsonTokenType.StartObject:
                return Take(ref reader, Place.Done);
            default:
                throw new JsonException(collection ? "A FeatureCollection is expected." : "An entity or an array of entities is expected.");
        }
    }

    private (RawRow?, bool) NextElement(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.EndArray:
                return Go(ref reader, _inCollection ? Place.Members : Place.Done);
            case JsonTokenType.StartObject:
                return Take(ref reader, Place.Array);
            default:
                if (!reader.TrySkip())
                {
                    return (null, true);
                }

                Consume(ref reader);
                return (new RawRow(++_row, default, "This is not a JSON object."), false);
        }
    }

    private (RawRow?, bool) NextMember(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            return Go(ref reader, Place.Done);
        }

        var (features, crs) = (reader.ValueTextEquals("features"u8), reader.ValueTextEquals("crs"u8));
        if (!reader.Read())
        {
            return (null, true);
        }

        if (features && reader.TokenType == JsonTokenType.StartArray)
        {
            return Go(ref reader, Place.Array);
        }

        var from = (int)reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return (null, true);
        }

        if (crs && _row > 0)
        {
            throw new JsonException("The member crs comes after the features that it is about; give it with --crs.");
        }

        Crs = crs ? _buffer.AsSpan(_start + from, (int)reader.BytesConsumed - from).ToArray() : Crs;
        Consume(ref reader);
        return (null, false);
    }

    private (RawRow?, bool) Take(ref Utf8JsonReader reader, Place next)
    {
        var from = (int)reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return (null, true);
        }

        var json = _buffer.AsSpan(_start + from, (int)reader.BytesConsumed - from).ToArray();
        Go(ref reader, next);
        return (new RawRow(++_row, json), false);
    }

    private (RawRow?, bool) Go(ref Utf8JsonReader reader, Place place)
    {
        Consume(ref reader);
        _place = place;
        return (null, false);
    }

    private void Consume(ref Utf8JsonReader reader)
    {
        _start += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
    }

    private void SkipByteOrderMark()
    {
        if (_buffer.AsSpan(0, _end).StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            _start = 3;
        }
    }

    /// <summary>Reads on; false when the buffer may not grow any more.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= Limit)
            {
                return false;
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _final = read == 0;
        return true;
    }
}
