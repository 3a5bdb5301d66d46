using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.Telemetry.Ingest;

/// <summary>What stands at the place of a row's value.</summary>
internal enum RowValue : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A number, read already.</summary>
    Number,

    /// <summary>A number beyond those that are kept.</summary>
    NumberTooLarge,

    /// <summary>true or false, as text.</summary>
    Boolean,

    /// <summary>Text; one that reads as a number is a number that was written wrongly.</summary>
    Text,

    /// <summary>Text, whatever it reads as: its source says that it is one.</summary>
    String,

    /// <summary>A JSON object or array.</summary>
    Json,

    /// <summary>A JSON null.</summary>
    Null,
}

/// <summary>One row of a bulk body, its fields as UTF-8. Valid until the reader goes on.</summary>
internal ref struct PointRow
{
    /// <summary>The entity's id.</summary>
    public ReadOnlySpan<byte> Entity;

    /// <summary>The attribute's name, in the @context of the request.</summary>
    public ReadOnlySpan<byte> Attribute;

    /// <summary>The time as text; not asked when <see cref="Ticks"/> says it.</summary>
    public ReadOnlySpan<byte> ObservedAt;

    /// <summary>The time in ticks UTC; 0 when <see cref="ObservedAt"/> says it.</summary>
    public long Ticks;

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value;

    /// <summary>What the value is.</summary>
    public RowValue Kind;

    /// <summary>Of a number: <see cref="Points.PointForm"/>.</summary>
    public byte Form;

    /// <summary>Of a number: its bits.</summary>
    public long Bits;

    /// <summary>datasetId; empty for the default instance.</summary>
    public ReadOnlySpan<byte> Dataset;

    /// <summary>The unit code.</summary>
    public ReadOnlySpan<byte> Unit;

    /// <summary>The quality.</summary>
    public ReadOnlySpan<byte> Quality;

    /// <summary>The types of the entity as full IRIs; null when the row does not say them.</summary>
    public string[]? Types;

    /// <summary>What the attribute's name means; null for what the request says.</summary>
    public JsonLdContext? Context;

    /// <summary>The attribute instance, when it is more than a value with a unit and a quality; <see cref="Value"/> is then all of its JSON.</summary>
    public AttributeNode? Instance;
}

/// <summary>Why a row is no point.</summary>
/// <param name="Member">The field at fault; null when it is the whole row.</param>
/// <param name="Reason">What is wrong with it, and what to do.</param>
internal sealed record RowFault(string? Member, string Reason)
{
    /// <summary>The row itself cannot be read.</summary>
    public static RowFault Of(string reason) => new(null, reason);
}

/// <summary>A body that cannot be read on; the rows before stay what they have become.</summary>
/// <param name="member">What is at fault.</param>
/// <param name="detail">What is wrong, and what to do.</param>
internal sealed class IngestException(string member, string detail) : Exception(detail)
{
    /// <summary>What is at fault.</summary>
    public string Member { get; } = member;
}
