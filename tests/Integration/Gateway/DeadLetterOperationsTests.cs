using System.Data.Common;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Twin.Contracts;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>What a consumer could not handle, from the write that caused it to the operator who replays or discards it.</summary>
public abstract class DeadLetterOperationsTests(StoreKind kind) : IAsyncLifetime
{
    private const string Letters = "/operations/dead-letters/entity-registry";
    private const string Error = "InvalidOperationException: No such building.";
    private readonly Watcher watcher = new();
    private TestStore store = null!;
    private RunningNode node = null!;
    private HttpClient http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync(kind, Token);
        await StartAsync();
    }

    [Fact]
    public async Task A_letter_outlives_the_node_is_inspected_and_takes_effect_once_when_an_operator_replays_it_after_the_fault()
    {
        watcher.Broken = "urn:ngsi-ld:Building:bad";
        await WriteAsync("bad");
        await WriteAsync("good");
        var listed = await OnlyLetterAsync();
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(watcher.Seen is ["urn:ngsi-ld:Building:good"]), 30, Token));

        Assert.Equal(
            ("watcher", EntityTopics.Entities, 3, Error, "urn:ngsi-ld:Building:bad", EntityTopics.Created),
            (Text(listed, "consumer"), Text(listed, "topic"), listed.GetProperty("attempts").GetInt32(), Text(listed, "error"),
             Text(listed.GetProperty("event"), "subject"), Text(listed.GetProperty("event"), "type")));
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("event").GetProperty("data_base64").ValueKind);

        await RestartAsync();
        var path = $"{Letters}/{listed.GetProperty("id").GetInt64()}";
        var letter = await JsonAsync(HttpMethod.Get, path);
        var change = EntityChanged.Parser.ParseFrom(letter.GetProperty("event").GetProperty("data_base64").GetBytesFromBase64());
        Assert.Contains("\"urn:ngsi-ld:Building:bad\"", change.Entity.ToStringUtf8(), StringComparison.Ordinal);

        var early = await JsonAsync(HttpMethod.Post, path + "/replay");
        Assert.Equal((false, Error), (early.GetProperty("succeeded").GetBoolean(), Text(early, "error")));
        Assert.Equal(4, (await JsonAsync(HttpMethod.Get, path)).GetProperty("attempts").GetInt32());

        watcher.Broken = null;
        Assert.True((await JsonAsync(HttpMethod.Post, path + "/replay")).GetProperty("succeeded").GetBoolean());
        Assert.Equal(["urn:ngsi-ld:Building:good", "urn:ngsi-ld:Building:bad"], watcher.Seen);
        Assert.Equal(0, (await JsonAsync(HttpMethod.Get, Letters)).GetProperty("count").GetInt64());
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Post, path + "/replay", TwinRoles.Operator));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Get, path, TwinRoles.Operator));
    }

    [Fact]
    public async Task Who_is_no_operator_neither_sees_nor_touches_a_letter_and_what_an_operator_discards_never_takes_effect()
    {
        watcher.Broken = "urn:ngsi-ld:Building:bad";
        await WriteAsync("bad");
        var path = $"{Letters}/{(await OnlyLetterAsync()).GetProperty("id").GetInt64()}";
        watcher.Broken = null;

        foreach (var (method, at) in ((HttpMethod, string)[])[(HttpMethod.Get, Letters), (HttpMethod.Get, path), (HttpMethod.Post, path + "/replay"), (HttpMethod.Post, Letters + "/replay"), (HttpMethod.Delete, path)])
        {
            Assert.Equal((at, HttpStatusCode.Unauthorized), (at, await StatusAsync(method, at, null)));
            Assert.Equal((at, HttpStatusCode.Forbidden), (at, await StatusAsync(method, at, TwinRoles.Planner)));
        }

        Assert.Empty(watcher.Seen);
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, path, TwinRoles.Operator));
        var replayed = await JsonAsync(HttpMethod.Post, Letters + "/replay");
        Assert.Equal((0, 0), (replayed.GetProperty("succeeded").GetInt32(), replayed.GetProperty("failed").GetInt32()));
        Assert.Empty(watcher.Seen);
    }

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        await (node?.DisposeAsync() ?? ValueTask.CompletedTask);
        store?.Dispose();
    }

    private async Task StartAsync()
    {
        var settings = store.Settings;
        settings["Twin:Port"] = "0";
        settings["Twin:Address"] = "127.0.0.1";
        settings["Twin:Events:MaxAttempts"] = "3";
        settings["Twin:Events:RetryDelay"] = "00:00:00.010";
        node = await TwinNode.Create(settings).With<EntityRegistryService>().With<GatewayService>().Adjust(builder =>
        {
            builder.Services.AddSingleton(watcher);
            builder.AddEventConsumer<Watcher>(EntityRegistryService.Name);
        }).StartAsync(Token);
        http = new HttpClient { BaseAddress = node.Http };
    }

    private async Task RestartAsync()
    {
        http.Dispose();
        await node.DisposeAsync();
        await StartAsync();
    }

    private async Task WriteAsync(string number) => Assert.Equal(
        HttpStatusCode.Created,
        await StatusAsync(HttpMethod.Post, "/ngsi-ld/v1/entities", TwinRoles.Operator, $$"""{"id":"urn:ngsi-ld:Building:{{number}}","type":"Building"}"""));

    private async Task<JsonElement> OnlyLetterAsync()
    {
        JsonElement page = default;
        Assert.True(await Eventually.HoldsAsync(async () => (page = await JsonAsync(HttpMethod.Get, Letters)).GetProperty("letters").GetArrayLength() == 1, 30, Token));
        return page.GetProperty("letters").EnumerateArray().Single();
    }

    private async Task<JsonElement> JsonAsync(HttpMethod method, string path)
    {
        using var answer = await SendAsync(method, path, TwinRoles.Operator, null);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{method} {path}: {answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string? role, string? json = null)
    {
        using var answer = await SendAsync(method, path, role, json);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? role, string? json)
    {
        using var request = new HttpRequestMessage(method, path);
        if (role is not null)
        {
            var key = node.Services.GetRequiredService<SigningKeys>().Active();
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Bearer", NodeTokens.Issue(key, "test", [role], TimeSpan.FromMinutes(5), TimeProvider.System.GetUtcNow()));
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await http.SendAsync(request, Token);
    }

    private static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();

    /// <summary>Notes the subjects of the registry's events, and fails on one of them.</summary>
    private sealed class Watcher : IEventConsumer
    {
        private readonly Lock gate = new();
        private readonly List<string> seen = [];

        public string? Broken { get; set; }

        public string[] Seen
        {
            get
            {
                lock (gate)
                {
                    return [.. seen];
                }
            }
        }

        public string Name => "watcher";

        public IReadOnlyCollection<string> Topics => [EntityTopics.Entities];

        public Task HandleAsync(IReadOnlyList<TwinEvent> events, DbTransaction transaction, CancellationToken cancellationToken)
        {
            if (events.Any(one => one.Subject == Broken))
            {
                throw new InvalidOperationException("No such building.");
            }

            lock (gate)
            {
                seen.AddRange(events.Select(one => one.Subject));
            }

            return Task.CompletedTask;
        }
    }
}

public sealed class DeadLettersOnSqliteTests() : DeadLetterOperationsTests(StoreKind.Sqlite);

public sealed class DeadLettersOnPostgresTests() : DeadLetterOperationsTests(StoreKind.PostgreSql);
