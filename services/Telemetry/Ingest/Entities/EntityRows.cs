using Twin.Telemetry.Ingest.Json;

namespace Twin.Telemetry.Ingest.Entities;

/// <summary>An array of temporal evolutions, or one.</summary>
internal sealed class EntityRows(EntityRecord entity) : JsonElements
{
    /// <inheritdoc />
    public override bool Waits => entity.Waits;

    /// <inheritdoc />
    public override ValueTask PrepareAsync(CancellationToken cancel) => entity.PrepareAsync(cancel);

    /// <inheritdoc />
    public override string? PlaceOf(string? member) => entity.PlaceOf(member);

    /// <inheritdoc />
    protected override RowFault? Open(ReadOnlySpan<byte> element) => entity.Open(element);

    /// <inheritdoc />
    protected override bool ReadMore(out PointRow row, out RowFault? fault) => entity.ReadMore(out row, out fault);
}
