using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Contexts;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>Other context sources asked at once and merged (GS CIM 009 4.3.6), over real HTTP with sources made for the test.</summary>
public sealed class FederationTests
{
    private const string Hall = "urn:e:hall";
    private const string HallPath = "/ngsi-ld/v1/entities/" + Hall;
    private const string Entities = "/ngsi-ld/v1/entities";

    [Fact]
    public async Task An_inclusive_source_adds_what_we_do_not_have_and_the_newer_instance_counts_4_3_6()
    {
        await using Federation federation = await Federation.StartAsync();
        await federation.Node.Client.CreateAsync(
            """{"id":"urn:e:hall","type":"Hall","name":{"value":"ours"},"load":{"value":1,"observedAt":"2026-01-02T00:00:00Z"},"heat":{"value":1,"observedAt":"2026-01-01T00:00:00Z"}}""");
        federation.Source.Serve(
            HallPath,
            """{"id":"urn:e:hall","type":"Hall","floors":{"type":"Property","value":3},"load":{"type":"Property","value":2,"observedAt":"2026-01-01T00:00:00Z"},"heat":{"type":"Property","value":2,"observedAt":"2026-01-02T00:00:00Z"}}""");
        await federation.RegisterAsync("urn:r:1", "inclusive");

        Answer answer = (await federation.Node.Client.GetAsync("/entities/" + Hall)).Is(HttpStatusCode.OK);

        Assert.Equal(("ours", 3, 1, 2), ((string?)answer.Json["name"]!["value"], Value(answer, "floors"), Value(answer, "load"), Value(answer, "heat")));
        Assert.Null(answer["NGSILD-Warning"]);
    }

    [Fact]
    public async Task An_auxiliary_source_fills_in_only_what_nobody_else_says_4_3_6()
    {
        await using Federation federation = await Federation.StartAsync();
        await federation.Node.Client.CreateAsync("""{"id":"urn:e:hall","type":"Hall","load":{"value":1,"observedAt":"2020-01-01T00:00:00Z"}}""");
        federation.Source.Serve(HallPath, """{"id":"urn:e:hall","type":"Hall","load":{"type":"Property","value":2,"observedAt":"2026-01-01T00:00:00Z"},"floors":{"type":"Property","value":3}}""");
        await federation.RegisterAsync("urn:r:1", "auxiliary");

        Answer answer = (await federation.Node.Client.GetAsync("/entities/" + Hall)).Is(HttpStatusCode.OK);

        Assert.Equal((1, 3), (Value(answer, "load"), Value(answer, "floors")));
    }

    [Fact]
    public async Task An_exclusive_source_alone_says_what_it_claims_4_3_6()
    {
        await using Federation federation = await Federation.StartAsync();
        await federation.Node.Client.CreateAsync("""{"id":"urn:e:hall","type":"Hall","name":{"value":"ours"}}""");
        federation.Source.Serve(HallPath, """{"id":"urn:e:hall","type":"Hall","load":{"type":"Property","value":2}}""");
        await federation.RegisterAsync("urn:r:1", "exclusive", """[{"entities":[{"type":"Hall","id":"urn:e:hall"}],"propertyNames":["load"]}]""");

        Answer answer = (await federation.Node.Client.GetAsync("/entities/" + Hall)).Is(HttpStatusCode.OK);

        Assert.Equal(("ours", 2), ((string?)answer.Json["name"]!["value"], Value(answer, "load")));
    }

    [Fact]
    public async Task A_redirect_source_answers_for_its_entities_4_3_6()
    {
        await using Federation federation = await Federation.StartAsync();
        federation.Source.Serve(HallPath, """{"id":"urn:e:hall","type":"Hall","load":{"type":"Property","value":2}}""");
        await federation.RegisterAsync("urn:r:1", "redirect");

        Answer answer = (await federation.Node.Client.GetAsync("/entities/" + Hall)).Is(HttpStatusCode.OK);

        Assert.Equal(2, Value(answer, "load"));
        (await federation.Node.Client.GetAsync($"/entities/{Hall}?local=true")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
    }

    [Fact]
    public async Task A_source_is_asked_with_Via_and_its_tenant_and_only_for_what_it_may_hold_6_3_17()
    {
        await using Federation federation = await Federation.StartAsync();
        string? via = null, tenant = null, plain = null, asked = null;
        federation.Source.Serve(Entities, http =>
        {
            via = http.Request.Headers.Via;
            tenant = http.Request.Headers["NGSILD-Tenant"];
            plain = http.Request.Headers["X-Plain"];
            asked = http.Request.QueryString.Value;
            return http.Response.WriteAsync("""[{"id":"urn:e:far","type":"Hall","load":{"type":"Property","value":2}}]""");
        });
        await federation.RegisterAsync("urn:r:1", "inclusive", more: ""","tenant":"open","contextSourceInfo":[{"key":"X-Plain","value":"1"}]""");
        await federation.Node.Client.CreateAsync("""{"id":"urn:e:near","type":"Hall","load":{"value":1}}""");

        Answer halls = (await federation.Node.Client.GetAsync("/entities?type=Hall&q=load>0&count=true")).Is(HttpStatusCode.OK);
        Answer trees = (await federation.Node.Client.GetAsync("/entities?type=Tree")).Is(HttpStatusCode.OK);

        Assert.Equal(["urn:e:far", "urn:e:near"], halls.Ids);
        Assert.Empty(trees.Ids);
        Assert.Equal(1, federation.Source.Hits(Entities));
        Assert.StartsWith("1.1 ", via, StringComparison.Ordinal);
        Assert.Equal(("open", "1"), (tenant, plain));
        Assert.Contains("type=Hall", asked, StringComparison.Ordinal);
        Assert.Contains("q=load", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_is_put_only_to_sources_of_which_the_context_source_filter_holds_5_7_2()
    {
        await using Federation federation = await Federation.StartAsync();
        federation.Source.Serve(Entities, """[{"id":"urn:e:far","type":"Hall"}]""");
        await federation.RegisterAsync("urn:r:1", "inclusive", more: ""","owner":"DMC" """);

        Answer others = (await federation.Node.Client.GetAsync("/entities?type=Hall&csf=owner==\"SNCF\"")).Is(HttpStatusCode.OK);
        Answer theirs = (await federation.Node.Client.GetAsync("/entities?type=Hall&csf=owner==\"DMC\"")).Is(HttpStatusCode.OK);

        Assert.Empty(others.Ids);
        Assert.Equal(["urn:e:far"], theirs.Ids);
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("garbage")]
    [InlineData("dead")]
    public async Task A_source_that_fails_is_named_and_costs_nobody_the_rest_of_the_answer_6_3_17(string fault)
    {
        await using Federation federation = await Federation.StartAsync();
        await federation.Node.Client.CreateAsync("""{"id":"urn:e:near","type":"Hall"}""");
        await using DocumentSite good = await DocumentSite.StartAsync();
        good.Serve(Entities, """[{"id":"urn:e:far","type":"Hall"}]""");
        await federation.RegisterAsync("urn:r:good", "inclusive", endpoint: good.Url);
        await federation.RegisterAsync("urn:r:bad", "inclusive");
        federation.Source.Serve(Entities, http =>
        {
            http.Response.StatusCode = fault == "broken" ? 500 : 200;
            return http.Response.WriteAsync("<html>");
        });
        if (fault == "dead")
        {
            await federation.Source.StopAsync();
        }

        Answer answer = (await federation.Node.Client.GetAsync("/entities?type=Hall")).Is(HttpStatusCode.OK);

        Assert.Equal(["urn:e:far", "urn:e:near"], answer.Ids);
        Assert.Contains("urn:r:bad", answer["NGSILD-Warning"], StringComparison.Ordinal);
        Assert.DoesNotContain("urn:r:good", answer["NGSILD-Warning"], StringComparison.Ordinal);
        JsonNode registration = (await federation.Node.Client.GetAsync("/csourceRegistrations/urn:r:bad")).Json;
        Assert.Equal(("failed", 1), ((string?)registration["status"], (int)registration["timesFailed"]!));
    }

    [Theory]
    [InlineData("urn:r:", 20)]
    [InlineData("urn:r:a-very-long-name-", 10)]
    public async Task Of_very_many_failing_sources_the_first_are_named_and_the_others_counted_6_3_17(string prefix, int named)
    {
        await using Federation federation = await Federation.StartAsync();
        await federation.Node.Client.CreateAsync("""{"id":"urn:e:near","type":"Hall"}""");
        string id = prefix.Length < 10 ? prefix : prefix + new string('x', 300);
        await federation.Source.StopAsync();
        for (int i = 0; i < 120; i++)
        {
            await federation.RegisterAsync($"{id}{i}", "inclusive");
        }

        foreach (string path in (string[])["/entities?type=Hall", "/entities/urn:e:near"])
        {
            Answer answer = (await federation.Node.Client.GetAsync(path)).Is(HttpStatusCode.OK);

            string[] warnings = [.. answer.Headers.GetValues("NGSILD-Warning")];
            Assert.Equal(named + 1, warnings.Length);
            Assert.InRange(warnings.Sum(w => w.Length), 100, 5000);
            Assert.Equal($"199 - \"the answers of {120 - named} more sources are missing\"", warnings[^1]);
        }
    }

    [Fact]
    public async Task A_source_that_does_not_have_the_entity_is_no_failure_6_3_17()
    {
        await using Federation federation = await Federation.StartAsync();
        await federation.RegisterAsync("urn:r:1", "inclusive");

        Answer answer = await federation.Node.Client.GetAsync("/entities/" + Hall);

        answer.Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        Assert.Null(answer["NGSILD-Warning"]);
        Assert.Equal(1, federation.Source.Hits(HallPath));
    }

    [Fact]
    public async Task A_source_that_never_answers_delays_nobody_past_the_budget()
    {
        await using Federation federation = await Federation.StartAsync(null, ("Twin:Federation:BudgetMilliseconds", "300"));
        await federation.Node.Client.CreateAsync("""{"id":"urn:e:near","type":"Hall"}""");
        federation.Source.Serve(Entities, http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await federation.RegisterAsync("urn:r:slow", "inclusive");

        Answer answer = await federation.Node.Client.GetAsync("/entities?type=Hall").WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(["urn:e:near"], answer.Is(HttpStatusCode.OK).Ids);
        Assert.Contains("urn:r:slow did not answer within 300 ms", answer["NGSILD-Warning"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_are_asked_at_once_so_that_a_slow_one_within_the_budget_is_waited_for()
    {
        await using Federation federation = await Federation.StartAsync(null, ("Twin:Federation:BudgetMilliseconds", "30000"));
        await using DocumentSite second = await DocumentSite.StartAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // The first answers only when the second has been asked: one after the other would never end.
        federation.Source.Serve(Entities, async http =>
        {
            await asked.Task.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("""[{"id":"urn:e:1","type":"Hall"}]""");
        });
        second.Serve(Entities, http =>
        {
            asked.TrySetResult();
            return http.Response.WriteAsync("""[{"id":"urn:e:2","type":"Hall"}]""");
        });
        await federation.RegisterAsync("urn:r:1", "inclusive");
        await federation.RegisterAsync("urn:r:2", "inclusive", endpoint: second.Url);

        Answer answer = await federation.Node.Client.GetAsync("/entities?type=Hall");

        Assert.Equal(["urn:e:1", "urn:e:2"], answer.Is(HttpStatusCode.OK).Ids);
        Assert.Null(answer["NGSILD-Warning"]);
    }

    [Fact]
    public async Task A_failing_source_is_left_alone_for_a_while_and_then_tried_again()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
        await using Federation federation = await Federation.StartAsync(clock, ("Twin:Federation:FailuresToOpen", "2"), ("Twin:Federation:CooldownMilliseconds", "5000"));
        int status = 500;
        federation.Source.Serve(Entities, http =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync("""[{"id":"urn:e:far","type":"Hall"}]""");
        });
        await federation.RegisterAsync("urn:r:1", "inclusive");
        for (int i = 0; i < 4; i++)
        {
            Assert.Contains("urn:r:1", (await federation.Node.Client.GetAsync("/entities?type=Hall"))["NGSILD-Warning"], StringComparison.Ordinal);
        }

        Assert.Equal(2, federation.Source.Hits(Entities));
        status = 200;
        clock.Advance(TimeSpan.FromSeconds(5));
        Answer recovered = await federation.Node.Client.GetAsync("/entities?type=Hall");

        Assert.Equal(["urn:e:far"], recovered.Ids);
        Assert.Null(recovered["NGSILD-Warning"]);
        Assert.Equal(3, federation.Source.Hits(Entities));
    }

    [Fact]
    public async Task Two_nodes_that_are_registered_with_each_other_answer_once_and_end_6_3_17()
    {
        await using Federation one = await Federation.StartAsync();
        await using Federation other = await Federation.StartAsync();
        await one.Node.Client.CreateAsync("""{"id":"urn:e:1","type":"Hall"}""");
        await other.Node.Client.CreateAsync("""{"id":"urn:e:2","type":"Hall"}""");
        await one.RegisterAsync("urn:r:other", "inclusive", endpoint: other.Node.Address.ToString());
        await other.RegisterAsync("urn:r:one", "inclusive", endpoint: one.Node.Address.ToString());

        Assert.Equal(["urn:e:1", "urn:e:2"], (await one.Node.Client.GetAsync("/entities?type=Hall")).Is(HttpStatusCode.OK).Ids);
        Assert.Equal(["urn:e:1", "urn:e:2"], (await other.Node.Client.GetAsync("/entities?type=Hall")).Is(HttpStatusCode.OK).Ids);
        (await one.Node.Client.GetAsync("/entities/urn:e:2")).Is(HttpStatusCode.OK);
        (await one.Node.Client.GetAsync("/entities/urn:e:none")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
    }

    private static int Value(Answer answer, string attribute) => (int)answer.Json[attribute]!["value"]!;
}
