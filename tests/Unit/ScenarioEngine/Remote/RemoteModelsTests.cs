using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Twin.Hosting.Outbound;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Models;
using Twin.ScenarioEngine.Remote;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Remote;

/// <summary>Processes at other servers, which answer well, badly, or not at all.</summary>
public sealed class RemoteModelsTests : IAsyncDisposable
{
    private static readonly RemoteTerms Terms = new() { Deadline = TimeSpan.FromSeconds(20), FirstPause = TimeSpan.FromMilliseconds(5), LongestPause = TimeSpan.FromMilliseconds(20) };
    private readonly FakeTimeProvider _clock = new();
    private ServiceProvider? _services;

    [Theory]
    [InlineData(RemoteMode.Job, "description,execution,status,status,status,results")]
    [InlineData(RemoteMode.AtOnce, "description,execution")]
    public async Task A_process_gives_what_its_card_says_and_the_report_says_who_was_asked_what(RemoteMode mode, string phases)
    {
        await using var server = await ProcessServer.StartAsync();
        var result = await RunAsync(server, Terms with { Mode = mode, Agreement = "urn:agreement:7" });
        var y = Assert.Single(result.Outputs);
        Assert.Equal([8, 9, 10], y.Numbers);
        Assert.Equal("kWh", y.Unit);
        Assert.Equal(phases, string.Join(',', result.Report.Steps.Select(step => step.Phase)));
        Assert.All(result.Report.Steps, step => Assert.True(step is { Status: 200 or 201, Outcome: "answered", Bytes: > 0 }));
        Assert.All(server.Asked, asked => Assert.EndsWith("agreement=urn:agreement:7", asked, StringComparison.Ordinal));
        Assert.Contains(server.Asked, asked => asked.Contains($"execution prefer={(mode == RemoteMode.Job ? "respond-async" : "")} ", StringComparison.Ordinal));
        Assert.Equal("""{"inputs":{"x":{"measurement":4,"uom":"W"}},"outputs":{"y":{"transmissionMode":"value"}},"response":"document"}""", server.LastBody);
        var json = JsonElement.Parse(result.Report.ToJson());
        Assert.Equal("urn:agreement:7", json.GetProperty("agreement").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("waitedFor").ValueKind);
        Assert.Equal(result.Report.Steps.Count, json.GetProperty("steps").GetArrayLength());
    }

    [Fact]
    public async Task A_server_that_answers_at_once_though_asked_for_a_job_is_taken_at_its_word()
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnExecution = http => ProcessServer.JsonAsync(http, server.Results());
        Assert.Equal([8, 9, 10], (await RunAsync(server, Terms)).Outputs[0].Numbers);
    }

    [Theory]
    [InlineData("""{"y":{"measurement":[1,2],"uom":"kWh"}}""", "output 'y': it has 2 numbers; 3 are expected")]
    [InlineData("""{"y":{"measurement":[1,2,3],"uom":"MWh"}}""", "output 'y' came in 'MWh', the card says 'kWh'")]
    [InlineData("""{"y":[1,2,3]}""", "nobody says the unit of output 'y'")]
    [InlineData("""{"y":{"measurement":[1,2,3]}}""", "a measure has no uom")]
    [InlineData("""{"z":{"measurement":[1,2,3],"uom":"kWh"}}""", "output 'y' is missing")]
    [InlineData("""{"y":{"measurement":[1,2,null],"uom":"kWh"}}""", "output 'y' holds Null, not a number")]
    [InlineData("""{"y":{"measurement":[1,2,1e400],"uom":"kWh"}}""", "output 'y'")]
    [InlineData("""{"y":{"measurement":[1,2,-3],"uom":"kWh"}}""", "number 2 is -3 kWh, outside of 0 to 1000")]
    [InlineData("""{"y":{"measurement":7,"uom":"kWh"}}""", "output 'y' is Number, not a series")]
    [InlineData("""{"y":{"measurement":[1,2,3],"uom":"kW""", "the document of results is no JSON, or half of one")]
    [InlineData("[]", "output 'y' is missing")]
    public async Task Results_that_are_not_what_the_card_says_are_refused(string results, string fault)
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnResults = http => ProcessServer.JsonAsync(http, results);
        var refused = await FailsAsync(server, Terms);
        Assert.Equal(RemoteFailure.Refused, refused.Failure);
        Assert.Contains(fault, refused.Fault, StringComparison.Ordinal);
        Assert.Equal("results", refused.Report.Steps[^1].Phase);
    }

    [Theory]
    [InlineData("\"1.0.0\"", "\"1.0.1\"", "the process has version '1.0.1', the card is of '1.0.0'")]
    [InlineData("\"enum\":[\"W\"]", "\"enum\":[\"kW\"]", "input 'x' is in 'kW' there, the card says 'W'")]
    [InlineData(",\"enum\":[\"W\"]", "", "does not say the unit of its input 'x' ('W' by the card)")]
    [InlineData("\"outputs\":{\"y\":{\"schema\":{", "\"outputs\":{\"y\":{\"schema\":{\"x-ogc-unit\":\"J\",", "output 'y' is in 'J' there, the card says 'kWh'")]
    [InlineData("\"minOccurs\":0,", "", "needs an input 'note', of which the card says nothing")]
    [InlineData("\"outputs\":{\"y\"", "\"outputs\":{\"z\"", "no 'y' among its outputs")]
    [InlineData("\"double\"", "\"triple\"", "the description is of 'triple', not of 'double'")]
    [InlineData(",\"async-execute\"", "", "the process offers sync-execute, not async-execute")]
    public async Task A_process_that_is_not_the_one_of_the_card_is_not_executed(string good, string bad, string fault)
    {
        await using var server = await ProcessServer.StartAsync();
        server.Description = ProcessServer.GoodDescription.Replace(good, bad, StringComparison.Ordinal);
        var refused = await FailsAsync(server, Terms);
        Assert.Equal(RemoteFailure.Unexpected, refused.Failure);
        Assert.Contains(fault, refused.Fault, StringComparison.Ordinal);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_server_that_hangs_is_blamed_for_the_step_in_which_it_hung()
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnDescription = http =>
        {
            _clock.Advance(Terms.Deadline);
            return ProcessServer.HangAsync(http);
        };
        var late = await LateAsync(server, Terms);
        Assert.Equal($"the description (GET {server.Address}processes/double)", late.Report.WaitedFor);
        Assert.Equal("no answer yet", late.Report.Steps[^1].Outcome);
        Assert.Equal((20_000, 20_000), (late.Report.Steps[^1].Milliseconds, late.Report.Milliseconds));
    }

    [Fact]
    public async Task An_answer_that_drips_does_not_outlive_the_deadline()
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnExecution = http => ProcessServer.DripAsync(http, () => _clock.Advance(Terms.Deadline));
        var late = await LateAsync(server, Terms with { Mode = RemoteMode.AtOnce });
        Assert.StartsWith("the execution (POST ", late.Report.WaitedFor, StringComparison.Ordinal);
        Assert.Equal("the answer had begun and was not whole", late.Report.Steps[^1].Outcome);
    }

    [Fact]
    public async Task A_job_that_is_not_done_at_the_deadline_is_dismissed_and_its_last_status_told()
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnStatus = http =>
        {
            _clock.Advance(TimeSpan.FromSeconds(6));
            return ProcessServer.JsonAsync(http, """{"jobID":"7","type":"process","status":"running","progress":40,"message":"adding up"}""");
        };
        var late = await LateAsync(server, Terms with { FirstPause = TimeSpan.Zero });
        Assert.EndsWith("the job said 'running' (40 %): adding up", late.Report.WaitedFor, StringComparison.Ordinal);
        Assert.StartsWith("DELETE /ogc/jobs/7", server.Asked.Last(), StringComparison.Ordinal);
        Assert.Equal(("dismissal", 200), (late.Report.Steps[^1].Phase, late.Report.Steps[^1].Status));
        Assert.Equal(new Uri(server.Address, "jobs/7"), late.Report.Job);
    }

    [Fact]
    public async Task A_caller_who_leaves_has_the_job_dismissed()
    {
        await using var server = await ProcessServer.StartAsync();
        using var cancel = new CancellationTokenSource();
        server.OnStatus = async http =>
        {
            await cancel.CancelAsync();
            await ProcessServer.HangAsync(http);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Models().RunAsync(Card(server), [new("x", "W", [4])], Terms, cancel.Token));
        Assert.StartsWith("DELETE /ogc/jobs/7", server.Asked.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_for_now_is_asked_again_but_an_execution_never()
    {
        await using var server = await ProcessServer.StartAsync();
        var answers = 0;
        server.OnDescription = http => answers++ < 2 ? ProcessServer.JsonAsync(http, "{}", 503) : ProcessServer.JsonAsync(http, ProcessServer.GoodDescription);
        var result = await RunAsync(server, Terms);
        Assert.Equal([503, 503, 200], result.Report.Steps.Where(step => step.Phase == "description").Select(step => step.Status!.Value));
        server.OnExecution = http => ProcessServer.JsonAsync(http, """{"title":"Busy","detail":"too many jobs"}""", 503);
        var failed = await FailsAsync(server, Terms);
        Assert.Equal("the execution answered 503: too many jobs", failed.Fault);
        Assert.Single(failed.Report.Steps, step => step.Phase == "execution");
    }

    [Theory]
    [InlineData("""{"jobID":"7","status":"failed","message":"division by zero"}""", RemoteFailure.Failed, "the job failed: division by zero")]
    [InlineData("""{"jobID":"7","status":"dismissed"}""", RemoteFailure.Failed, "the job dismissed")]
    [InlineData("""{"jobID":"7","status":"finished"}""", RemoteFailure.Refused, "the job has the status 'finished'")]
    [InlineData("""{"jobID":"7","sta""", RemoteFailure.Refused, "the status of the job is no JSON, or half of one")]
    public async Task A_job_that_fails_is_told_in_its_own_words(string status, RemoteFailure failure, string fault)
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnStatus = http => ProcessServer.JsonAsync(http, status);
        var failed = await FailsAsync(server, Terms);
        Assert.Equal(failure, failed.Failure);
        Assert.Contains(fault, failed.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_larger_answer_than_agreed_is_not_read_to_its_end()
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnResults = async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(new byte[65_536], http.RequestAborted);
            }
        };
        var refused = await FailsAsync(server, Terms with { MostAnswerBytes = 1 << 20 });
        Assert.Contains("more than 1048576 bytes", refused.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_cut_off_is_a_failure()
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnExecution = async http =>
        {
            http.Response.ContentLength = 1000;
            await http.Response.WriteAsync("{\"y\":");
            http.Abort();
        };
        Assert.Equal(RemoteFailure.Failed, (await FailsAsync(server, Terms)).Failure);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_no_agreement_goes_to_anybody_else()
    {
        await using var other = await ProcessServer.StartAsync();
        await using var server = await ProcessServer.StartAsync();
        server.OnDescription = http =>
        {
            http.Response.Redirect(other.Address + "processes/double");
            return Task.CompletedTask;
        };
        var refused = await FailsAsync(server, Terms with { Agreement = "secret" });
        Assert.Equal(RemoteFailure.NotCalled, refused.Failure);
        Assert.Contains("redirects to", refused.Fault, StringComparison.Ordinal);
        Assert.Empty(other.Asked);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/jobs/7")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("file:///etc/passwd")]
    [InlineData("//evil.example/jobs/7")]
    public async Task A_job_at_another_address_is_not_asked_for(string location)
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnExecution = http =>
        {
            http.Response.Headers.Location = location;
            return ProcessServer.JsonAsync(http, "{}", 201);
        };
        var refused = await FailsAsync(server, Terms);
        Assert.Equal(RemoteFailure.NotCalled, refused.Failure);
        Assert.Contains("not at the server that was asked", refused.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_within_our_own_network_is_not_called()
    {
        await using var server = await ProcessServer.StartAsync();
        var refused = await Assert.ThrowsAsync<RemoteException>(() => Models(allowLoopback: false).RunAsync(Card(server), [new("x", "W", [4])], Terms, TestContext.Current.CancellationToken));
        Assert.Equal(RemoteFailure.NotCalled, refused.Failure);
        Assert.Empty(server.Asked);
        Assert.Single(refused.Report.Steps);
    }

    [Fact]
    public async Task Values_deep_in_an_output_are_found_and_a_unit_that_only_the_card_says_is_reported_as_such()
    {
        await using var server = await ProcessServer.StartAsync();
        server.OnResults = http => ProcessServer.JsonAsync(http, """{"totals":{"value":[{"id":"a","heat/cold":[1,2,3]}]}}""");
        server.Description = ProcessServer.GoodDescription.Replace("\"outputs\":{", "\"outputs\":{\"totals\":{\"schema\":{\"type\":\"array\"}},", StringComparison.Ordinal);
        var card = Card(server);
        card = card with
        {
            Outputs = [card.Outputs[0] with { Output = "totals", Pointer = "/0/heat~1cold", UnitByAgreement = true }],
            FixedInputs = new Dictionary<string, JsonElement> { ["note"] = JsonElement.Parse("\"as agreed\"") },
        };
        var result = await Models().RunAsync(card, [new("x", "W", [4])], Terms, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], result.Outputs[0].Numbers);
        Assert.Equal(["y"], result.Report.UnitsByAgreement);
        Assert.Contains("\"note\":\"as agreed\"", server.LastBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inputs_that_do_not_fit_the_card_are_refused_before_anybody_is_asked()
    {
        await using var server = await ProcessServer.StartAsync();
        await RefusedAsync([], Terms, "x", "it is missing (unit: W)");
        await RefusedAsync([new("x", "kW", [4])], Terms, "x", "the unit given is 'kW', that of the card 'W'");
        await RefusedAsync([new("x", "W", [4, 5])], Terms, "x", "it has 2 numbers; 1 are expected");
        await RefusedAsync([new("x", "W", [4000])], Terms, "x", "outside of 0 to 100");
        await RefusedAsync([new("x", "W", [4]), new("x", "W", [4])], Terms, "x", "it is given twice");
        await RefusedAsync([new("x", "W", [4]), new("w", "W", [4])], Terms, "w", "the card has no such input");
        await RefusedAsync([new("x", "W", [4])], Terms with { Agreement = "a\r\nX-Evil: 1" }, "agreement", "visible ASCII");
        await RefusedAsync([new("x", "W", [4])], Terms with { Deadline = TimeSpan.Zero }, "deadline", "no time between");
        Assert.Empty(server.Asked);

        async Task RefusedAsync(RemoteNumbers[] inputs, RemoteTerms terms, string input, string fault)
        {
            var refused = await Assert.ThrowsAsync<ModelInputException>(() => Models().RunAsync(Card(server), inputs, terms, TestContext.Current.CancellationToken));
            Assert.Equal(input, refused.Input);
            Assert.Contains(fault, refused.Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_card_is_read_from_JSON_and_lacks_nothing()
    {
        const string json = """
            {"id":"peer-heat","title":"Heat of the peer city","use":"predictive","server":"https://peer.example/ogc","process":"heat","version":"2.1.0",
             "inputs":[],"outputs":[{"name":"y","unit":"kWh","count":3,"least":0,"most":10,"description":"Heat."}],"sources":["agreed by letter"],"validFor":"a","notValidFor":"b","uncertainty":"c"}
            """;
        var card = RemoteCard.Read(Encoding.UTF8.GetBytes(json)).ToModelCard();
        Assert.Equal(("peer-heat", "2.1.0", ModelUse.Predictive), (card.Id, card.Version, card.Use));
        foreach (var (good, bad, says) in new[] { ("https://peer", "ftp://peer", "no plain http(s) address"), ("https://peer", "https://user:pw@peer", "no plain http(s) address"), ("\"count\":3,", "", "count"), ("\"uncertainty\":\"c\"", "\"uncertainty\":\"\"", "uncertainty is empty"), ("\"id\"", "\"colour\":1,\"id\"", "colour") })
        {
            Assert.Contains(says, Assert.Throws<ModelInputException>(() => RemoteCard.Read(Encoding.UTF8.GetBytes(json.Replace(good, bad, StringComparison.Ordinal)))).Fault, StringComparison.Ordinal);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }
    }

    private static RemoteCard Card(ProcessServer server) => new()
    {
        Id = "remote-double",
        Title = "Twice as much",
        Use = ModelUse.Prospective,
        Server = server.Address,
        Process = "double",
        Version = "1.0.0",
        Inputs = [new RemoteQuantity { Name = "x", Unit = "W", Count = null, Least = 0, Most = 100, Description = "Power." }],
        Outputs = [new RemoteQuantity { Name = "y", Unit = "kWh", Count = 3, Least = 0, Most = 1000, Description = "Energy." }],
        Sources = ["these tests"],
        ValidFor = "tests",
        NotValidFor = "anything else",
        Uncertainty = "none",
    };

    private async Task<RemoteException> LateAsync(ProcessServer server, RemoteTerms terms)
    {
        var late = await Assert.ThrowsAsync<RemoteException>(() => Models(clock: _clock).RunAsync(Card(server), [new("x", "W", [4])], terms, TestContext.Current.CancellationToken));
        Assert.Equal(RemoteFailure.TimedOut, late.Failure);
        return late;
    }

    private RemoteModels Models(bool allowLoopback = true, TimeProvider? clock = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddRemoteModels();
        services.PostConfigure<OutboundOptions>(options => options.AllowLoopback = allowLoopback);
        _services = services.BuildServiceProvider();
        return _services.GetRequiredService<RemoteModels>();
    }

    private Task<RemoteResult> RunAsync(ProcessServer server, RemoteTerms terms) => Models().RunAsync(Card(server), [new("x", "W", [4])], terms, TestContext.Current.CancellationToken);

    private Task<RemoteException> FailsAsync(ProcessServer server, RemoteTerms terms) => Assert.ThrowsAsync<RemoteException>(() => RunAsync(server, terms));
}
