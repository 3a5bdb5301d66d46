using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>Newline-delimited JSON (also RFC 8142 text sequences): a broken line is refused, and the next is read.</summary>
internal sealed class LineRows(Stream stream)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start, _end;
    private bool _skipping;
    private long _row;

    public async IAsyncEnumerable<RawRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                if (Line(length) is { } row)
                {
                    yield return row;
                }

                _start += length + 1;
                continue;
            }

            if (!MakeRoom())
            {
                yield return new(++_row, default, $"The line is longer than {JsonRows.Limit / 1024 / 1024} MB.");
                (_skipping, _start, _end) = (true, 0, 0);
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                if (Line(_end - _start) is { } last)
                {
                    yield return last;
                }

                yield break;
            }

            _end += read;
        }
    }

    private RawRow? Line(int length)
    {
        if (_skipping)
        {
            _skipping = false;
            return null;
        }

        var line = _buffer.AsSpan(_start, length).Trim(" \t\r\u001e"u8);
        if (line.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            line = line[3..];
        }

        if (line.IsEmpty)
        {
            return null;
        }

        _row++;
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 128, AllowMultipleValues = true });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return new(_row, default, "This is not a JSON object.");
            }

            reader.Skip();
            return reader.BytesConsumed == line.Length || !reader.Read()
                ? new(_row, line.ToArray())
                : new(_row, default, "More than one value is on the line.");
        }
        catch (JsonException error)
        {
            return new(_row, default, $"The JSON is broken: {error.Message}");
        }
    }

    private bool MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_skipping)
        {
            _end = 0;
        }

        if (_end < _buffer.Length)
        {
            return true;
        }

        if (_buffer.Length >= JsonRows.Limit)
        {
            return false;
        }

        Array.Resize(ref _buffer, _buffer.Length * 2);
        return true;
    }
}
