using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>A JSON object with one value or with one for each attribute, or an array of such objects.</summary>
internal sealed class JsonPayload(MessageTemplates templates, JsonPath? value, JsonPath? members, MemberValues values) : PayloadDecoder
{
    /// <inheritdoc />
    public override void Decode(SourceMessage message, MessagePoints points)
    {
        if (message.Payload.IsEmpty)
        {
            points.Ignore("empty");
            return;
        }

        using var document = Parse(message.Payload);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            Take(document.RootElement, message, points);
            return;
        }

        foreach (var one in document.RootElement.EnumerateArray())
        {
            Take(one, message, points);
        }
    }

    private void Take(JsonElement one, SourceMessage message, MessagePoints points)
    {
        if (one.ValueKind != JsonValueKind.Object)
        {
            throw new PayloadException("It is no JSON object, nor an array of them.");
        }

        var entity = templates.EntityOf(message.Names, one);
        var time = templates.TimeOf(one, points);
        var dataset = templates.DatasetOf(message.Names, one);
        var unit = templates.UnitOf(message.Names, one);
        if (value is not null)
        {
            if (!value.TryFind(one, out var found))
            {
                throw new PayloadException($"It has no member {value.Text}, where its value should be.");
            }

            points.Take(entity, templates.Attribute!.Render(message.Names, one), time, found, unit, dataset);
            return;
        }

        if (members is null)
        {
            values.Take(one, templates.Uses, unit, (name, found, of) => points.Take(entity, name, time, found, of, dataset));
        }
        else if (members.TryFind(one, out var inner))
        {
            values.Take(inner, static _ => false, unit, (name, found, of) => points.Take(entity, name, time, found, of, dataset));
        }
        else
        {
            throw new PayloadException($"It has no member {members.Text}, where its values should be.");
        }
    }
}
