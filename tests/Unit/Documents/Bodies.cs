using System.Buffers;
using System.Text;
using Xunit;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.Tests.Unit.Documents;

/// <summary>Bodies in, answers out, as text.</summary>
internal static class Bodies
{
    public const string Building = """
        {"id":"urn:ngsi-ld:Building:1","type":"Building","temperature":{"type":"Property","value":21.5,"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},"occupancy":{"type":"Property","value":17},"status":{"type":"Property","value":"ok"},"address":{"type":"Property","value":{"streetAddress":"12 rue de la Paix","addressLocality":"Mulhouse","postalCode":"68100","addressCountry":"FR"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.33,47.75]}},"refDistrict":{"type":"Relationship","object":"urn:ngsi-ld:District:4"}}
        """;

    public static EntityNode Parse(string json, ParseOptions? options = null) =>
        EntityParser.ParseEntity(Encoding.UTF8.GetBytes(json), JsonLdContext.Core, options ?? ParseOptions.Entity);

    public static EntityDocument Pack(string json, ParseOptions? options = null) => EntityDocument.Pack(Parse(json, options));

    public static string Render(EntityDocument entity, RenderOptions? options = null)
    {
        var to = new ArrayBufferWriter<byte>();
        EntityRenderer.Write(to, entity, options ?? new RenderOptions { Context = JsonLdContext.Core });
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    public static string Stored(EntityDocument entity)
    {
        var to = new ArrayBufferWriter<byte>();
        EntityRenderer.WriteStored(to, entity);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    public static NgsiLdException Refused(string json, ParseOptions? options = null) =>
        Assert.Throws<NgsiLdException>(() => Parse(json, options));

    /// <summary>An entity with the attributes given as the inside of an object.</summary>
    public static string With(string attributes) => $$"""{"id":"urn:ngsi-ld:Building:1","type":"Building",{{attributes}}}""";
}
