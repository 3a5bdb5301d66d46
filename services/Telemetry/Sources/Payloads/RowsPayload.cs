using Twin.Telemetry.Ingest;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>A payload that is a small bulk body: rows that say everything themselves.</summary>
/// <param name="reader">Makes a reader, for each message another one.</param>
internal sealed class RowsPayload(Func<RowReader> reader) : PayloadDecoder
{
    /// <inheritdoc />
    public override void Decode(SourceMessage message, MessagePoints points)
    {
        var rows = reader();
        var data = message.Payload.Span;
        try
        {
            while (rows.TryRead(data, last: true, out var consumed, out var row, out var fault))
            {
                if (fault is null)
                {
                    points.Take(row);
                }
                else
                {
                    points.Refuse(fault);
                }

                data = data[consumed..];
            }
        }
        catch (IngestException fault)
        {
            throw new PayloadException(fault.Message);
        }
    }
}
