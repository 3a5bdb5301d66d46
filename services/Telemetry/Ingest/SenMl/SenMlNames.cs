using Twin.NgsiLd.Representations;
using Twin.Telemetry.Ingest.Csv;
using Twin.Telemetry.Ingest.Mappings;

namespace Twin.Telemetry.Ingest.SenMl;

/// <summary>
/// Which entity and attribute a SenML name means. Without a mapping a name is an entity, a separator and an attribute:
/// <c>urn:dev:ow:10e2073a01080063:voltage</c>. The identifier of a <c>urn:dev:</c> (RFC 9039) is no attribute, and neither is what
/// does not begin with a letter: such a name is all entity, and its attribute is what its unit measures. An entity that is no URI
/// becomes one of <c>urn:ngsi-ld:Device:</c>.
/// </summary>
internal sealed class SenMlNames(SenMlMapping? mapping)
{
    private const string Prefix = "urn:ngsi-ld:Device:";
    private const int MostKnown = 4096;
    private readonly Dictionary<(string Name, string Unit), (byte[] Entity, byte[] Attribute)?> known = [];

    /// <summary>What a name means.</summary>
    /// <param name="name">The resolved name.</param>
    /// <param name="unit">The symbol of its unit; empty for none.</param>
    /// <returns>Null when the mapping has another form of names.</returns>
    public (byte[] Entity, byte[] Attribute)? Of(string name, string unit)
    {
        if (!known.TryGetValue((name, unit), out var found))
        {
            if (known.Count == MostKnown)
            {
                known.Clear();
            }

            var parts = mapping is null ? Split(name, unit) : Map(mapping, name, unit);
            known.Add((name, unit), found = parts is { } one ? (System.Text.Encoding.UTF8.GetBytes(one.Entity), System.Text.Encoding.UTF8.GetBytes(one.Attribute)) : null);
        }

        return found;
    }

    private static (string Entity, string Attribute)? Split(string name, string unit)
    {
        var isDevice = name.StartsWith("urn:dev:", StringComparison.Ordinal);
        // Behind the identifier of a device.
        var from = isDevice ? name.IndexOf(':', "urn:dev:".Length) + 1 : 0;
        if (isDevice && name.AsSpan(from).IndexOfAny(':', '_', '/') is var end)
        {
            from = end < 0 ? name.Length : from + end;
        }

        var at = isDevice ? name.AsSpan(from).LastIndexOfAny(':', '_', '/') + from : name.AsSpan().LastIndexOfAny(':', '/');
        return at >= from && at + 1 < name.Length && char.IsAsciiLetter(name[at + 1])
            ? (Uri(name[..at]), name[(at + 1)..])
            : (Uri(name.TrimEnd(':', '/', '_')), SenMlUnits.AttributeOf(unit));
    }

    private static string Uri(string name) => Uris.IsAbsolute(name) ? name : Prefix + name;

    private static (string Entity, string Attribute)? Map(SenMlMapping mapping, string name, string unit)
    {
        if (mapping.Name.Match(name) is not { } fields)
        {
            return null;
        }

        fields["name"] = name;
        fields["quantity"] = SenMlUnits.AttributeOf(unit);
        var attribute = mapping.Attribute.Fill(fields, inUri: false);
        return (mapping.Entity.Fill(fields, inUri: true), mapping.Attributes.GetValueOrDefault(attribute, attribute));
    }
}
