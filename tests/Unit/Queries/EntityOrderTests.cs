using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Xunit;

namespace Twin.Tests.Unit.Queries;

public sealed class EntityOrderTests
{
    private static readonly EntityDocument[] Buildings =
    [
        Given.Entity("""{"id":"urn:x:2","type":"Building","name":{"type":"Property","value":"b","sub":{"type":"Property","value":2}},"level":{"type":"Property","value":10},"probe":{"type":"Property","value":"abc"},"address":{"type":"Property","value":{"city":"Berlin"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[9,41]}},"title":{"type":"LanguageProperty","languageMap":{"en":"z"}}}""", 10),
        Given.Entity("""{"id":"urn:x:1","type":"Building","name":{"type":"Property","value":"A","sub":{"type":"Property","value":1}},"level":{"type":"Property","value":9},"probe":{"type":"Property","value":5},"address":{"type":"Property","value":{"city":"Amsterdam"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[8.01,40.01]}},"title":{"type":"LanguageProperty","languageMap":{"en":"a"}}}""", 20),
        Given.Entity("""{"id":"urn:x:3","type":"Building","name":{"type":"Property","value":"á","sub":{"type":"Property","value":3}},"level":{"type":"Property","value":10},"address":{"type":"Property","value":{"city":"Zurich"}},"location":{"type":"GeoProperty","value":{"type":"Polygon","coordinates":[[[10,45],[11,45],[11,46],[10,45]]]}}}""", 30),
    ];

    [Theory]
    [InlineData("name", null, "123", "123")]
    [InlineData("name", "und", "132", "132")]
    [InlineData("name", "de", "132", "132")]
    [InlineData("name;desc", null, "321", "321")]
    [InlineData("id", null, "123", "")]
    [InlineData("id;desc", null, "321", "")]
    [InlineData("createdAt", null, "213", "")]
    [InlineData("name.createdAt", null, "213", "")]
    [InlineData("name.sub;asc", null, "123", "")]
    [InlineData("type,name", null, "123", "")]
    [InlineData("type;asc,name.sub;desc,name;asc", null, "321", "")]
    [InlineData("level", null, "123", "")]
    [InlineData("level;desc", null, "231", "")]
    [InlineData("level;desc,id;desc", null, "321", "")]
    [InlineData("probe", null, "123", "")]
    [InlineData("probe;desc", null, "213", "")]
    [InlineData("nothing", null, "213", "")]
    [InlineData("address[city]", null, "123", "")]
    [InlineData("address[city];desc", null, "321", "")]
    [InlineData("location;dist-asc", null, "123", "")]
    [InlineData("location;dist-desc", null, "321", "")]
    [InlineData("title[en]", null, "123", "")]
    [InlineData("scope", null, "213", "")]
    public void An_answer_is_ordered_by_clause_4_23(string orderBy, string? collation, string expected, string again)
    {
        EntityOrder order = EntityOrder.Parse(orderBy, collation, "[8,40]", null, Given.Core)!;
        Assert.Equal(expected, Ids(order.Page(Buildings, 0, 10, Given.Context, out int total)));
        Assert.Equal(3, total);
        if (again.Length > 0)
        {
            Assert.Equal(again, Ids(order.Page(Buildings.Reverse(), 0, 10, Given.Context, out _)));
        }
    }

    [Fact]
    public void German_telephone_books_file_Ae_before_Z()
    {
        EntityDocument[] names = [Given.Thing("\"name\":{\"type\":\"Property\",\"value\":\"Zebra\"}", "urn:x:z"), Given.Thing("\"name\":{\"type\":\"Property\",\"value\":\"Ähre\"}", "urn:x:a")];
        Assert.Equal("az", Ids(EntityOrder.Parse("name", "de-u-co-phonebk", null, null, Given.Core)!.Page(names, 0, 2, Given.Context, out _)));
        Assert.Equal("za", Ids(EntityOrder.Parse("name", null, null, null, Given.Core)!.Page(names, 0, 2, Given.Context, out _)));
    }

    [Fact]
    public void A_page_of_many_is_the_page_of_the_whole_sorted()
    {
        var random = new Random(3);
        EntityDocument[] many = [.. Enumerable.Range(0, 2000).Select(i => Given.Thing($"\"level\":{{\"type\":\"Property\",\"value\":{random.Next(50)}}}", $"urn:x:{i:D5}"))];
        EntityOrder order = EntityOrder.Parse("level;desc", null, null, null, Given.Core)!;
        string[] sorted = [.. many.Select(e => order.Key(e, Given.Context)).Order(order).Select(o => o.Entity.Id)];
        foreach ((int skip, int take) in ((int, int)[])[(0, 20), (40, 20), (1990, 20), (0, 0), (3000, 20), (0, 5000)])
        {
            Assert.Equal(sorted.Skip(skip).Take(take), order.Page(many, skip, take, Given.Context, out int total).Select(e => e.Id));
            Assert.Equal(2000, total);
        }
    }

    private static string Ids(IEnumerable<EntityDocument> entities) => string.Concat(entities.Select(e => e.Id[^1..]));
}
