using System.Text;
using System.Text.Json;

namespace Twin.Telemetry.Formats;

/// <summary>Values of JSON in columns of texts.</summary>
internal static class TableText
{
    /// <summary>A text as it is, anything else as JSON.</summary>
    /// <param name="json">The value.</param>
    public static string Of(ReadOnlySpan<byte> json)
    {
        if (json is not [(byte)'"', ..])
        {
            return Encoding.UTF8.GetString(json);
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString()!;
    }
}
