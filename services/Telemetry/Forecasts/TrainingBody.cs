using System.Text.Json;
using Twin.NgsiLd;

namespace Twin.Telemetry.Forecasts;

/// <summary>The body that asks for a model: an object whose members are the parameters of forecasts.</summary>
internal static class TrainingBody
{
    private const int MostText = 4096;

    /// <summary>Reads it.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="known">The members that there are.</param>
    /// <exception cref="NgsiLdException">InvalidRequest when it is no JSON, BadRequestData with the member at fault.</exception>
    public static ForecastParameters Read(ReadOnlyMemory<byte> utf8, string[] known)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw NgsiLdException.BadRequest("The body is an object with entity and attribute at least.", "");
            }

            var named = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!known.Contains(member.Name))
                {
                    throw NgsiLdException.BadRequest($"There is no member '{member.Name}' here. There are: {string.Join(", ", known)}.", member.Name);
                }

                named[member.Name] = member.Value.ValueKind == JsonValueKind.Array
                    ? string.Join(',', member.Value.EnumerateArray().Select(one => Text(member.Name, one)))
                    : Text(member.Name, member.Value);
            }

            return new ForecastParameters(named);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // A text with half a surrogate is found only when it is read.
            throw NgsiLdException.Invalid($"The body is not JSON: {fault.Message}");
        }
    }

    private static string Text(string name, JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            _ => throw NgsiLdException.BadRequest($"{name} is a text or a number.", name),
        };
        return text.Length is > 0 and <= MostText ? text : throw NgsiLdException.BadRequest($"{name} has 1 to {MostText} characters.", name);
    }
}
