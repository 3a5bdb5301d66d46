using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.Tests.Benchmarks.Documents;

/// <summary>One 700-byte building: body to tree, tree to resident form, resident form to answers.</summary>
[MemoryDiagnoser]
public class EntityDocumentBenchmarks
{
    private static readonly RenderOptions Normalized = new() { Context = JsonLdContext.Core };
    private static readonly RenderOptions Simplified = Normalized with { Form = EntityForm.Simplified };
    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        """{"id":"urn:ngsi-ld:Building:4711","type":"Building","temperature":{"type":"Property","value":21.57,"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},"occupancy":{"type":"Property","value":117},"status":{"type":"Property","value":"ok"},"address":{"type":"Property","value":{"streetAddress":"112 rue de la Paix","addressLocality":"Mulhouse","postalCode":"68100","addressCountry":"FR"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.331234,47.751234]}},"refDistrict":{"type":"Relationship","object":"urn:ngsi-ld:District:14"}}""");

    private readonly EntityNode _node = EntityParser.ParseEntity(Body, JsonLdContext.Core, ParseOptions.Entity);
    private readonly EntityDocument _document = EntityDocument.Pack(EntityParser.ParseEntity(Body, JsonLdContext.Core, ParseOptions.Entity));
    private readonly ArrayBufferWriter<byte> _to = new(4096);

    [Benchmark]
    public EntityNode Parse() => EntityParser.ParseEntity(Body, JsonLdContext.Core, ParseOptions.Entity);

    [Benchmark]
    public EntityDocument Pack() => EntityDocument.Pack(_node);

    [Benchmark]
    public EntityNode Unpack() => _document.Unpack();

    [Benchmark]
    public int RenderNormalized() => Render(Normalized);

    [Benchmark]
    public int RenderSimplified() => Render(Simplified);

    [Benchmark]
    public int RenderStored()
    {
        _to.ResetWrittenCount();
        EntityRenderer.WriteStored(_to, _document);
        return _to.WrittenCount;
    }

    private int Render(RenderOptions options)
    {
        _to.ResetWrittenCount();
        EntityRenderer.Write(_to, _document, options);
        return _to.WrittenCount;
    }
}
