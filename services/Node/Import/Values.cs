using System.Globalization;
using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>Texts that become JSON values.</summary>
internal static class Values
{
    /// <summary>Writes a text as the type says, or refuses it.</summary>
    public static void Write(Utf8JsonWriter json, string? type, string text, string column, char decimalPoint)
    {
        switch (type)
        {
            case "number":
                json.WriteNumberValue(Number(text, column, decimalPoint));
                break;
            case "integer":
                var number = Number(text, column, decimalPoint);
                json.WriteNumberValue(number == decimal.Truncate(number) ? decimal.Truncate(number) : throw new RefusedException(column, $"\"{text}\" is not a whole number."));
                break;
            case "boolean":
                json.WriteBooleanValue(Truth(text, column));
                break;
            case "datetime" or "date":
                json.WriteStartObject();
                json.WriteString("@type", type == "date" ? "Date" : "DateTime");
                json.WriteString("@value", type == "date" ? Day(text, column) : Instant(text, column));
                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(text);
                break;
        }
    }

    /// <summary>
    /// A number; spaces may group its digits. The other separator is refused and never taken for grouping: 12,5 read as
    /// 125 would be worse than a refusal.
    /// </summary>
    public static decimal Number(string text, string column, char decimalPoint)
    {
        var plain = new string([.. text.Where(static c => !char.IsWhiteSpace(c) && c != '\u202f')]);
        return !plain.Contains(decimalPoint == ',' ? '.' : ',') && decimal.TryParse(plain.Replace(decimalPoint, '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new RefusedException(column, $"\"{Short(text)}\" is not a number with \"{decimalPoint}\" as its decimal separator; set \"decimal\" in the mapping if it is the other.");
    }

    /// <summary>A time with its offset; a text without one is UTC.</summary>
    public static string Instant(string text, string column) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)
            : throw new RefusedException(column, $"\"{Short(text)}\" is not a date and time (ISO 8601).");

    private static string Day(string text, string column) =>
        DateOnly.TryParse(text, CultureInfo.InvariantCulture, out var day)
            ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : throw new RefusedException(column, $"\"{Short(text)}\" is not a date (ISO 8601).");

    private static bool Truth(string text, string column) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "OUI" or "JA" or "YES" or "VRAI" or "WAHR" or "Y" or "O" or "J" => true,
        "FALSE" or "0" or "NON" or "NEIN" or "NO" or "FAUX" or "FALSCH" or "N" => false,
        _ => throw new RefusedException(column, $"\"{Short(text)}\" is neither true nor false."),
    };

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
