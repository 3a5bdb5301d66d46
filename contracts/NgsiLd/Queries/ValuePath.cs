using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// The trailing path of 4.9, <c>attr[a.b]</c>: members of a compound value, arrays searched element by element or
/// entered by a number. On a LanguageProperty it names a language, or with <c>*</c> all of them.
/// </summary>
internal sealed class ValuePath
{
    private readonly byte[][] _segments;
    private readonly int[] _indexes;

    public ValuePath(string text)
    {
        Text = text;
        string[] segments = text.Split('.');
        _segments = [.. segments.Select(Encoding.UTF8.GetBytes)];
        _indexes = [.. segments.Select(s => int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : -1)];
    }

    public string Text { get; }

    private bool IsAnyLanguage => _segments is [[(byte)'*']];

    public bool Any(in AttributeView view, QCondition condition)
    {
        if (view.Kind != AttributeKind.LanguageProperty)
        {
            return view.Shape is JsonShape.Object or JsonShape.Array && Any(view.Value, 0, condition);
        }

        if (view.Shape != JsonShape.Object)
        {
            return false;
        }

        if (IsAnyLanguage)
        {
            return condition.TestAnyMember(view.Value);
        }

        ReadOnlySpan<byte> text = Language(view.Value);
        return !text.IsEmpty && condition.Test(text);
    }

    /// <summary>The first value at the path, empty when there is none; what an order compares.</summary>
    public ReadOnlySpan<byte> First(in AttributeView view)
    {
        if (view.Kind == AttributeKind.LanguageProperty)
        {
            return view.Shape == JsonShape.Object ? Language(view.Value) : [];
        }

        ReadOnlySpan<byte> json = view.Value;
        foreach (byte[] segment in _segments)
        {
            if (AttributeView.ShapeOf(json) != JsonShape.Object)
            {
                return [];
            }

            json = JsonText.Member(json, segment);
        }

        return json;
    }

    private bool Any(ReadOnlySpan<byte> json, int depth, QCondition condition)
    {
        if (depth == _segments.Length)
        {
            return condition.Test(json);
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool hit = reader.ValueTextEquals(_segments[depth]);
                reader.Read();
                ReadOnlySpan<byte> value = JsonText.Value(json, ref reader);
                if (hit && Any(value, depth + 1, condition))
                {
                    return true;
                }
            }

            return false;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            ReadOnlySpan<byte> element = JsonText.Value(json, ref reader);
            if (_indexes[depth] < 0 ? Any(element, depth, condition) : i == _indexes[depth] && Any(element, depth + 1, condition))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Language tags compare without case (RFC 5646, 2.1.1).</summary>
    private ReadOnlySpan<byte> Language(ReadOnlySpan<byte> map)
    {
        var reader = new Utf8JsonReader(map);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool hit = _segments.Length == 1 && Ascii.EqualsIgnoreCase(reader.ValueSpan, _segments[0]);
            reader.Read();
            ReadOnlySpan<byte> value = JsonText.Value(map, ref reader);
            if (hit)
            {
                return value;
            }
        }

        return [];
    }
}
