using System.Net;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>What the models are and how far they hold, over HTTP.</summary>
public sealed class ModelEndpointTests
{
    [Fact]
    public async Task Cards_and_checks_are_for_everybody_as_JSON_and_as_a_page()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store, ("Twin:Open", "false"));

        var cards = (await node.GetAsync("/scenarios/models")).Is(HttpStatusCode.OK).Json.AsArray();
        var heat = cards.Single(card => (string)card!["id"]! == "heat-pump")!;
        Assert.Equal("prospective", (string)heat["use"]!);
        var card = (await node.GetAsync("/scenarios/models/heat-pump")).Is(HttpStatusCode.OK).Json;
        Assert.Equal((int)heat["checks"]!, card["validation"]!.AsArray().Count);
        Assert.Contains("heat-p", (await node.GetAsync("/scenarios/models/heat-p")).Is(HttpStatusCode.NotFound).Text, StringComparison.Ordinal);

        var validation = (await node.GetAsync("/scenarios/validation")).Is(HttpStatusCode.OK).Json;
        Assert.Equal((int)validation["checks"]!, validation["models"]!.AsObject().Sum(static model => model.Value!.AsArray().Count));
        Assert.Equal((int)validation["passed"]!, validation["models"]!.AsObject().Sum(static model => model.Value!.AsArray().Count(static row => (bool)row!["passed"]!)));
        var page = (await node.GetAsync("/scenarios/validation", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")).Is(HttpStatusCode.OK);
        Assert.StartsWith("text/html", page.Content.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'", page["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Contains("<caption>", page.Text, StringComparison.Ordinal);
    }
}
