using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Formats;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>Writes points as the rows that <c>POST /ingest</c> takes, as CSV or as NDJSON.</summary>
internal sealed class PointRowWriter(IBufferWriter<byte> to, JsonLdContext context, bool csv)
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> value = new(256);
    private TimeSeries? current;
    private byte[] before = [];
    private byte[] dataset = [];

    /// <summary>The header that CSV has.</summary>
    public void WriteHeader()
    {
        if (csv)
        {
            to.Write("entity,attribute,observedAt,value,dataset,unit,quality\n"u8);
        }
    }

    /// <summary>A point; a deletion is none.</summary>
    public void Write(in Instance instance)
    {
        if (instance.IsDeletion)
        {
            return;
        }

        if (!ReferenceEquals(instance.Series, current))
        {
            Begin(instance.Series);
        }

        to.Write(before);
        Time(instance.Time);
        to.Write(csv ? ","u8 : "\",\"value\":"u8);
        Value(instance);
        var unit = instance.Extra?.Unit ?? (instance.Facts is { Instance.IsEmpty: false } ? InstanceCodec.ToNode(instance).UnitCode : null);
        var quality = instance.Extra is { Quality: not PointQuality.Good } extra ? Qualities.Name(extra.Quality) : null;
        to.Write(dataset);
        if (csv)
        {
            to.Write(","u8);
            CsvText.Write(to, Encoding.UTF8.GetBytes(unit ?? ""));
            to.Write(","u8);
            to.Write(Encoding.UTF8.GetBytes(quality ?? ""));
            to.Write("\n"u8);
            return;
        }

        Member("unit", unit);
        Member("quality", quality);
        to.Write("}\n"u8);
    }

    private void Begin(TimeSeries series)
    {
        current = series;
        var attribute = context.Compact(series.Term);
        var start = new ArrayBufferWriter<byte>(256);
        var end = new ArrayBufferWriter<byte>(64);
        if (csv)
        {
            CsvText.Write(start, Encoding.UTF8.GetBytes(series.Entity.Id));
            start.Write(","u8);
            CsvText.Write(start, Encoding.UTF8.GetBytes(attribute));
            start.Write(","u8);
            end.Write(","u8);
            CsvText.Write(end, Encoding.UTF8.GetBytes(series.Dataset));
        }
        else
        {
            start.Write("{\"entity\":"u8);
            Text(start, series.Entity.Id);
            start.Write(",\"attribute\":"u8);
            Text(start, attribute);
            start.Write(",\"observedAt\":\""u8);
            if (series.Dataset.Length > 0)
            {
                end.Write(",\"dataset\":"u8);
                Text(end, series.Dataset);
            }
        }

        (before, dataset) = (start.WrittenSpan.ToArray(), end.WrittenSpan.ToArray());
    }

    private void Time(long ticks) => to.Advance(Timestamps.Write(Instance.Micros(ticks), to.GetSpan(Timestamps.MaximumLength)));

    private void Value(in Instance instance)
    {
        const int MostOfANumber = 32;
        if (instance.Form < PointForm.String && instance.Facts is not { Instance.IsEmpty: false })
        {
            to.Advance(NumberText.FormatJson(instance.Form, instance.Bits, to.GetSpan(MostOfANumber)));
        }
        else if (csv && instance.Form == PointForm.String && instance.Facts is not { Instance.IsEmpty: false })
        {
            CsvText.Write(to, instance.Extra!.Text.Span);
        }
        else
        {
            var json = Json(instance);
            if (!csv)
            {
                to.Write(json);
            }
            else if (json is [(byte)'"', ..])
            {
                var reader = new Utf8JsonReader(json);
                reader.Read();
                CsvText.Write(to, Encoding.UTF8.GetBytes(reader.GetString()!));
            }
            else
            {
                CsvText.Write(to, json);
            }
        }
    }

    private ReadOnlySpan<byte> Json(in Instance instance)
    {
        if (instance.Facts is { Instance.IsEmpty: false })
        {
            return InstanceCodec.ToNode(instance).Value.Span;
        }

        value.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(value, Relaxed))
        {
            InstanceCodec.WriteValue(writer, instance);
        }

        return value.WrittenSpan;
    }

    private void Member(string name, string? text)
    {
        if (text is not null)
        {
            to.Write(Encoding.ASCII.GetBytes($",\"{name}\":"));
            Text(to, text);
        }
    }

    private static void Text(IBufferWriter<byte> to, string text)
    {
        using var writer = new Utf8JsonWriter(to, Relaxed);
        writer.WriteStringValue(text);
    }
}
