namespace Twin.Telemetry.Sources.Payloads;

/// <summary>A payload that is one value: a number, true, false, or text.</summary>
internal sealed class ValuePayload(MessageTemplates templates) : PayloadDecoder
{
    /// <inheritdoc />
    public override void Decode(SourceMessage message, MessagePoints points)
    {
        var value = message.Payload.Span.Trim(" \t\r\n"u8);
        if (value.IsEmpty)
        {
            // An empty message takes back one that was retained.
            points.Ignore("empty");
            return;
        }

        if (value[0] is (byte)'{' or (byte)'[')
        {
            throw new PayloadException("It is JSON, and the source is told that it is one value (Payload): set json.");
        }

        if (value is [(byte)'"', .., (byte)'"'] and { Length: > 1 })
        {
            using var document = Parse(message.Payload);
            points.Take(
                templates.EntityOf(message.Names, default), templates.Attribute!.Render(message.Names, default), points.ArrivalTime,
                document.RootElement, templates.UnitOf(message.Names, default), templates.DatasetOf(message.Names, default));
            return;
        }

        points.Take(
            templates.EntityOf(message.Names, default), templates.Attribute!.Render(message.Names, default), points.ArrivalTime,
            value, templates.UnitOf(message.Names, default), templates.DatasetOf(message.Names, default));
    }
}
