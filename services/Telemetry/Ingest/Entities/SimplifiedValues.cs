using System.Text.Json;

namespace Twin.Telemetry.Ingest.Entities;

/// <summary>The simplified form of an attribute's evolution (4.5.9): lists of pairs of a value and its time.</summary>
internal static class SimplifiedValues
{
    private static readonly (string List, string Type, string Member)[] Members =
    [
        ("values", "Property", "value"),
        ("objects", "Relationship", "object"),
        ("languageMaps", "LanguageProperty", "languageMap"),
        ("vocabs", "VocabProperty", "vocab"),
        ("jsons", "JsonProperty", "json"),
        ("valueLists", "ListProperty", "valueList"),
        ("objectLists", "ListRelationship", "objectList"),
    ];

    /// <summary>The member that the reader stands at, when it is one of lists; else null.</summary>
    public static string? MemberOf(ref Utf8JsonReader reader)
    {
        foreach (var (list, _, _) in Members)
        {
            if (reader.ValueTextEquals(list))
            {
                return list;
            }
        }

        return null;
    }

    /// <summary>Finds the instances of a list.</summary>
    /// <param name="cutter">Whose record it is in.</param>
    /// <param name="common">What all of them share.</param>
    /// <param name="list">The list.</param>
    /// <returns>Why the whole record is refused.</returns>
    public static RowFault? Cut(InstanceCutter cutter, InstanceSlot common, Piece list)
    {
        var reader = new Utf8JsonReader(cutter.Of(list), new JsonReaderOptions { MaxDepth = 64 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return cutter.Add(common with { Fault = NoPair });
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var slot = common with { Entry = common.Entry + 1 };
            common.Entry++;
            slot.Fault = reader.TokenType == JsonTokenType.StartArray ? CutPair(cutter, ref reader, ref slot, list.Start) : Pass(ref reader);
            if (cutter.Add(slot) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static RowFault NoPair => new("value", "an entry of the simplified form is an array of a value and its time.");

    private static RowFault? CutPair(InstanceCutter cutter, ref Utf8JsonReader reader, ref InstanceSlot slot, int offset)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            return NoPair;
        }

        var start = (int)reader.TokenStartIndex;
        var isPlain = slot.List == "values" && cutter.Scalar(ref reader, ref slot, offset);
        if (!isPlain)
        {
            reader.Skip();
        }

        var value = new Piece(offset + start, (int)reader.BytesConsumed - start);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            slot.Time = cutter.Text(ref reader, offset);
            reader.Read();
        }

        if (slot.Time.IsEmpty || reader.TokenType != JsonTokenType.EndArray)
        {
            while (reader.TokenType != JsonTokenType.EndArray)
            {
                reader.Skip();
                reader.Read();
            }

            return NoPair;
        }

        return isPlain ? null : Write(cutter, ref slot, value);
    }

    /// <summary>Writes an entry out, as the instance that it stands for.</summary>
    private static RowFault? Write(InstanceCutter cutter, ref InstanceSlot slot, Piece value)
    {
        if (!IsSimple(cutter.Of(slot.Time)) || !IsSimple(cutter.Of(slot.Dataset)))
        {
            return new RowFault(IsSimple(cutter.Of(slot.Time)) ? "dataset" : "observedAt", "it has characters that it cannot have.");
        }

        var name = slot.List;
        var (_, type, member) = Array.Find(Members, one => one.List == name);
        byte[] dataset = slot.Dataset.IsEmpty ? [] : [.. ",\"datasetId\":\""u8, .. cutter.Of(slot.Dataset), (byte)'"'];
        slot.Whole = cutter.Append(
            [
                .. "{\"type\":\""u8, .. System.Text.Encoding.ASCII.GetBytes(type), .. "\",\""u8, .. System.Text.Encoding.ASCII.GetBytes(member), .. "\":"u8, .. cutter.Of(value),
                .. ",\"observedAt\":\""u8, .. cutter.Of(slot.Time), (byte)'"', .. dataset, (byte)'}',
            ]);
        return null;
    }

    private static bool IsSimple(ReadOnlySpan<byte> text) => !text.ContainsAny((byte)'"', (byte)'\\') && !text.ContainsAnyInRange((byte)0, (byte)31);

    private static RowFault Pass(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return NoPair;
    }
}
