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
        var isPlain = slot.List == "values" && slot.Type.IsEmpty && cutter.Scalar(ref reader, ref slot, offset);
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
        foreach (var (name, piece) in (ReadOnlySpan<(string, Piece)>)[("observedAt", slot.Time), ("dataset", slot.Dataset), ("attribute", slot.Type)])
        {
            if (cutter.Of(piece).ContainsAny((byte)'"', (byte)'\\') || cutter.Of(piece).ContainsAnyInRange((byte)0, (byte)31))
            {
                return new RowFault(name, "it has characters that it cannot have.");
            }
        }

        var list = slot.List;
        var (_, usual, member) = Array.Find(Members, one => one.List == list);
        var type = slot.Type.IsEmpty ? System.Text.Encoding.ASCII.GetBytes(usual) : cutter.Of(slot.Type).ToArray();
        byte[] dataset = slot.Dataset.IsEmpty ? [] : [.. ",\"datasetId\":\""u8, .. cutter.Of(slot.Dataset), (byte)'"'];
        slot.Whole = cutter.Append(
            [
                .. "{\"type\":\""u8, .. type, .. "\",\""u8, .. System.Text.Encoding.ASCII.GetBytes(member), .. "\":"u8, .. Unwrapped(cutter.Of(value), member),
                .. ",\"observedAt\":\""u8, .. cutter.Of(slot.Time), (byte)'"', .. dataset, (byte)'}',
            ]);
        return null;
    }

    /// <summary>The simplified form of what is no Property or Relationship is an object of its one member (4.5.4).</summary>
    private static ReadOnlySpan<byte> Unwrapped(ReadOnlySpan<byte> json, string member)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(member))
        {
            return json;
        }

        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        var inner = json[start..(int)reader.BytesConsumed];
        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? inner : json;
    }

    private static RowFault Pass(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return NoPair;
    }
}
