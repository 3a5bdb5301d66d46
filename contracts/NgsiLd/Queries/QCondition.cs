using System.Text;
using System.Text.RegularExpressions;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>What a term asks of its target element, once the target is there.</summary>
internal sealed class QCondition
{
    public static readonly QCondition Existence = new(ComparisonOperator.Exists, [], null, null);

    private readonly QOperand[] _operands;
    private readonly QOperand? _upTo;
    private readonly Regex? _pattern;

    private QCondition(ComparisonOperator comparison, QOperand[] operands, QOperand? upTo, Regex? pattern)
    {
        Operator = comparison;
        _operands = operands;
        _upTo = upTo;
        _pattern = pattern;
    }

    public ComparisonOperator Operator { get; }

    /// <summary>The constant, when there is just one.</summary>
    public QOperand? Single => _operands.Length == 1 && _upTo is null ? _operands[0] : null;

    private bool Negative => Operator is ComparisonOperator.NotEqual or ComparisonOperator.MatchesNot;

    private bool IsOrder => Operator is >= ComparisonOperator.Greater and <= ComparisonOperator.LessOrEqual;

    public static QCondition Compare(ComparisonOperator comparison, QOperand operand) => new(comparison, [operand], null, null);

    public static QCondition AnyOf(ComparisonOperator comparison, QOperand[] operands) => new(comparison, operands, null, null);

    public static QCondition Between(ComparisonOperator comparison, QOperand from, QOperand upTo) => new(comparison, [from], upTo, null);

    public static QCondition Pattern(ComparisonOperator comparison, Regex pattern) => new(comparison, [], null, pattern);

    /// <summary>Tests an attribute instance as a whole.</summary>
    public bool Test(in AttributeView view)
    {
        if (Operator == ComparisonOperator.Exists)
        {
            return true;
        }

        switch (view.Kind)
        {
            case AttributeKind.Relationship:
            case AttributeKind.ListRelationship:
                return Operator is ComparisonOperator.Equal or ComparisonOperator.NotEqual && Test(view.Value, view.Shape);
            case AttributeKind.LanguageProperty:
                // 4.9 compares a LanguageProperty only through [lang] or [*].
                return false;
            default:
                return view.TryGetNumber(out double number) ? Test(number) : Test(view.Value, view.Shape);
        }
    }

    /// <summary>Tests a JSON value.</summary>
    public bool Test(ReadOnlySpan<byte> json) => Test(json, AttributeView.ShapeOf(json));

    public bool Test(double number)
    {
        switch (Operator)
        {
            case ComparisonOperator.Exists:
                return true;
            case ComparisonOperator.Equal:
            case ComparisonOperator.NotEqual:
                return Has(number) != Negative;
            case ComparisonOperator.Matches:
            case ComparisonOperator.MatchesNot:
                return false;
            default:
                return _operands[0].TryOrder(number, out int order) && Holds(order);
        }
    }

    public bool TestInstant(long instant)
    {
        switch (Operator)
        {
            case ComparisonOperator.Exists:
                return true;
            case ComparisonOperator.Equal:
            case ComparisonOperator.NotEqual:
                return HasInstant(instant) != Negative;
            case ComparisonOperator.Matches:
            case ComparisonOperator.MatchesNot:
                return false;
            default:
                return _operands[0].TryOrderInstant(instant, out int order) && Holds(order);
        }
    }

    /// <summary>Tests a text that is kept outside JSON.</summary>
    public bool TestText(ReadOnlySpan<byte> utf8)
    {
        if (_pattern is not null)
        {
            return IsMatch(utf8) != Negative;
        }

        if (IsOrder)
        {
            return _operands[0].TryOrderText(utf8, out int order) && Holds(order);
        }

        return Operator == ComparisonOperator.Exists || HasText(utf8) != Negative;
    }

    /// <summary>
    /// Tests the values of a languageMap taken together: any of them for a positive operator, none for a negative one.
    /// </summary>
    public bool TestAnyMember(ReadOnlySpan<byte> map)
    {
        bool any = false;
        bool hit = false;
        var reader = new System.Text.Json.Utf8JsonReader(map);
        reader.Read();
        while (!hit && reader.Read() && reader.TokenType == System.Text.Json.JsonTokenType.PropertyName)
        {
            reader.Read();
            ReadOnlySpan<byte> value = JsonText.Value(map, ref reader);
            any = true;
            hit = Negative ? !Test(value) : Test(value);
        }

        return any && hit != Negative;
    }

    private bool Test(ReadOnlySpan<byte> json, JsonShape shape)
    {
        if (Operator == ComparisonOperator.Exists)
        {
            return true;
        }

        if (_pattern is not null)
        {
            // A pattern speaks about strings only, so that its negation asks for one as well.
            return HasString(json, shape) && HasMatch(json, shape) != Negative;
        }

        return IsOrder ? InOrder(json, shape) : Has(json, shape) != Negative;
    }

    private bool Has(ReadOnlySpan<byte> json, JsonShape shape)
    {
        switch (shape)
        {
            case JsonShape.Array:
                return JsonText.AnyElement(json, this, static (element, self) => self.Has(element, AttributeView.ShapeOf(element)));
            case JsonShape.Object:
                ReadOnlySpan<byte> inner = Inner(json);
                return !inner.IsEmpty && AttributeView.ShapeOf(inner) is not (JsonShape.Array or JsonShape.Object) and var scalar && Has(inner, scalar);
            case JsonShape.Null:
                return false;
            case JsonShape.Number when System.Buffers.Text.Utf8Parser.TryParse(json, out double number, out _):
                return Has(number);
        }

        if (_upTo is null)
        {
            foreach (QOperand operand in _operands)
            {
                if (operand.EqualTo(json, shape))
                {
                    return true;
                }
            }

            return false;
        }

        return _operands[0].TryOrder(json, shape, out int from) && from >= 0 && _upTo.TryOrder(json, shape, out int to) && to <= 0;
    }

    private bool Has(double number)
    {
        if (_upTo is not null)
        {
            return _operands[0].TryOrder(number, out int from) && from >= 0 && _upTo.TryOrder(number, out int to) && to <= 0;
        }

        foreach (QOperand operand in _operands)
        {
            if (operand.Shape == JsonShape.Number && operand.Number == number)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasInstant(long instant)
    {
        if (_upTo is not null)
        {
            return _operands[0].TryOrderInstant(instant, out int from) && from >= 0 && _upTo.TryOrderInstant(instant, out int to) && to <= 0;
        }

        foreach (QOperand operand in _operands)
        {
            if (operand.Instant == instant)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasText(ReadOnlySpan<byte> utf8)
    {
        if (_upTo is not null)
        {
            return _operands[0].TryOrderText(utf8, out int from) && from >= 0 && _upTo.TryOrderText(utf8, out int to) && to <= 0;
        }

        foreach (QOperand operand in _operands)
        {
            if (operand.TryOrderText(utf8, out int order) && order == 0)
            {
                return true;
            }
        }

        return false;
    }

    private bool InOrder(ReadOnlySpan<byte> json, JsonShape shape) => shape switch
    {
        JsonShape.Array => JsonText.AnyElement(json, this, static (element, self) => self.InOrder(element, AttributeView.ShapeOf(element))),
        JsonShape.Object => Inner(json) is { IsEmpty: false } inner && inner[0] is not ((byte)'[' or (byte)'{') && InOrder(inner, AttributeView.ShapeOf(inner)),
        _ => _operands[0].TryOrder(json, shape, out int order) && Holds(order),
    };

    private bool Holds(int order) => Operator switch
    {
        ComparisonOperator.Greater => order > 0,
        ComparisonOperator.GreaterOrEqual => order >= 0,
        ComparisonOperator.Less => order < 0,
        _ => order <= 0,
    };

    private static bool HasString(ReadOnlySpan<byte> json, JsonShape shape) =>
        shape == JsonShape.String
        || (shape == JsonShape.Array && JsonText.AnyElement(json, 0, static (element, _) => element[0] == (byte)'"'));

    private bool HasMatch(ReadOnlySpan<byte> json, JsonShape shape)
    {
        if (shape == JsonShape.Array)
        {
            return JsonText.AnyElement(json, this, static (element, self) => element[0] == (byte)'"' && self.HasMatch(element, JsonShape.String));
        }

        using var buffer = new Scratch<byte>(stackalloc byte[256], json.Length);
        return IsMatch(JsonText.Unescape(json, buffer.Span));
    }

    private bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        using var buffer = new Scratch<char>(stackalloc char[256], utf8.Length);
        return Patterns.IsMatch(_pattern!, buffer.Span[..Encoding.UTF8.GetChars(utf8, buffer.Span)]);
    }

    /// <summary>A typed JSON-LD value (<c>@value</c>) or an element of an objectList (<c>object</c>).</summary>
    private static ReadOnlySpan<byte> Inner(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> inner = JsonText.Member(json, "@value"u8);
        return inner.IsEmpty ? JsonText.Member(json, "object"u8) : inner;
    }
}
