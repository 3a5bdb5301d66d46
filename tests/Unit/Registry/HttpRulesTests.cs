using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Xunit;

namespace Twin.Tests.Unit.Registry;

/// <summary>What GS CIM 009 6.3 asks of every operation: media types, pages, Via.</summary>
public sealed class HttpRulesTests
{
    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("application/ld+json", "application/ld+json")]
    [InlineData("APPLICATION/LD+JSON", "application/ld+json")]
    [InlineData("application/ld+json, application/json", "application/json")]
    [InlineData("application/geo+json, application/json", "application/json")]
    [InlineData("application/json;q=0.5, application/ld+json", "application/ld+json")]
    [InlineData("application/json;q=0, */*", "application/ld+json")]
    [InlineData("*/*;q=0.9, application/ld+json;q=0.8", "application/json")]
    [InlineData("application/ld+json;q=nonsense, application/json;q=0.9", "application/ld+json")]
    [InlineData("application/geo+json", "application/geo+json")]
    [InlineData("application/geo+json;q=0.9, application/ld+json;q=0.1", "application/geo+json")]
    [InlineData("text/html, application/xml;q=0.9, */*;q=0.1", "application/json")]
    [InlineData("application/xml", null)]
    [InlineData("application/json;q=0", null)]
    public void The_greatest_weight_wins_and_the_standards_order_breaks_ties_6_3_4(string? accept, string? expected)
    {
        HttpContext http = Request("");
        http.Request.Headers.Accept = accept;

        Assert.Equal(expected, MediaTypes.Negotiate(http.Request, geoJson: true)?.Name());
    }

    [Fact]
    public void GeoJson_is_offered_only_where_the_operation_has_it_6_3_4()
    {
        HttpContext http = Request("");
        http.Request.Headers.Accept = "application/geo+json;q=0.9, application/ld+json;q=0.1";
        Assert.Equal("application/ld+json", MediaTypes.Negotiate(http.Request, geoJson: false)?.Name());
        http.Request.Headers.Accept = "application/geo+json";
        Assert.Null(MediaTypes.Negotiate(http.Request, geoJson: false));
    }

    [Theory]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json; charset=utf-8", "application/json")]
    [InlineData("Application/LD+JSON;profile=x", "application/ld+json")]
    [InlineData(null, null)]
    public void The_media_type_of_a_body_is_read_without_parameters(string? header, string? expected)
    {
        HttpContext http = Request("");
        http.Request.ContentType = header;

        Assert.Equal(expected, MediaTypes.OfBody(http.Request));
    }

    [Theory]
    [InlineData("", 20, 0, false)]
    [InlineData("?limit=1000&offset=7", 1000, 7, false)]
    [InlineData("?limit=0&count=true", 0, 0, true)]
    public void Limit_offset_and_count_are_read_with_their_defaults_6_3_10(string query, int limit, int offset, bool count) =>
        Assert.Equal(new Paging(limit, offset, count, null), Paging.Of(Request(query)));

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=1e2", "limit")]
    [InlineData("?limit=", "limit")]
    [InlineData("?limit=99999999999", "limit")]
    [InlineData("?offset=-1", "offset")]
    [InlineData("?offset=2147483647", "offset")]
    [InlineData("?count=yes", "count")]
    [InlineData("?pageAfter=x", "pageAfter")]
    [InlineData("?pageAfter=-1", "pageAfter")]
    public void What_is_out_of_range_is_refused_by_name_6_3_10(string query, string parameter)
    {
        var refusal = Assert.Throws<NgsiLdException>(() => Paging.Of(Request(query)));

        Assert.Equal((NgsiLdErrorType.BadRequestData, parameter), (refusal.ErrorType, refusal.Member));
    }

    [Fact]
    public void Links_to_the_pages_around_have_their_parameters_in_order_and_readable_6_3_10()
    {
        HttpContext http = Request("?type=Building&limit=5&offset=5&idPattern=urn:ngsi-ld:Building:01931.*&count=true");

        Paging.Of(http).WriteHeaders(http, "/ngsi-ld/v1/entities", total: 12, more: true, last: "77");

        Assert.Equal(
            [
                "</ngsi-ld/v1/entities?count=true&idPattern=urn:ngsi-ld:Building:01931.*&limit=5&offset=0&type=Building>;rel=\"prev\";type=\"application/json\"",
                "</ngsi-ld/v1/entities?count=true&idPattern=urn:ngsi-ld:Building:01931.*&limit=5&offset=10&type=Building>;rel=\"next\";type=\"application/json\"",
            ],
            [.. http.Response.Headers.Link]);
        Assert.Equal("12", http.Response.Headers["NGSILD-Results-Count"]);
        Assert.Contains("pageAfter=77", (string?)http.Response.Headers["Twin-Next"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_cannot_be_broken_by_what_a_parameter_contains()
    {
        HttpContext http = Request("?q=" + Uri.EscapeDataString("name==\"a>b\";x~=\"#&+ é😀\"") + "&limit=1");

        Paging.Of(http).WriteHeaders(http, "/e", total: 2, more: true);

        string link = http.Response.Headers.Link.ToString();
        string target = link[1..link.IndexOf('>', StringComparison.Ordinal)];
        Assert.EndsWith(";rel=\"next\";type=\"application/json\"", link, StringComparison.Ordinal);
        Assert.All(target, c => Assert.True(c is > ' ' and < (char)127 and not '"'));
        HttpContext next = Request(target[target.IndexOf('?', StringComparison.Ordinal)..]);
        Assert.Equal("name==\"a>b\";x~=\"#&+ é😀\"", next.Request.Query["q"]);
        Assert.Equal("1", next.Request.Query["offset"]);
    }

    [Fact]
    public void The_last_page_has_no_next_and_the_first_no_previous_6_3_10()
    {
        HttpContext http = Request("?limit=5");

        Paging.Of(http).WriteHeaders(http, "/e", total: 3, more: false, last: "3");

        Assert.False(http.Response.Headers.ContainsKey("Link"));
        Assert.False(http.Response.Headers.ContainsKey("Twin-Next"));
        Assert.False(http.Response.Headers.ContainsKey("NGSILD-Results-Count"));
    }

    [Theory]
    [InlineData("1.1 here", true)]
    [InlineData("1.1 a, 2 here", true)]
    [InlineData("HTTP/1.1  here (a comment)", true)]
    [InlineData("1.1 here.tenant", false)]
    [InlineData("1.1 there", false)]
    [InlineData("here", false)]
    [InlineData(null, false)]
    public void A_request_that_has_come_through_here_is_known_by_its_Via_6_3_17(string? via, bool expected)
    {
        HttpContext http = Request("");
        http.Request.Headers.Via = via;

        Assert.Equal(expected, Via.Contains(http.Request, "here"));
        Assert.EndsWith("1.1 here", Via.Append(http.Request, "here"), StringComparison.Ordinal);
        Assert.StartsWith(via ?? "1.1 here", Via.Append(http.Request, "here"), StringComparison.Ordinal);
    }

    private static DefaultHttpContext Request(string query)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString(query);
        return http;
    }
}
