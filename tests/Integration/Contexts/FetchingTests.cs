using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Twin.Hosting.Outbound;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Contexts;

/// <summary>What the web can do to a node that fetches @contexts from it, and that copies outlive the process.</summary>
public sealed class FetchingTests
{
    private const string Document = """{"@context":{"T1":"https://example.org/T1"}}""";

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task What_was_fetched_hosted_and_counted_is_there_after_a_restart(StoreKind kind)
    {
        using TestStore store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using DocumentSite site = await DocumentSite.StartAsync();
        string url = site.Serve("/c.jsonld", Document);
        string location;
        string inline;
        await using (ContextHost host = await ContextHost.StartAsync(store))
        {
            location = (await host.HostAsync(Document)).Headers.Location!.OriginalString;
            inline = (await host.SendAsync(HttpMethod.Post, "/use?term=T1&linkable", """{"T1":"https://example.org/inline"}""", null)).Headers.GetValues("Link").Single();
            await host.UseLinkAsync(url);
            await host.UseLinkAsync(url);
            Assert.Equal(HttpStatusCode.NoContent, await host.DeleteAsync(url, "?reload=true"));
        }

        await site.StopAsync();
        await using ContextHost again = await ContextHost.StartAsync(store);

        Assert.Equal("https://example.org/T1", await (await again.UseLinkAsync(url)).Content.ReadAsStringAsync());
        Assert.Equal("https://example.org/T1", await (await again.UseLinkAsync(again.Url + location)).Content.ReadAsStringAsync());
        Assert.Equal("https://example.org/inline", await (await again.UseLinkAsync(inline[1..inline.IndexOf('>', StringComparison.Ordinal)])).Content.ReadAsStringAsync());
        Assert.Equal(3, (int)(await again.DetailsAsync(url))!["numberOfHits"]!);
        Assert.Equal(HttpStatusCode.NoContent, await again.DeleteAsync(url));
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await again.UseLinkAsync(url)).StatusCode);
    }

    [Fact]
    public async Task Many_who_ask_at_once_cause_one_fetch()
    {
        using TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using DocumentSite site = await DocumentSite.StartAsync();
        var gate = new TaskCompletionSource();
        string url = site.Serve("/slow.jsonld", async http =>
        {
            await gate.Task;
            await http.Response.WriteAsync(Document);
        });
        await using ContextHost host = await ContextHost.StartAsync(store);

        Task<HttpResponseMessage>[] asking = [.. Enumerable.Range(0, 20).Select(_ => host.UseLinkAsync(url))];
        gate.SetResult();

        foreach (HttpResponseMessage answer in await Task.WhenAll(asking))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(1, site.Hits("/slow.jsonld"));
    }

    [Fact]
    public async Task A_failure_is_remembered_for_a_few_seconds_and_then_tried_again()
    {
        using TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using DocumentSite site = await DocumentSite.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-01T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        await using ContextHost host = await ContextHost.StartAsync(store, time: time);
        string url = site.Url + "/late.jsonld";

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await host.UseLinkAsync(url)).StatusCode);
        site.Serve("/late.jsonld", Document);
        using HttpResponseMessage still = await host.UseLinkAsync(url);
        Assert.Equal(HttpStatusCode.GatewayTimeout, still.StatusCode);
        Assert.Contains(url, await still.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(HttpStatusCode.OK, (await host.UseLinkAsync(url)).StatusCode);
        Assert.Equal(2, site.Hits("/late.jsonld"));
    }

    [Fact]
    public async Task Oversized_broken_and_cyclic_documents_are_refused_and_not_kept()
    {
        using TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using DocumentSite site = await DocumentSite.StartAsync();
        await using ContextHost host = await ContextHost.StartAsync(store);
        byte[] chunk = Encoding.UTF8.GetBytes(new string(' ', 64 * 1024));
        string endless = site.Serve("/endless.jsonld", async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(chunk, http.RequestAborted);
            }
        });
        string announced = site.Serve("/announced.jsonld", http =>
        {
            http.Response.ContentLength = 2 << 20;
            return http.Response.Body.WriteAsync(new byte[2 << 20]).AsTask();
        });
        string broken = site.Serve("/broken.jsonld", "{");
        string other = site.Serve("/other.jsonld", """{"context": {}}""");
        string cycle = site.Serve("/cycle.jsonld", """{"@context": ["cycle.jsonld"]}""");

        foreach (string url in (string[])[endless, announced, broken, other, cycle])
        {
            using HttpResponseMessage answer = await host.UseLinkAsync(url);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(url, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        string listed = (await host.GetAsync(ContextHost.Contexts + "?kind=Cached"))!.ToJsonString();
        Assert.DoesNotContain("endless", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("announced", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("broken", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("other", listed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_may_not_call_loopback_says_so_and_does_not()
    {
        using TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using DocumentSite site = await DocumentSite.StartAsync();
        string url = site.Serve("/c.jsonld", Document);
        await using ContextHost host = await ContextHost.StartAsync(store, s => s["Twin:Outbound:AllowLoopback"] = "false");

        using HttpResponseMessage answer = await host.UseLinkAsync(url);

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Contains("Twin:Outbound", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, site.Hits("/c.jsonld"));
    }

    [Fact]
    public async Task Redirects_are_followed_a_few_times()
    {
        using TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using DocumentSite site = await DocumentSite.StartAsync();
        await using ContextHost host = await ContextHost.StartAsync(store);
        site.Serve("/c.jsonld", Document);
        string moved = site.Serve("/moved.jsonld", http => Redirect(http, "/c.jsonld"));
        string around = site.Serve("/around.jsonld", http => Redirect(http, "/around.jsonld"));

        Assert.Equal(HttpStatusCode.OK, (await host.UseLinkAsync(moved)).StatusCode);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await host.UseLinkAsync(around)).StatusCode);
        Assert.Equal(4, site.Hits("/around.jsonld"));
    }

    /// <summary>
    /// The first name is allowed and answers with a redirect to the second, as a rebinding or redirecting attacker would:
    /// both stand on loopback here, and the guard sees for the second what the resolver says, 127.0.0.2 being outside
    /// the allowed network.
    /// </summary>
    [Fact]
    public async Task A_redirect_to_a_name_at_a_refused_address_is_not_followed()
    {
        await using DocumentSite site = await DocumentSite.StartAsync();
        int port = new Uri(site.Url).Port;
        site.Serve("/go", http => Redirect(http, $"http://inside.example:{port}/secret"));
        site.Serve("/secret", "secret");
        var guard = new OutboundGuard(
            new OutboundOptions { AllowedNetworks = { "127.0.0.1/32" }, AllowHttp = true },
            (host, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(host == "inside.example" ? "127.0.0.2" : "127.0.0.1")]));
        using var client = new HttpClient(guard.CreateHandler());

        await Assert.ThrowsAsync<OutboundRefusedException>(() => client.GetAsync($"http://outside.example:{port}/go", TestContext.Current.CancellationToken));

        Assert.Equal(1, site.Hits("/go"));
        Assert.Equal(0, site.Hits("/secret"));
    }

    [Fact]
    public async Task A_public_looking_name_that_resolves_to_loopback_is_refused_and_a_mixed_answer_uses_the_allowed_part()
    {
        await using DocumentSite site = await DocumentSite.StartAsync();
        int port = new Uri(site.Url).Port;
        site.Serve("/x", "x");
        ResolveHost names = (host, _) => host switch
        {
            "rebound.example" => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Parse("10.0.0.1"), IPAddress.IPv6Loopback, IPAddress.Parse("::ffff:127.0.0.1")]),
            "mixed.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254"), IPAddress.Loopback]),
            _ => throw new SocketException((int)SocketError.HostNotFound),
        };
        using var strict = new HttpClient(new OutboundGuard(new OutboundOptions { AllowHttp = true }, names).CreateHandler());
        using var open = new HttpClient(new OutboundGuard(new OutboundOptions { AllowLoopback = true }, names).CreateHandler());
        CancellationToken cancel = TestContext.Current.CancellationToken;

        await Assert.ThrowsAsync<OutboundRefusedException>(() => strict.GetAsync($"http://rebound.example:{port}/x", cancel));
        await Assert.ThrowsAsync<OutboundRefusedException>(() => strict.GetAsync($"http://2130706433:{port}/x", cancel));
        await Assert.ThrowsAsync<OutboundRefusedException>(() => strict.GetAsync($"http://[::ffff:7f00:1]:{port}/x", cancel));
        HttpRequestException unknown = await Assert.ThrowsAsync<HttpRequestException>(() => strict.GetAsync($"http://nowhere.example:{port}/x", cancel));
        Assert.Equal(HttpRequestError.NameResolutionError, unknown.HttpRequestError);
        Assert.Equal("x", await open.GetStringAsync($"http://mixed.example:{port}/x", cancel));
        Assert.Equal(1, site.Hits("/x"));
    }

    private static Task Redirect(HttpContext http, string to)
    {
        http.Response.Redirect(to);
        return Task.CompletedTask;
    }
}
