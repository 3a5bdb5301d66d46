namespace Twin.Telemetry.Ingest.Entities;

/// <summary>Newline-delimited JSON of which a line may also be a temporal evolution: its first member is then its id, its type or its @context.</summary>
internal sealed class EntityLines(EntityRecord entity) : NdjsonRows
{
    private bool isEntity;

    /// <inheritdoc />
    public override bool Waits => entity.Waits;

    /// <inheritdoc />
    public override ValueTask PrepareAsync(CancellationToken cancel) => entity.PrepareAsync(cancel);

    /// <inheritdoc />
    public override string? PlaceOf(string? member) => isEntity ? entity.PlaceOf(member) : null;

    /// <inheritdoc />
    protected override int MostRecord => 4 * 1024 * 1024;

    /// <inheritdoc />
    protected override bool HoldsMany(ReadOnlySpan<byte> record)
    {
        isEntity = false;
        var first = record.TrimStart(" \t"u8);
        if (!first.IsEmpty && first[0] == '{')
        {
            first = first[1..].TrimStart(" \t"u8);
            isEntity = first.StartsWith("\"id\""u8) || first.StartsWith("\"type\""u8) || first.StartsWith("\"@"u8);
        }

        return isEntity;
    }

    /// <inheritdoc />
    protected override RowFault? Open(ReadOnlySpan<byte> record) => entity.Open(record);

    /// <inheritdoc />
    protected override bool ReadMore(out PointRow row, out RowFault? fault) => entity.ReadMore(out row, out fault);
}
