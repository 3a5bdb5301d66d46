using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>
/// The canonical form of JSON (RFC 8785): members in the order of their UTF-16 code units, numbers as ECMAScript writes
/// them, no blanks. Equal data are equal bytes, and have equal hashes.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>The canonical form.</summary>
    /// <exception cref="JsonException">A member occurs twice, or a number is beyond what IEEE 754 doubles hold: I-JSON (RFC 7493) has neither.</exception>
    public static byte[] Of(JsonElement json)
    {
        var to = new ArrayBufferWriter<byte>(1024);
        Write(to, json);
        return to.WrittenSpan.ToArray();
    }

    /// <summary>A number as ECMAScript writes it (ECMA-262 6.1.6.1.20).</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new JsonException("A number is beyond what a double holds.");
        }

        if (value == 0)
        {
            return "0";
        }

        // The shortest digits that read back as the same double.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        return (value < 0 ? "-" : "") + Layout(Digits(shortest), Point(shortest));
    }

    private static string Digits(string shortest) => shortest.Split('E')[0].Replace(".", "", StringComparison.Ordinal).Trim('0');

    /// <summary>How many digits stand before the point when the first of them is no zero; negative for zeros behind it.</summary>
    private static int Point(string shortest)
    {
        var parts = shortest.Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var plain = parts[0].Replace(".", "", StringComparison.Ordinal);
        var leading = plain.Length - plain.TrimStart('0').Length;
        var power = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        return (point < 0 ? parts[0].Length : point) - leading + power;
    }

    /// <summary>k digits, the point after the first n of them.</summary>
    private static string Layout(string digits, int n)
    {
        var k = digits.Length;
        if (k <= n && n <= 21)
        {
            return digits + new string('0', n - k);
        }

        if (n is > 0 and <= 21)
        {
            return $"{digits[..n]}.{digits[n..]}";
        }

        if (n is > -6 and <= 0)
        {
            return "0." + new string('0', -n) + digits;
        }

        var power = (n - 1 < 0 ? "-" : "+") + Math.Abs(n - 1).ToString(CultureInfo.InvariantCulture);
        return k == 1 ? $"{digits}e{power}" : $"{digits[..1]}.{digits[1..]}e{power}";
    }

    private static void Write(ArrayBufferWriter<byte> to, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(to, json);
                break;
            case JsonValueKind.Array:
                var first = true;
                to.Write("["u8);
                foreach (var item in json.EnumerateArray())
                {
                    to.Write(first ? [] : ","u8);
                    first = false;
                    Write(to, item);
                }

                to.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteText(to, json.GetString()!);
                break;
            case JsonValueKind.Number:
                to.Write(Encoding.ASCII.GetBytes(Number(json.GetDouble())));
                break;
            case JsonValueKind.True:
                to.Write("true"u8);
                break;
            case JsonValueKind.False:
                to.Write("false"u8);
                break;
            case JsonValueKind.Null:
                to.Write("null"u8);
                break;
            case JsonValueKind.Undefined:
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void WriteObject(ArrayBufferWriter<byte> to, JsonElement json)
    {
        var members = json.EnumerateObject().ToArray();
        Array.Sort(members, static (x, y) => string.CompareOrdinal(x.Name, y.Name));
        to.Write("{"u8);
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0 && members[i].Name == members[i - 1].Name)
            {
                throw new JsonException($"The member '{members[i].Name}' occurs twice.");
            }

            to.Write(i > 0 ? ","u8 : []);
            WriteText(to, members[i].Name);
            to.Write(":"u8);
            Write(to, members[i].Value);
        }

        to.Write("}"u8);
    }

    private static void WriteText(ArrayBufferWriter<byte> to, string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\b' => quoted.Append("\\b"),
                '\t' => quoted.Append("\\t"),
                '\n' => quoted.Append("\\n"),
                '\f' => quoted.Append("\\f"),
                '\r' => quoted.Append("\\r"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        to.Write(Encoding.UTF8.GetBytes(quoted.Append('"').ToString()));
    }
}
