using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Xunit;

namespace Twin.Tests.Unit.Queries;

public sealed class TypeAndScopeTests
{
    [Theory]
    [InlineData("Building", "Building", true)]
    [InlineData("Building", "Parking", false)]
    [InlineData("Building,Parking", "Parking", true)]
    [InlineData("Building|Parking", "Parking", true)]
    [InlineData("(Building;Tourist)", "Building", false)]
    [InlineData("(Building;Tourist)", "Building Tourist", true)]
    [InlineData("Building;Tourist", "Building Tourist", true)]
    [InlineData("(Building;Parking),Tourist", "Building Tourist", true)]
    [InlineData("(Building;Parking),Tourist", "Building", false)]
    [InlineData("(Building,Parking);Tourist", "Parking Tourist", true)]
    [InlineData("*", "Anything", true)]
    [InlineData("https://uri.etsi.org/ngsi-ld/default-context/Building", "Building", true)]
    public void A_type_expression_follows_clause_4_17(string expression, string types, bool expected)
    {
        int[] ids = [.. types.Split(' ').Select(Given.Term)];
        TypeExpression parsed = TypeExpression.Parse(expression, Given.Core);
        Assert.Equal(expected, parsed.Matches(ids));
        if (expected && parsed.CandidateTypes() is { } candidates)
        {
            Assert.Contains(ids, candidates.Contains);
        }
    }

    [Theory]
    [InlineData("Building,", "character 9")]
    [InlineData("(Building", "character 9: expected ')'")]
    [InlineData("Building)", "character 8")]
    [InlineData("Buil ding", "character 4")]
    [InlineData("*,Building", "character 0")]
    [InlineData("", "empty")]
    public void A_bad_type_expression_is_refused(string expression, string message)
    {
        NgsiLdException fault = Assert.Throws<NgsiLdException>(() => TypeExpression.Parse(expression, Given.Core));
        Assert.Equal("type", fault.Member);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/Madrid/Gardens", "/Madrid/Gardens", true)]
    [InlineData("/Madrid/Gardens", "/Madrid/Gardens/North", false)]
    [InlineData("/Madrid/Gardens", "/Madrid", false)]
    [InlineData("/Madrid/+/North", "/Madrid/Gardens/North", true)]
    [InlineData("/Madrid/+", "/Madrid", false)]
    [InlineData("/Madrid/+", "/Madrid/A/B", false)]
    [InlineData("/Madrid/#", "/Madrid/A/B", true)]
    [InlineData("/Madrid/#", "/Madrid", true)]
    [InlineData("/Madrid/#", "/Madrids/A", false)]
    [InlineData("/#", "/X", true)]
    [InlineData("/#", "", false)]
    [InlineData("/A;/B", "/A", false)]
    [InlineData("/A;/B", "/B /A", true)]
    [InlineData("/A,/B", "/B", true)]
    [InlineData("/A|/B", "/B", true)]
    [InlineData("(/A;/B)|/C", "/C", true)]
    [InlineData("(/A;/B),/C", "/A", false)]
    [InlineData("(/A|/B);/C", "/B /C", true)]
    public void A_scope_query_follows_clause_4_19(string expression, string scopes, bool expected)
    {
        string json = scopes.Length == 0 ? "" : $"\"scope\":[{string.Join(',', scopes.Split(' ').Select(s => $"\"{s}\""))}],";
        EntityDocument entity = Given.Thing(json + "\"a\":{\"type\":\"Property\",\"value\":1}");
        Assert.Equal(expected, ScopeQuery.Parse(expression).Matches(entity));
    }

    [Theory]
    [InlineData("Madrid")]
    [InlineData("/")]
    [InlineData("/A//B")]
    [InlineData("/A/#/B")]
    [InlineData("/A+/B")]
    [InlineData("(/A")]
    [InlineData("/A;")]
    public void A_bad_scope_query_is_refused(string expression) =>
        Assert.Equal("scopeQ", Assert.Throws<NgsiLdException>(() => ScopeQuery.Parse(expression)).Member);
}
