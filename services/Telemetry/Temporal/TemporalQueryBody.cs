using System.Buffers;
using System.Text.Json;
using Twin.NgsiLd;

namespace Twin.Telemetry.Temporal;

/// <summary>Takes the temporal members out of the body of a query (GS CIM 009 5.2.23): temporalQ (5.2.21) and aggrParams (5.2.44).</summary>
internal static class TemporalQueryBody
{
    /// <summary>Splits a body.</summary>
    /// <param name="body">The JSON body.</param>
    /// <returns>The parameters of the temporal query by name, and the body without them.</returns>
    /// <exception cref="NgsiLdException">InvalidRequest: no JSON object. BadRequestData naming the member.</exception>
    public static (Dictionary<string, string> Temporal, ReadOnlyMemory<byte> Others) Split(ReadOnlyMemory<byte> body)
    {
        var temporal = new Dictionary<string, string>(StringComparer.Ordinal);
        var rest = new ArrayBufferWriter<byte>(body.Length);
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw NgsiLdException.Invalid("The body is a JSON object of type Query (5.2.23).");
            }

            using var writer = new Utf8JsonWriter(rest);
            writer.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Name is "temporalQ" or "aggrParams")
                {
                    Take(member, temporal);
                }
                else
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }
        catch (JsonException fault)
        {
            throw NgsiLdException.Invalid($"The body is not JSON: {fault.Message}");
        }

        return (temporal, rest.WrittenMemory);
    }

    private static void Take(JsonProperty member, Dictionary<string, string> into)
    {
        if (member.Value.ValueKind != JsonValueKind.Object)
        {
            throw NgsiLdException.BadRequest($"{member.Name} is an object.", "/" + member.Name);
        }

        foreach (var one in member.Value.EnumerateObject())
        {
            if (!TemporalQuery.Parameters.Contains(one.Name, StringComparer.Ordinal))
            {
                throw NgsiLdException.BadRequest($"{member.Name} has no member '{one.Name}'.", $"/{member.Name}/{one.Name}");
            }

            into[one.Name] = one.Value.ValueKind switch
            {
                JsonValueKind.String => one.Value.GetString()!,
                JsonValueKind.Number when one.Name == "lastN" => one.Value.GetRawText(),
                JsonValueKind.Array when one.Name == "aggrMethods" && one.Value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String)
                    => string.Join(',', one.Value.EnumerateArray().Select(static item => item.GetString())),
                _ => throw NgsiLdException.BadRequest($"{one.Name} does not have such a value.", $"/{member.Name}/{one.Name}"),
            };
        }
    }
}
