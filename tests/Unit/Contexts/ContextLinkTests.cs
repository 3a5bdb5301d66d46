using Microsoft.Extensions.Primitives;
using Twin.EntityRegistry.Contexts;
using Twin.NgsiLd;
using Xunit;

namespace Twin.Tests.Unit.Contexts;

/// <summary>Link headers (RFC 8288) that name a @context.</summary>
public sealed class ContextLinkTests
{
    private const string Relation = "http://www.w3.org/ns/json-ld#context";

    [Theory]
    [InlineData($"<https://a.example/c>; rel=\"{Relation}\"; type=\"application/ld+json\"", "https://a.example/c")]
    [InlineData($"<https://a.example/c>;rel={Relation}", "https://a.example/c")]
    [InlineData($"< https://a.example/c?x=1,2 > ; type=\"a,b\\\"\" ; REL = \"next {Relation}\"", "https://a.example/c?x=1,2")]
    [InlineData($"<https://a.example/n>; rel=\"next\", <https://a.example/c>; rel=\"{Relation}\"", "https://a.example/c")]
    [InlineData("<https://a.example/n>; rel=\"next\"", null)]
    [InlineData($"<https://a.example/c>; rel=\"next\"; rel=\"{Relation}\"", null)]
    [InlineData($"https://a.example/c; rel=\"{Relation}\"", null)]
    [InlineData("<https://a.example/c", null)]
    [InlineData("<https://a.example/c>", null)]
    [InlineData("", null)]
    [InlineData(",,;;<<>>\"", null)]
    public void The_context_is_the_link_of_its_relation(string header, string? url) => Assert.Equal(url, ContextLink.Find(header));

    [Fact]
    public void Two_contexts_are_one_too_many_and_the_same_one_twice_is_not()
    {
        string a = $"<https://a.example/c>; rel=\"{Relation}\"";
        string b = $"<https://b.example/c>; rel=\"{Relation}\"";

        Assert.Equal("https://a.example/c", ContextLink.Find(new StringValues([a, a])));
        Assert.Equal(NgsiLdErrorType.BadRequestData, Assert.Throws<NgsiLdException>(() => ContextLink.Find(new StringValues([a, b]))).ErrorType);
        Assert.Throws<NgsiLdException>(() => ContextLink.Find($"{a}, {b}"));
    }
}
