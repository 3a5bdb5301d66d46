using System.Buffers.Text;
using System.Text;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Queries;

/// <summary>The operators of 4.9.</summary>
public enum ComparisonOperator : byte
{
    /// <summary>The attribute is there.</summary>
    Exists,

    /// <summary><c>==</c></summary>
    Equal,

    /// <summary><c>!=</c></summary>
    NotEqual,

    /// <summary><c>&gt;</c></summary>
    Greater,

    /// <summary><c>&gt;=</c></summary>
    GreaterOrEqual,

    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,

    /// <summary><c>~=</c></summary>
    Matches,

    /// <summary><c>!~=</c></summary>
    MatchesNot,
}

/// <summary>One constant of a comparison.</summary>
internal sealed class QOperand
{
    private QOperand(JsonShape shape) => Shape = shape;

    /// <summary>Number, String or Boolean.</summary>
    public JsonShape Shape { get; }

    public double Number { get; private init; }

    public bool Boolean { get; private init; }

    /// <summary>The text as UTF-8, unescaped.</summary>
    public byte[] Text { get; private init; } = [];

    /// <summary>Microseconds since 1970 when the text is a date-time.</summary>
    public long? Instant { get; private init; }

    public static QOperand OfNumber(double number) => new(JsonShape.Number) { Number = number };

    public static QOperand OfBoolean(bool value) => new(JsonShape.Boolean) { Boolean = value };

    public static QOperand OfText(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return new(JsonShape.String) { Text = utf8, Instant = Timestamps.TryParse(utf8, out long micros) ? micros : null };
    }

    /// <summary>Whether the JSON scalar is the same value; other types are never.</summary>
    public bool EqualTo(ReadOnlySpan<byte> json, JsonShape shape)
    {
        if (shape != Shape)
        {
            return false;
        }

        switch (shape)
        {
            case JsonShape.Boolean:
                return json[0] == 't' == Boolean;
            case JsonShape.Number:
                return Utf8Parser.TryParse(json, out double number, out _) && number == Number;
            default:
                ReadOnlySpan<byte> inner = json[1..^1];
                if (inner.SequenceEqual(Text))
                {
                    return true;
                }

                return (Instant is not null || inner.Contains((byte)'\\')) && TryOrder(json, shape, out int order) && order == 0;
        }
    }

    /// <summary>How the JSON scalar stands to this constant; false when the two cannot be ordered.</summary>
    public bool TryOrder(ReadOnlySpan<byte> json, JsonShape shape, out int order)
    {
        order = 0;
        if (shape != Shape)
        {
            return false;
        }

        switch (shape)
        {
            case JsonShape.Number:
                return Utf8Parser.TryParse(json, out double number, out _) && TryOrder(number, out order);
            case JsonShape.String:
                using (var buffer = new Scratch<byte>(stackalloc byte[256], json.Length))
                {
                    return TryOrderText(JsonText.Unescape(json, buffer.Span), out order);
                }

            default:
                return false;
        }
    }

    public bool TryOrder(double number, out int order)
    {
        order = number.CompareTo(Number);
        return Shape == JsonShape.Number;
    }

    public bool TryOrderInstant(long instant, out int order)
    {
        order = Instant is { } own ? instant.CompareTo(own) : 0;
        return Instant is not null;
    }

    /// <summary>By code point; date-times by instant, and only with one another.</summary>
    public bool TryOrderText(ReadOnlySpan<byte> utf8, out int order)
    {
        order = 0;
        if (Shape != JsonShape.String)
        {
            return false;
        }

        if (Instant is { } own && Timestamps.TryParse(utf8, out long instant))
        {
            order = instant.CompareTo(own);
            return true;
        }

        order = utf8.SequenceCompareTo(Text);
        return true;
    }
}
