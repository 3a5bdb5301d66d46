using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Points;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Sources;

/// <summary>Where a decoder puts the points of one message.</summary>
/// <param name="taker">Judges them as it does rows of bulk bodies.</param>
/// <param name="batch">Takes them.</param>
/// <param name="message">The message.</param>
internal sealed class MessagePoints(RowTaker taker, PointBatch batch, SourceMessage message)
{
    private const int MostFaults = 5;
    private readonly List<RowFault> faults = [];
    private byte[]? arrival;

    /// <summary>Points that are refused.</summary>
    public int Refused { get; private set; }

    /// <summary>The first of the reasons.</summary>
    public IReadOnlyList<RowFault> Faults => faults;

    /// <summary>The kind of a message that is none of points, such as the join of a device; null when it is not.</summary>
    public string? Ignored { get; private set; }

    /// <summary>Whether points have the time at which the message came, for want of one of their own.</summary>
    public bool HasArrivalTimes => arrival is not null;

    /// <summary>The time of a point whose payload says none.</summary>
    public byte[] ArrivalTime => arrival ??= Encoding.ASCII.GetBytes(message.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));

    /// <summary>The message holds no points, and is not meant to.</summary>
    public void Ignore(string kind) => Ignored = kind;

    /// <summary>Takes a value of a JSON payload.</summary>
    /// <param name="entity">The entity's id.</param>
    /// <param name="attribute">The attribute's name.</param>
    /// <param name="time">The time, ISO 8601.</param>
    /// <param name="value">The value.</param>
    /// <param name="unit">The unit code.</param>
    /// <param name="dataset">The datasetId.</param>
    public void Take(string entity, string attribute, byte[] time, JsonElement value, string? unit, string? dataset)
    {
        var row = Row(entity, attribute, time, unit, dataset);
        row.Kind = value.ValueKind switch
        {
            JsonValueKind.Number => RowValue.Number,
            JsonValueKind.True or JsonValueKind.False => RowValue.Boolean,
            JsonValueKind.String => RowValue.Text,
            JsonValueKind.Null => RowValue.Null,
            _ => RowValue.Json,
        };
        row.Value = row.Kind == RowValue.Text ? Encoding.UTF8.GetBytes(value.GetString()!) : JsonMarshal.GetRawUtf8Value(value);
        if (row.Kind == RowValue.Number && !NumberText.TryParse(row.Value, out row.Form, out row.Bits))
        {
            row.Kind = RowValue.NumberTooLarge;
        }

        Take(row);
    }

    /// <summary>Takes a value that stands alone: a number, true, false, or text.</summary>
    public void Take(string entity, string attribute, byte[] time, ReadOnlySpan<byte> value, string? unit, string? dataset)
    {
        var row = Row(entity, attribute, time, unit, dataset);
        row.Value = value;
        row.Kind = value.SequenceEqual("true"u8) || value.SequenceEqual("false"u8) ? RowValue.Boolean
            : NumberText.TryParse(value, out row.Form, out row.Bits) ? RowValue.Number
            : RowValue.Text;
        Take(row);
    }

    /// <summary>Takes a row, or notes why it is refused.</summary>
    public void Take(in PointRow row)
    {
        if (taker.Take(row, batch) is { } fault)
        {
            Refuse(fault);
        }
    }

    /// <summary>Notes a point that is refused.</summary>
    public void Refuse(RowFault fault)
    {
        Refused++;
        if (faults.Count < MostFaults)
        {
            faults.Add(fault);
        }
    }

    private PointRow Row(string entity, string attribute, byte[] time, string? unit, string? dataset) => new()
    {
        Entity = Encoding.UTF8.GetBytes(entity),
        Attribute = Encoding.UTF8.GetBytes(attribute),
        ObservedAt = time,
        Unit = unit is null ? default : Encoding.UTF8.GetBytes(unit),
        Dataset = dataset is null ? default : Encoding.UTF8.GetBytes(dataset),
        // It was so before; nobody knows since when.
        Quality = message.Retained && ReferenceEquals(time, arrival) ? "uncertain"u8 : default,
    };
}
