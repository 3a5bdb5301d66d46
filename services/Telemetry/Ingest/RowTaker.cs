using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Ingest.Units;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Ingest;

/// <summary>Makes points of rows: checks every field, finds the series, and puts the point into the batch.</summary>
/// <param name="directory">Where series come into being.</param>
/// <param name="tenant">Whose they are.</param>
/// <param name="context">What the names of attributes mean.</param>
/// <param name="options">What the settings allow.</param>
/// <param name="rules">What they say of values and times.</param>
internal sealed class RowTaker(SeriesDirectory directory, Tenant tenant, JsonLdContext context, TelemetryOptions options, PointRules rules)
{
    private const int MostText = 32 * 1024;
    private const int MostUnit = 32;

    /// <summary>Other @contexts whose names are remembered.</summary>
    private const int MostContexts = 16;

    /// <summary>Units and qualities that are remembered: far more than any honest sender has.</summary>
    private const int MostExtras = 4096;

    // The core @context is the one whose names are shared; another one may mean something else by them.
    private readonly Dictionary<JsonLdContext, SeriesNames> otherNames = [];
    private SeriesNames names = ReferenceEquals(context, JsonLdContext.Core) ? tenant.Names : new SeriesNames();
    private readonly JsonLdContext given = context;
    private JsonLdContext meaning = context;
    private (SeriesEntity Entity, string[] Types) described;
    private readonly Dictionary<(string? Unit, PointQuality Quality), PointExtra> extras = [];
    private readonly Dictionary<(string From, string To), UnitConversion?> conversions = [];
    private readonly byte[] lastTimeText = new byte[40];
    private int lastTimeLength;
    private long lastTime;
    private long latest = rules.Latest;
    private byte[] lastUnit = [];
    private byte[] lastQuality = [];
    private PointExtra? last;

    /// <summary>Adds a row to a batch.</summary>
    /// <returns>Null, or why it is refused.</returns>
    public RowFault? Take(in PointRow row, PointBatch batch)
    {
        if (!ReferenceEquals(row.Context ?? given, meaning))
        {
            Use(row.Context ?? given);
        }

        if (row.Instance is not null)
        {
            return TakeInstance(row, row.Instance, batch);
        }

        if (ReadTime(row, out var time) is { } noTime)
        {
            return noTime;
        }

        if (ReadValue(row, out var form, out var bits, out var text) is { } noValue)
        {
            return noValue;
        }

        if (ReadExtra(row, out var extra) is { } noExtra)
        {
            return noExtra;
        }

        if (FindSeries(row, batch, out var series) is { } noSeries)
        {
            return noSeries;
        }

        if (rules.HasUnits && extra?.Unit is { } unit && form < PointForm.Boolean && rules.UnitOf(series!) is { } wanted && wanted != unit)
        {
            extra = Converted(unit, wanted, extra.Quality, ref form, ref bits);
        }

        if (extra is not { Quality: PointQuality.UnitMismatch } && rules.Of(series!, time, latest, form, bits) is not PointQuality.Good and var quality
            && extra is not { Quality: not PointQuality.Good })
        {
            extra = Shared(extra?.Unit, quality);
        }

        if (text is not null)
        {
            extra = extra is null ? new PointExtra(text, null, PointQuality.Good, null) : extra with { Text = text };
        }

        batch.Add(series!, time, form, bits, extra);
        return null;
    }

    /// <summary>An instance that is more than a value is kept whole, as through the temporal API; rules say nothing of it.</summary>
    private RowFault? TakeInstance(in PointRow row, AttributeNode node, PointBatch batch)
    {
        if (node.ObservedAt is not { } observedAt)
        {
            return Missing("observedAt");
        }

        if ((node.Removed & ~RemovedMembers.Value) != 0)
        {
            return RowFault.Of("urn:ngsi-ld:null stands for a value alone in a temporal evolution (GS CIM 009 4.5.7).");
        }

        if (row.Value.Length > MostText)
        {
            return new RowFault("value", $"the instance has {row.Value.Length} bytes; at most {MostText} are kept.");
        }

        if (FindSeries(row, batch, out var series) is { } noSeries)
        {
            return noSeries;
        }

        // That it came now is not told beside it: coming again it is the same.
        var time = Instance.Ticks(observedAt);
        InstanceCodec.Add(batch, series!, node, time, new InstanceCodec.Origin(0, 0, (node.Removed & RemovedMembers.Value) != 0 ? time : 0));
        return null;
    }

    private void Use(JsonLdContext other)
    {
        if (otherNames.Count == MostContexts)
        {
            otherNames.Clear();
        }

        otherNames[meaning] = names;
        names = otherNames.GetValueOrDefault(other) ?? (ReferenceEquals(other, JsonLdContext.Core) ? tenant.Names : new SeriesNames());
        meaning = other;
    }

    private RowFault? FindSeries(in PointRow row, PointBatch batch, out TimeSeries? series)
    {
        var hash = names.Hash(row.Entity, row.Attribute, row.Dataset);
        series = names.Find(hash, row.Entity, row.Attribute, row.Dataset);
        if (series is null or { Removed: true } && Find(row, hash, out series) is { } noSeries)
        {
            return noSeries;
        }

        if (row.Types is { } types && (!ReferenceEquals(described.Entity, series!.Entity) || !ReferenceEquals(described.Types, types)))
        {
            Describe(series.Entity, types, batch);
        }

        return null;
    }

    /// <summary>An entity has the types that anybody said of it.</summary>
    private void Describe(SeriesEntity entity, string[] types, PointBatch batch)
    {
        described = (entity, types);
        if (Array.TrueForAll(types, type => Array.IndexOf(entity.Types, type) >= 0))
        {
            return;
        }

        entity.IsNews |= entity is { Stored: false, Types.Length: 0 };
        entity.Types = [.. entity.Types.Union(types, StringComparer.Ordinal)];
        batch.ChangedEntities.Add(entity);
    }

    /// <summary>Rows of many sensors often have one time.</summary>
    private RowFault? ReadTime(in PointRow row, out long time)
    {
        time = row.Ticks;
        if (time != 0)
        {
            latest = time > latest ? rules.Latest : latest;
            return null;
        }

        var text = row.ObservedAt;
        time = lastTime;
        if (lastTimeLength > 0 && text.SequenceEqual(lastTimeText.AsSpan(0, lastTimeLength)))
        {
            return null;
        }

        if (TimeText.Read(text, out time) is { } noTime)
        {
            return text.IsEmpty ? Missing("observedAt") : new RowFault("observedAt", $"'{Shown(text)}': {noTime}.");
        }

        if (time > latest)
        {
            // A body may take long: what was ahead when it began need not be now.
            latest = rules.Latest;
        }

        if (text.Length <= lastTimeText.Length)
        {
            text.CopyTo(lastTimeText);
            (lastTimeLength, lastTime) = (text.Length, time);
        }

        return null;
    }

    private static RowFault? ReadValue(in PointRow row, out byte form, out long bits, out byte[]? text)
    {
        (form, bits, text) = (0, 0, null);
        switch (row.Kind)
        {
            case RowValue.Number:
                (form, bits) = (row.Form, row.Bits);
                return null;
            case RowValue.NumberTooLarge:
                return new RowFault("value", $"{Shown(row.Value)} is beyond the numbers that are kept (IEEE 754 double).");
            case RowValue.Boolean:
                (form, bits) = (PointForm.Boolean, row.Value[0] is (byte)'t' ? 1 : 0);
                return null;
            case RowValue.Text when NotText(row.Value) is { } why:
                return new RowFault("value", why);
            case RowValue.Text or RowValue.String or RowValue.Json when row.Value.Length > MostText:
                return new RowFault("value", $"it has {row.Value.Length} bytes; at most {MostText} are kept.");
            case RowValue.Text or RowValue.String:
                (form, text) = (PointForm.String, row.Value.ToArray());
                return Utf8.IsValid(text) ? null : new RowFault("value", "it is not UTF-8.");
            case RowValue.Json:
                (form, text) = (IsGeometry(row.Value) ? PointForm.Geo : PointForm.Json, row.Value.ToArray());
                return null;
            case RowValue.Null:
                return new RowFault("value", "null is no value; leave out what was not measured.");
            case RowValue.None:
                return Missing("value");
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Why a text is rather a number that was written wrongly; null when it is a text.</summary>
    private static string? NotText(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return "it is empty.";
        }

        if (text.Length > 64 || (text[0] is not ((byte)'+' or (byte)'-' or (byte)'.' or (byte)'i' or (byte)'I' or (byte)'n' or (byte)'N' or (byte)' ') && (uint)(text[0] - '0') > 9))
        {
            return null;
        }

        var word = Encoding.UTF8.GetString(text).Trim();
        if (word.TrimStart('+', '-').ToUpperInvariant() is "NAN" or "INF" or "INFINITY" or "NULL")
        {
            return $"{word} is no number that can be kept; leave out what was not measured.";
        }

        if (double.TryParse(word, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            return $"'{word}' is a number written as text; write it as a JSON number.";
        }

        return word.Count(static c => c == ',') == 1 && double.TryParse(word.Replace(',', '.'), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _)
            ? $"'{word}' has a decimal comma; write a point."
            : null;
    }

    private static bool IsGeometry(ReadOnlySpan<byte> json)
    {
        if (json[0] != '{' || json.IndexOf("\"coordinates\""u8) < 0)
        {
            return false;
        }

        using var document = JsonDocument.Parse(json.ToArray());
        return document.RootElement.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && type.GetString() is "Point" or "MultiPoint" or "LineString" or "MultiLineString" or "Polygon" or "MultiPolygon";
    }

    private RowFault? ReadExtra(in PointRow row, out PointExtra? extra)
    {
        extra = null;
        if (row.Unit.IsEmpty && row.Quality.IsEmpty)
        {
            return null;
        }

        if (last is not null && row.Unit.SequenceEqual(lastUnit) && row.Quality.SequenceEqual(lastQuality))
        {
            extra = last;
            return null;
        }

        if (row.Unit.Length > MostUnit || row.Unit.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return new RowFault("unit", $"'{Shown(row.Unit)}' is no unit code such as CEL (UN/CEFACT).");
        }

        if (!Qualities.TryParse(row.Quality, out var quality))
        {
            return new RowFault("quality", $"'{Shown(row.Quality)}' is none of {Qualities.Names}.");
        }

        var unit = row.Unit.IsEmpty ? null : Encoding.ASCII.GetString(row.Unit);
        if (unit is null && quality == PointQuality.Good)
        {
            return null;
        }

        extra = Shared(unit, quality);
        (lastUnit, lastQuality, last) = (row.Unit.ToArray(), row.Quality.ToArray(), extra);
        return null;
    }

    /// <summary>Converts a number; what cannot be converted is kept as it is, and says so unless its source says worse.</summary>
    private PointExtra Converted(string unit, string wanted, PointQuality quality, ref byte form, ref long bits)
    {
        if (!conversions.TryGetValue((unit, wanted), out var conversion))
        {
            if (conversions.Count == MostExtras)
            {
                conversions.Clear();
            }

            conversions.Add((unit, wanted), conversion = UnitCodes.Between(unit, wanted));
        }

        return conversion is not null && conversion.TryApply(ref form, ref bits)
            ? Shared(wanted, quality)
            : Shared(unit, quality == PointQuality.Good ? PointQuality.UnitMismatch : quality);
    }

    private PointExtra Shared(string? unit, PointQuality quality)
    {
        if (!extras.TryGetValue((unit, quality), out var extra))
        {
            if (extras.Count == MostExtras)
            {
                extras.Clear();
            }

            extras.Add((unit, quality), extra = new PointExtra(default, unit, quality, null));
        }

        return extra;
    }

    private RowFault? Find(in PointRow row, ulong hash, out TimeSeries? series)
    {
        series = null;
        if (row.Entity.IsEmpty || row.Attribute.IsEmpty)
        {
            return Missing(row.Entity.IsEmpty ? "entity" : "attribute");
        }

        if (row.Entity.Length > 2048 || !Uris.IsAbsolute(row.Entity))
        {
            return new RowFault("entity", $"'{Shown(row.Entity)}' is no URI such as urn:ngsi-ld:Device:1.");
        }

        if (!Uris.IsName(row.Attribute) || Reserved.Contains(Encoding.UTF8.GetString(row.Attribute)))
        {
            return new RowFault("attribute", $"'{Shown(row.Attribute)}' names no attribute.");
        }

        if (!row.Dataset.IsEmpty && !row.Dataset.SequenceEqual("@none"u8) && (row.Dataset.Length > 2048 || !Uris.IsAbsolute(row.Dataset)))
        {
            return new RowFault("dataset", $"'{Shown(row.Dataset)}' is neither a URI nor @none.");
        }

        var dataset = row.Dataset.SequenceEqual("@none"u8) ? "" : Encoding.UTF8.GetString(row.Dataset);
        string attribute;
        try
        {
            attribute = meaning.ExpandTerm(Encoding.UTF8.GetString(row.Attribute));
        }
        catch (NgsiLdException fault)
        {
            return new RowFault("attribute", fault.Message);
        }

        if (attribute.Length > Terms.MaximumLength)
        {
            return new RowFault("attribute", "its IRI is too long.");
        }

        var entity = Encoding.UTF8.GetString(row.Entity);
        if (options.RefuseUnknownEntities && tenant.FindEntity(entity) is null)
        {
            return new RowFault("entity", $"'{entity}' is not known here, and may not come in by its points (Twin:Telemetry:RefuseUnknownEntities).");
        }

        if (tenant.SeriesCount >= options.MostSeries && (tenant.FindEntity(entity) is not { } owner || tenant.Find(owner, attribute, dataset) is null))
        {
            return new RowFault("entity", $"the tenant has {options.MostSeries} series, and may not have more (Twin:Telemetry:MostSeries).");
        }

        series = directory.GetOrCreate(tenant, entity, attribute, dataset);
        names.Add(hash, row.Entity, row.Attribute, row.Dataset, series);
        return null;
    }

    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "id", "type", "scope", "createdAt", "modifiedAt", "deletedAt", "expiresAt", "observedAt", "datasetId", "instanceId", "unitCode",
    };

    private static RowFault Missing(string member) => new(member, "it is missing.");

    private static string Shown(ReadOnlySpan<byte> text)
    {
        var shown = Encoding.UTF8.GetString(text[..Math.Min(60, text.Length)]);
        return text.Length > 60 ? shown + "…" : shown;
    }
}
