using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Twin.ScenarioEngine.Remote;

/// <summary>The request of an execution, and its results (OGC 18-062r2, 7.11 and 7.13).</summary>
internal static class RemoteDocuments
{
    /// <summary>Inputs that fit the card, in its order.</summary>
    /// <exception cref="ModelInputException">One is missing, unknown, in another unit, out of its range.</exception>
    public static IReadOnlyList<RemoteNumbers> Checked(RemoteCard card, IReadOnlyList<RemoteNumbers> given)
    {
        if (given.FirstOrDefault(numbers => card.Inputs.All(quantity => quantity.Name != numbers.Name)) is { } unknown)
        {
            throw new ModelInputException(unknown.Name, "the card has no such input");
        }

        return [.. card.Inputs.Select(quantity =>
        {
            var found = given.Where(numbers => numbers.Name == quantity.Name).ToList();
            var one = found.Count == 1 ? found[0] : throw new ModelInputException(quantity.Name, found.Count == 0 ? $"it is missing (unit: {quantity.Unit})" : "it is given twice");
            return one.Unit != quantity.Unit ? throw new ModelInputException(quantity.Name, $"the unit given is '{one.Unit}', that of the card '{quantity.Unit}'")
                : quantity.Misfit(one.Numbers) is { } misfit ? throw new ModelInputException(quantity.Name, misfit)
                : one;
        })];
    }

    /// <summary>The body of the execution: every output by value, in one document.</summary>
    public static byte[] Request(RemoteCard card, RemoteDescription description, IReadOnlyList<RemoteNumbers> inputs)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("inputs");
            foreach (var (quantity, numbers) in card.Inputs.Zip(inputs))
            {
                json.WritePropertyName(quantity.Name);
                if (description.IsMeasure(quantity.Name))
                {
                    json.WriteStartObject();
                    json.WritePropertyName("measurement");
                    Write(json, quantity, numbers);
                    json.WriteString("uom", quantity.Unit);
                    json.WriteEndObject();
                }
                else
                {
                    Write(json, quantity, numbers);
                }
            }

            foreach (var (name, value) in card.FixedInputs.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
            json.WriteStartObject("outputs");
            foreach (var output in card.Outputs.Select(output => output.Output ?? output.Name).Distinct(StringComparer.Ordinal))
            {
                json.WriteStartObject(output);
                json.WriteString("transmissionMode", "value");
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteString("response", "document");
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Every output of the card, out of the document of results.</summary>
    /// <exception cref="RemoteFaultException">One is missing, has other numbers than promised, or another unit.</exception>
    public static (IReadOnlyList<RemoteNumbers> Outputs, IReadOnlyList<string> UnitsByAgreement) Results(RemoteCard card, RemoteDescription description, JsonElement document)
    {
        var outputs = new List<RemoteNumbers>();
        var agreed = new List<string>();
        foreach (var quantity in card.Outputs)
        {
            var value = RemoteDescription.Member(document, quantity.Output ?? quantity.Name) ?? throw Refused($"output '{quantity.Output ?? quantity.Name}' is missing");
            var (number, unit) = Unwrapped(quantity.Pointer is null ? value : At(RemoteDescription.Member(value, "value") ?? value, quantity));
            if (unit is not null && unit != quantity.Unit)
            {
                throw Refused($"output '{quantity.Name}' came in '{unit}', the card says '{quantity.Unit}'");
            }

            if (unit is null && description.OutputUnit(quantity.Name) is null && quantity.Unit != "1")
            {
                if (!quantity.UnitByAgreement)
                {
                    throw Refused($"nobody says the unit of output '{quantity.Name}' ('{quantity.Unit}' by the card), and nothing is agreed");
                }

                agreed.Add(quantity.Name);
            }

            var numbers = Numbers(quantity, number);
            if (quantity.Misfit(numbers) is { } misfit)
            {
                throw Refused($"output '{quantity.Name}': {misfit}");
            }

            outputs.Add(new RemoteNumbers(quantity.Name, quantity.Unit, numbers));
        }

        return (outputs, agreed);
    }

    private static void Write(Utf8JsonWriter json, RemoteQuantity quantity, RemoteNumbers numbers)
    {
        if (quantity.Count is null)
        {
            json.WriteNumberValue(numbers.Numbers[0]);
            return;
        }

        json.WriteStartArray();
        foreach (var number in numbers.Numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    // {"value": …} is the qualified value of the standard; {"measurement": …, "uom": …} a measure; one may hold the other.
    private static (JsonElement Number, string? Unit) Unwrapped(JsonElement value)
    {
        var inner = RemoteDescription.Member(value, "value") ?? value;
        return RemoteDescription.Member(inner, "measurement") is { } measurement
            ? (measurement, RemoteDescription.Text(inner, "uom") ?? throw Refused("a measure has no uom"))
            : (inner, null);
    }

    private static JsonElement At(JsonElement value, RemoteQuantity quantity)
    {
        foreach (var step in quantity.Pointer!.Split('/').Skip(1).Select(static step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            value = value.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength() ? value[index]
                : RemoteDescription.Member(value, step) ?? throw Refused($"output '{quantity.Output ?? quantity.Name}' has nothing at {quantity.Pointer}");
        }

        return value;
    }

    private static double[] Numbers(RemoteQuantity quantity, JsonElement value)
    {
        if (quantity.Count is null)
        {
            return [Number(quantity, value)];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Refused($"output '{quantity.Name}' is {value.ValueKind}, not a series");
        }

        if (value.GetArrayLength() != quantity.Count)
        {
            throw Refused($"output '{quantity.Name}': it has {value.GetArrayLength()} numbers; {quantity.Count} are expected");
        }

        return [.. value.EnumerateArray().Select(item => Number(quantity, item))];
    }

    private static double Number(RemoteQuantity quantity, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : throw Refused($"output '{quantity.Name}' holds {value.ValueKind}, not a number");

    private static RemoteFaultException Refused(string fault) => new(RemoteFailure.Refused, fault);
}
