using System.Text;
using System.Text.RegularExpressions;

namespace Twin.Telemetry.Ingest.Csv;

/// <summary>A text with the fields of a row in it: <c>urn:ngsi-ld:Device:{station}</c>.</summary>
internal sealed partial class RowTemplate
{
    private const string HexDigits = "0123456789ABCDEF";

    private RowTemplate(string text, (byte[] Before, string? Field)[] parts) => (Text, Parts) = (text, parts);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Pieces of text, each but the last with the name of the field behind it.</summary>
    public (byte[] Before, string? Field)[] Parts { get; }

    /// <summary>The fields that it names.</summary>
    public IEnumerable<string> Fields => Parts.Where(static part => part.Field is not null).Select(static part => part.Field!);

    /// <summary>Reads a template; a brace that opens closes again, and names something.</summary>
    /// <returns>Null when it is none.</returns>
    public static RowTemplate? Parse(string text)
    {
        if (text.Length == 0 || !Whole.IsMatch(text))
        {
            return null;
        }

        var parts = new List<(byte[] Before, string? Field)>();
        var at = 0;
        foreach (Match match in Field.Matches(text))
        {
            parts.Add((Encoding.UTF8.GetBytes(text[at..match.Index]), match.Groups["name"].Value.Trim()));
            at = match.Index + match.Length;
        }

        parts.Add((Encoding.UTF8.GetBytes(text[at..]), null));
        return new RowTemplate(text, [.. parts]);
    }

    /// <summary>The text with the fields of a name in it.</summary>
    public string Fill(IReadOnlyDictionary<string, string> fields, bool inUri)
    {
        var text = new FieldText();
        foreach (var (before, field) in Parts)
        {
            text.Add(before);
            if (field is not null && inUri)
            {
                AddToUri(text, Encoding.UTF8.GetBytes(fields[field]));
            }
            else if (field is not null)
            {
                text.Add(Encoding.UTF8.GetBytes(fields[field]));
            }
        }

        return Encoding.UTF8.GetString(text.Span);
    }

    /// <summary>Writes a field into a URI: what a URI cannot have is percent-encoded (RFC 3986 2.1).</summary>
    public static void AddToUri(FieldText to, ReadOnlySpan<byte> field)
    {
        foreach (var one in field)
        {
            if (char.IsAsciiLetterOrDigit((char)one) || "-._~:@!$&'()*+,;=/".Contains((char)one, StringComparison.Ordinal))
            {
                to.Add(one);
            }
            else
            {
                to.Add((byte)'%');
                to.Add((byte)HexDigits[one >> 4]);
                to.Add((byte)HexDigits[one & 15]);
            }
        }
    }

    [GeneratedRegex(@"^([^{}]|\{[^{}]*[^{}\s][^{}]*\})+$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Whole { get; }

    [GeneratedRegex(@"\{(?<name>[^{}]+)\}", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Field { get; }
}

/// <summary>Text of a row that is put together; its room is used again for the next one.</summary>
internal sealed class FieldText
{
    private byte[] bytes = new byte[128];
    private int length;

    /// <summary>What it holds.</summary>
    public ReadOnlySpan<byte> Span => bytes.AsSpan(0, length);

    public void Clear() => length = 0;

    public void Add(byte one)
    {
        if (length == bytes.Length)
        {
            Array.Resize(ref bytes, length * 2);
        }

        bytes[length++] = one;
    }

    public void Add(ReadOnlySpan<byte> some)
    {
        if (bytes.Length - length < some.Length)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + some.Length));
        }

        some.CopyTo(bytes.AsSpan(length));
        length += some.Length;
    }
}
