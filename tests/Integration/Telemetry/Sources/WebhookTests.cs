using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.Storage;
using Twin.Telemetry.Tail;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Sources;

/// <summary>Who may post to a webhook, and what becomes of bad bodies.</summary>
public sealed class WebhookTests
{
    private const string Path = "/ingest/webhooks/meters";
    private const string Secret = "a secret of many letters";
    private const string Reading = """{"id":"m 1","at":"2026-01-01T00:00:00Z","values":{"power":1.5,"state":"on"}}""";
    private static readonly (string, string) Shown = ("X-Webhook-Secret", Secret);
    private static readonly (string, string)[] Payload = [("Entity", "urn:ngsi-ld:Meter:{$.id}"), ("Time", "at"), ("Members", "values")];
    private static readonly (string, string)[] Meters = SourceProbe.Settings("Webhooks", 0, "meters", [("Secret", Secret), .. Payload]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_posts_but_who_shows_the_secret_or_may_write_history()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, [("Twin:Open", "false"), .. Meters]);

        Assert.Equal(200, (await node.PostAsync(Path, Reading, Shown)).Status);
        foreach (var headers in new (string, string)[][] { [], [("X-Webhook-Secret", "another secret of letters")], [("X-Webhook-Secret", "")], [("X-Webhook-Secret", Secret + "x")] })
        {
            var (status, problem) = await node.PostAsync(Path, Reading, headers);
            Assert.Equal((401, "sign-in-required"), (status, ((string?)problem!["type"])!.Split('/', ':')[^1]));
            // What is not there looks the same.
            Assert.Equal(problem["detail"]!.ToString(), (await node.PostAsync("/ingest/webhooks/nothing", Reading, headers)).Answer!["detail"]!.ToString());
        }

        Assert.Equal(401, (await node.PostAsync("/ingest/webhooks/nothing", Reading, Shown)).Status);
        Assert.Equal(200, (await node.PostAsync(Path, Reading, Token(node, TwinRoles.Operator))).Status);
        Assert.Equal(404, (await node.PostAsync("/ingest/webhooks/nothing", Reading, Token(node, TwinRoles.Operator))).Status);
        Assert.Equal(403, (await node.PostAsync(Path, Reading, Token(node, TwinRoles.Citizen))).Status);
        Assert.Equal(200, (await node.PostAsync(Path, Reading, Token(node, TwinRoles.Citizen), Shown)).Status);
        using var refused = await node.Http.PostAsync(new Uri(Path, UriKind.Relative), null, Cancel);
        Assert.Equal("Bearer", Assert.Single(refused.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task An_open_node_asks_for_the_secret_all_the_same()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, Meters);

        Assert.Equal(401, (await node.PostAsync(Path, Reading)).Status);
        var (status, answer) = await node.PostAsync(Path, Reading, Shown);

        Assert.Equal((200, 2), (status, (int)answer!["taken"]!));
        Assert.Equal("1.5", Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Meter:m%201", "power")).Value);
        var source = await node.SourceAsync("meters");
        Assert.Equal(("webhook", "listening", 1), ((string?)source["kind"], (string?)source["state"], (int)source["messages"]!));
    }

    [Fact]
    public async Task A_secret_of_a_file_can_be_renewed_and_one_that_has_gone_is_told()
    {
        var file = System.IO.Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Secret + "\n", Cancel);
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, SourceProbe.Settings("Webhooks", 0, "meters", [("SecretFile", file), ("SecretHeader", "X-Token"), .. Payload]));

        Assert.Equal(200, (await node.PostAsync(Path, Reading, ("X-Token", Secret))).Status);
        await File.WriteAllTextAsync(file, "renewed: " + Secret, Cancel);
        Assert.Equal(401, (await node.PostAsync(Path, Reading, ("X-Token", Secret))).Status);
        Assert.Equal(200, (await node.PostAsync(Path, Reading, ("X-Token", "renewed: " + Secret))).Status);
        File.Delete(file);
        Assert.Equal(503, (await node.PostAsync(Path, Reading, ("X-Token", Secret))).Status);
        Assert.Contains("cannot be read", (string?)(await node.SourceAsync("meters"))["lastError"]!["reason"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("{\"id\":", 400)]
    [InlineData("{\"id\":\"m\"}{}", 400)]
    [InlineData("[1]", 200)]
    [InlineData("{}", 200)]
    [InlineData("{\"id\":\"m\",\"at\":\"2026-01-01T00:00:00Z\",\"values\":{\"power\":\"\\ud800\"}}", 200)]
    public async Task What_is_no_JSON_is_refused_and_what_says_nothing_is_set_aside(string body, int expected)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, Meters);

        var (status, answer) = await node.PostAsync(Path, body, Shown);

        Assert.Equal(expected, status);
        Assert.Equal(expected == 200 ? 1 : 0, (int)(await node.SourceAsync("meters"))["setAside"]!);
        Assert.True(expected == 400 || (int)answer!["setAside"]! == 1);
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused_with_and_without_its_length_told()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, Meters);
        var large = Encoding.UTF8.GetBytes($$"""{"id":"{{new string('x', 1_100_000)}}"}""");
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = chunked ? new StreamContent(new UnknownLength(large)) : new ByteArrayContent(large) };
            request.Headers.Add(Shown.Item1, Shown.Item2);
            using var answer = await node.Http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }
    }

    [Fact]
    public async Task While_nothing_can_be_committed_the_sender_is_told_to_come_again()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, Meters);
        await node.Services.GetRequiredService<TailWriter>().StopAsync(Cancel);

        var (status, problem) = await node.PostAsync(Path, Reading, Shown);

        Assert.Equal(503, status);
        Assert.Contains("history-unavailable", (string?)problem!["type"], StringComparison.Ordinal);
        Assert.NotNull((await node.SourceAsync("meters"))["lastError"]);
    }

    [Theory]
    [InlineData("Secret", "short", "Secret", "at least 16 characters")]
    [InlineData("SecretFile", "/nowhere/at/all", "Secret", "set it or SecretFile")]
    [InlineData("SecretHeader", "no header", "SecretHeader", "is no name of a header")]
    [InlineData("SecretHeader", "authorization", "SecretHeader", "Authorization carries tokens")]
    [InlineData("Payload", "xml", "Payload", "is no form of payloads")]
    [InlineData("Signal", "true", "Signal", "only uplinks of LoRaWAN")]
    [InlineData("Entity", "urn:x:{device}", "Entity", "it knows {event}")]
    public async Task A_setting_that_could_not_work_is_told_at_the_start_by_its_name(string key, string value, string atFault, string fault)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var told = await Assert.ThrowsAnyAsync<Exception>(() => HistoryNode.StartAsync(store, [.. Meters, ($"Twin:Telemetry:Webhooks:0:{key}", value)]));
        Assert.Contains(fault, told.Message, StringComparison.Ordinal);
        Assert.Contains($"Twin:Telemetry:Webhooks:0:{atFault} ", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, told.Message, StringComparison.Ordinal);
    }

    private static (string, string) Token(HistoryNode node, string role) =>
        ("Authorization", "Bearer " + NodeTokens.Issue(node.Services.GetRequiredService<SigningKeys>().Active(), "test", [role], TimeSpan.FromMinutes(10), TimeProvider.System.GetUtcNow()));

    /// <summary>A stream whose length nobody knows, so that it goes in chunks.</summary>
    private sealed class UnknownLength(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
