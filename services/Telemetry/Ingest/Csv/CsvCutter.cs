using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Twin.Telemetry.Ingest.Mappings;

namespace Twin.Telemetry.Ingest.Csv;

/// <summary>Cuts a CSV body of any encoding into records, and makes UTF-8 of them.</summary>
internal sealed class CsvCutter(CsvMapping mapping)
{
    /// <summary>Why a record cannot be read.</summary>
    public const string NotDecoded = "it is not UTF-8; the mapping can say its encoding, which is often windows-1252.";

    private const string LittleEndian = "le";
    private const string BigEndian = "be";

    /// <summary>What 0x80 to 0x9F are in Windows-1252; what it leaves open are the controls of the same number.</summary>
    private const string Windows1252 = "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    private static readonly SearchValues<byte> LineOrQuote = SearchValues.Create("\n\""u8);

    private byte[] text = new byte[1024];
    private int linesToSkip = mapping.SkipLines;
    private bool isFirst = true;
    private bool inQuotes;
    private bool isPlain;

    /// <summary>The order of bytes that the body began with; empty where there is none.</summary>
    public string Mark { get; private set; } = "";

    /// <summary>Bytes of a character such as a line end.</summary>
    public int Unit => mapping.Encoding == BodyEncoding.Utf16 ? 2 : 1;

    /// <summary>The body goes on without its first lines.</summary>
    public void Resume(string mark) => (Mark, isFirst, linesToSkip) = (mark, false, 0);

    /// <summary>Where the record at the start of the data ends; -1 when its end is not there yet.</summary>
    public int FindEnd(ReadOnlySpan<byte> data, ref int scanned)
    {
        if (scanned == 0 && !Begin(data))
        {
            return -1;
        }

        while (true)
        {
            var found = Find(data[scanned..]);
            if (found < 0)
            {
                scanned = data.Length - ((data.Length - scanned) % Unit);
                return -1;
            }

            scanned += found + Unit;
            if (Is(data[(scanned - Unit)..], '\n'))
            {
                return scanned - Unit;
            }

            // A doubled quote closes and opens again.
            inQuotes = !inQuotes;
        }
    }

    /// <summary>Line ends within a record.</summary>
    public int LineEndsIn(ReadOnlySpan<byte> record) => Unit == 1
        ? record.Count((byte)'\n')
        : MemoryMarshal.Cast<byte, ushort>(record).Count(Wide('\n'));

    /// <summary>A record without a carriage return at its end.</summary>
    public ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> record) => record.Length >= Unit && Is(record[^Unit..], '\r') ? record[..^Unit] : record;

    /// <summary>The first record without what tells the encoding.</summary>
    public ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> record)
    {
        isFirst = false;
        return record[Math.Min(record.Length, MarkLength(record))..];
    }

    /// <summary>Whether a line is one of those before the header, or a comment.</summary>
    public bool PassesOver(ReadOnlySpan<byte> record)
    {
        if (linesToSkip > 0)
        {
            linesToSkip--;
            return true;
        }

        return IsComment(record);
    }

    /// <summary>A record as UTF-8, valid until the next one.</summary>
    /// <param name="record">The record.</param>
    /// <param name="known">Whether it is what its encoding says.</param>
    public Span<byte> Decode(ReadOnlySpan<byte> record, out bool known)
    {
        var room = record.Length * 3;
        if (text.Length < room)
        {
            text = new byte[Math.Max(room, text.Length * 2)];
        }

        known = true;
        switch (mapping.Encoding)
        {
            case BodyEncoding.Utf8:
                known = Utf8.IsValid(record);
                record.CopyTo(text);
                return text.AsSpan(0, record.Length);
            case BodyEncoding.Utf16:
                return text.AsSpan(0, FromUtf16(record));
            default:
                return text.AsSpan(0, FromBytes(record));
        }
    }

    /// <summary>Finds out how the record is to be cut; false when too little of it is there.</summary>
    private bool Begin(ReadOnlySpan<byte> data)
    {
        inQuotes = false;
        if (isFirst && mapping.Encoding == BodyEncoding.Utf16)
        {
            if (data.Length < 2)
            {
                return false;
            }

            Mark = data is [0xFF, 0xFE, ..] ? LittleEndian : data is [0xFE, 0xFF, ..] ? BigEndian
                : throw new IngestException("body", "The mapping says utf-16, and the body does not begin with a byte order mark.");
        }

        var start = isFirst ? MarkLength(data) : 0;
        if (mapping.Comment.Length > 0 && data.Length < start + (mapping.Comment.Length * Unit))
        {
            return false;
        }

        isPlain = !mapping.Quotes || linesToSkip > 0 || IsComment(data[start..]);
        return true;
    }

    private bool IsComment(ReadOnlySpan<byte> record)
    {
        if (mapping.Comment.Length == 0 || record.Length < mapping.Comment.Length * Unit)
        {
            return false;
        }

        for (var i = 0; i < mapping.Comment.Length; i++)
        {
            if (!Is(record[(i * Unit)..], mapping.Comment[i]))
            {
                return false;
            }
        }

        return true;
    }

    private int MarkLength(ReadOnlySpan<byte> data) => mapping.Encoding switch
    {
        BodyEncoding.Utf16 => 2,
        BodyEncoding.Utf8 when data is [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    };

    private int Find(ReadOnlySpan<byte> data)
    {
        if (Unit == 1)
        {
            return isPlain ? data.IndexOf((byte)'\n') : inQuotes ? data.IndexOf((byte)'"') : data.IndexOfAny(LineOrQuote);
        }

        var units = MemoryMarshal.Cast<byte, ushort>(data);
        var found = isPlain ? units.IndexOf(Wide('\n')) : inQuotes ? units.IndexOf(Wide('"')) : units.IndexOfAny(Wide('\n'), Wide('"'));
        return found * 2;
    }

    private bool Is(ReadOnlySpan<byte> at, char character) => Unit == 1 ? at[0] == character : MemoryMarshal.Read<ushort>(at) == Wide(character);

    /// <summary>A character as it stands in the body, read in the order of this machine.</summary>
    private ushort Wide(char character) =>
        (Mark == BigEndian) == BitConverter.IsLittleEndian ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(character) : character;

    private int FromUtf16(ReadOnlySpan<byte> record)
    {
        var encoding = Mark == BigEndian ? Encoding.BigEndianUnicode : Encoding.Unicode;
        var characters = ArrayPool<char>.Shared.Rent(record.Length);
        try
        {
            var length = encoding.GetChars(record, characters);
            return Encoding.UTF8.GetBytes(characters.AsSpan(0, length), text);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    private int FromBytes(ReadOnlySpan<byte> record)
    {
        var at = 0;
        foreach (var one in record)
        {
            if (one < 0x80)
            {
                text[at++] = one;
            }
            else
            {
                var character = mapping.Encoding == BodyEncoding.Windows1252 && one < 0xA0 ? Windows1252[one - 0x80] : (char)one;
                at += new Rune(character).EncodeToUtf8(text.AsSpan(at));
            }
        }

        return at;
    }
}
