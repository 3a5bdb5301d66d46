using System.Runtime.CompilerServices;
using System.Text;

namespace Twin.Node.Import;

/// <summary>A record of a CSV file.</summary>
/// <param name="Row">Number of the record, from 1; the header is not counted.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Fields">Its fields.</param>
internal readonly record struct CsvRow(long Row, long Line, string[] Fields);

/// <summary>RFC 4180 CSV, read in a stream: any separator, quoted fields with separators, quotes and line breaks in them.</summary>
internal sealed class CsvRows(TextReader text, char separator)
{
    /// <summary>Longest field; a longer one is nearly always a quote that is never closed.</summary>
    public const int FieldLimit = 1024 * 1024;

    private readonly char[] _chunk = new char[16 * 1024];
    private readonly StringBuilder _field = new();
    private readonly List<string> _fields = [];
    private int _at, _length;
    private long _line = 1;

    /// <summary>The first record; null when the file is empty.</summary>
    public async ValueTask<string[]?> ReadHeaderAsync(CancellationToken cancellationToken) =>
        await ReadRecordAsync(cancellationToken) is { } header ? header.Select(static f => f.Trim()).ToArray() : null;

    /// <summary>The records after the header. Throws <see cref="InputException"/> when a quoted field does not end.</summary>
    public async IAsyncEnumerable<CsvRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long row = 0; ;)
        {
            var line = _line;
            if (await ReadRecordAsync(cancellationToken) is not { } fields)
            {
                yield break;
            }

            if (fields.Length > 1 || fields[0].Length > 0)
            {
                yield return new(++row, line, fields);
            }
        }
    }

    private async ValueTask<string[]?> ReadRecordAsync(CancellationToken cancellationToken)
    {
        _fields.Clear();
        _field.Clear();
        var (quoted, any, opened) = (false, false, _line);
        while (true)
        {
            if (_at == _length && !await FillAsync(cancellationToken))
            {
                return quoted ? throw Unclosed(opened) : any ? End() : null;
            }

            var c = _chunk[_at++];
            any = true;
            _line += c == '\n' ? 1 : 0;
            if (quoted)
            {
                if (c != '"')
                {
                    _field.Append(c);
                }
                else if (await PeekAsync(cancellationToken) == '"')
                {
                    _field.Append('"');
                    _at++;
                }
                else
                {
                    quoted = false;
                }

                if (_field.Length > FieldLimit)
                {
                    throw Unclosed(opened);
                }
            }
            else if (c == '"' && _field.Length == 0)
            {
                (quoted, opened) = (true, _line);
            }
            else if (c == separator)
            {
                Next();
            }
            else if (c == '\n')
            {
                return End();
            }
            else if (c == '\r')
            {
                if (await PeekAsync(cancellationToken) == '\n')
                {
                    (_at, _line) = (_at + 1, _line + 1);
                }

                return End();
            }
            else if (_field.Append(c).Length > FieldLimit)
            {
                throw new InputException($"Line {_line}: a field is longer than {FieldLimit / 1024 / 1024} MB; is the separator right?");
            }
        }
    }

    private static InputException Unclosed(long line) =>
        new($"Line {line}: a quoted field that begins here does not end. Double the quotes within a field.");

    private void Next()
    {
        _fields.Add(_field.ToString());
        _field.Clear();
    }

    private string[] End()
    {
        Next();
        return [.. _fields];
    }

    private async ValueTask<int> PeekAsync(CancellationToken cancellationToken) =>
        _at < _length || await FillAsync(cancellationToken) ? _chunk[_at] : -1;

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            _length = await text.ReadAsync(_chunk, cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            throw new InputException($"After line {_line}: the text is not in the encoding of the mapping. Set \"encoding\", such as \"windows-1252\".");
        }

        _at = 0;
        return _length > 0;
    }
}
