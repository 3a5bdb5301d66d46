using System.Text.Json;

namespace Twin.Telemetry.Ingest;

/// <summary>Rows of newline-delimited JSON: an object on each line, with the names of the CSV header.</summary>
internal class NdjsonRows : RowReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 32 };
    private byte[] scratch = new byte[4096];

    /// <inheritdoc />
    protected override int FindEnd(ReadOnlySpan<byte> data, ref int scanned)
    {
        var end = data[scanned..].IndexOf((byte)'\n');
        end = end < 0 ? -1 : end + scanned;
        scanned = data.Length;
        return end;
    }

    /// <inheritdoc />
    protected override RowFault? Read(ReadOnlySpan<byte> record, out PointRow row)
    {
        PointRow made = default;
        var fault = ReadObject(record, ref made);
        row = made;
        return fault;
    }

    private RowFault? ReadObject(ReadOnlySpan<byte> record, ref PointRow row)
    {
        var reader = new Utf8JsonReader(record, Options);
        var used = 0;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return RowFault.Of("it is no JSON object.");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (ReadMember(ref reader, record, ref row, ref used) is { } fault)
                {
                    return fault;
                }
            }

            return reader.Read() ? RowFault.Of("more follows after the object.") : null;
        }
        catch (JsonException fault)
        {
            return NotJson(record, fault);
        }
        catch (InvalidOperationException)
        {
            return RowFault.Of("it holds text that is not UTF-8.");
        }
    }

    /// <summary>NaN and Infinity are what JSON leaves out and many programs write all the same.</summary>
    private static RowFault NotJson(ReadOnlySpan<byte> record, JsonException fault)
    {
        var value = record.IndexOf("\"value\""u8);
        if (value >= 0)
        {
            var rest = record[(value + 7)..].TrimStart(" \t:"u8);
            if (rest.StartsWith("NaN"u8) || rest.StartsWith("Infinity"u8) || rest.StartsWith("-Infinity"u8))
            {
                return new RowFault("value", "NaN and infinities are no values; leave out what was not measured.");
            }
        }

        return RowFault.Of($"it is not JSON (byte {fault.BytePositionInLine}).");
    }

    private RowFault? ReadMember(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> record, scoped ref PointRow row, scoped ref int used)
    {
        if (reader.ValueTextEquals("value"u8))
        {
            reader.Read();
            if (row.Kind != RowValue.None)
            {
                return Twice("value");
            }

            ReadValue(ref reader, record, ref row, ref used);
            return null;
        }

        ref var field = ref Field(ref reader, ref row, out var name);
        if (name is null)
        {
            return new RowFault(reader.GetString(), $"a row has no such member; it has {Members}.");
        }

        reader.Read();
        if (reader.TokenType == JsonTokenType.Null && name is "dataset" or "unit" or "quality")
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return new RowFault(name, "it is a string.");
        }

        if (!field.IsEmpty)
        {
            return Twice(name);
        }

        field = Text(ref reader, ref used);
        return null;
    }

    private void ReadValue(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> record, scoped ref PointRow row, scoped ref int used)
    {
        row.Kind = reader.TokenType switch
        {
            JsonTokenType.Number => RowValue.Number,
            JsonTokenType.True or JsonTokenType.False => RowValue.Boolean,
            JsonTokenType.String => RowValue.Text,
            JsonTokenType.Null => RowValue.Null,
            _ => RowValue.Json,
        };
        if (row.Kind == RowValue.Json)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            row.Value = record[start..(int)reader.BytesConsumed];
        }
        else
        {
            row.Value = row.Kind == RowValue.Text ? Text(ref reader, ref used) : reader.ValueSpan;
            if (row.Kind == RowValue.Number && !Points.NumberText.TryParse(row.Value, out row.Form, out row.Bits))
            {
                row.Kind = RowValue.NumberTooLarge;
            }
        }
    }

    private static ref ReadOnlySpan<byte> Field(scoped ref Utf8JsonReader reader, ref PointRow row, out string? name)
    {
        name = null;
        if (reader.ValueTextEquals("entity"u8))
        {
            name = "entity";
            return ref row.Entity;
        }

        if (reader.ValueTextEquals("attribute"u8))
        {
            name = "attribute";
            return ref row.Attribute;
        }

        if (reader.ValueTextEquals("observedAt"u8))
        {
            name = "observedAt";
            return ref row.ObservedAt;
        }

        if (reader.ValueTextEquals("dataset"u8))
        {
            name = "dataset";
            return ref row.Dataset;
        }

        if (reader.ValueTextEquals("unit"u8))
        {
            name = "unit";
            return ref row.Unit;
        }

        name = reader.ValueTextEquals("quality"u8) ? "quality" : null;
        return ref row.Quality;
    }

    private static RowFault Twice(string member) => new(member, "it is there twice.");

    /// <summary>The text of a string: where it stands, or unescaped beside.</summary>
    private ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader, scoped ref int used)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (scratch.Length - used < reader.ValueSpan.Length)
        {
            // Fields before this one keep the old piece.
            scratch = new byte[Math.Max(scratch.Length * 2, reader.ValueSpan.Length)];
            used = 0;
        }

        var length = reader.CopyString(scratch.AsSpan(used));
        var text = scratch.AsSpan(used, length);
        used += length;
        return text;
    }
}
