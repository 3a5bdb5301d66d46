namespace Twin.Telemetry.Ingest.Entities;

/// <summary>A piece of a record's bytes.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">Its bytes; 0 when there is none.</param>
internal readonly record struct Piece(int Start, int Length)
{
    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Length == 0;
}

/// <summary>Where the parts of an attribute instance stand in its record.</summary>
internal struct InstanceSlot
{
    /// <summary>Of which attribute of the record.</summary>
    public int Attribute;

    /// <summary>Its place among several instances; -1 for one that is alone.</summary>
    public int Index;

    /// <summary>Of the simplified form (4.5.9): its place in the list; -1 for an instance that is written out.</summary>
    public int Entry;

    /// <summary>The member of the simplified form, such as <c>values</c>; null for an instance that is written out.</summary>
    public string? List;

    /// <summary>What the value is, where it is a plain one.</summary>
    public RowValue Kind;

    /// <summary>Of a number: <see cref="Points.PointForm"/>.</summary>
    public byte Form;

    /// <summary>Of a number: its bits.</summary>
    public long Bits;

    /// <summary>The value.</summary>
    public Piece Value;

    /// <summary>observedAt.</summary>
    public Piece Time;

    /// <summary>unitCode.</summary>
    public Piece Unit;

    /// <summary>datasetId.</summary>
    public Piece Dataset;

    /// <summary>The quality, as the history tells it: a sub-Property.</summary>
    public Piece Quality;

    /// <summary>The type, where it is not Property.</summary>
    public Piece Type;

    /// <summary>The whole instance as JSON, where it is more than a plain value with a unit and a quality.</summary>
    public Piece Whole;

    /// <summary>Why it is refused.</summary>
    public RowFault? Fault;
}
