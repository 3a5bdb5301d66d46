using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Twin.Hosting.Authentication;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>Quotas per caller, told as draft-ietf-httpapi-ratelimit-headers asks. The windows are so long that none ends in a test.</summary>
public sealed partial class QuotaTests
{
    private static readonly (string, string)[] Settings =
    [
        ("Twin:RateLimit:Caller:Requests", "5"), ("Twin:RateLimit:Caller:WindowSeconds", "86400"),
        ("Twin:RateLimit:Anonymous:Requests", "3"), ("Twin:RateLimit:Anonymous:WindowSeconds", "86400"),
        ("Twin:RateLimit:SignIn:Requests", "2"), ("Twin:RateLimit:SignIn:WindowSeconds", "86400"),
    ];

    [Fact]
    public async Task Every_answer_says_how_much_is_left_and_past_the_last_it_is_429_with_the_seconds_to_wait()
    {
        await using var host = await GatewayHost.StartAsync(settings: Settings);
        var left = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await host.GetAsync("/as/read-entities");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("\"anonymous\";q=3;w=86400", answer.Headers.GetValues("RateLimit-Policy").Single());
            left.Add(int.Parse(Remaining.Match(answer.Headers.GetValues("RateLimit").Single()).Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        }

        Assert.Equal([2, 1, 0], left);
        using var refused = await host.GetAsync("/as/read-entities");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 86400);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        // What orchestrators ask is not counted.
        using var health = await host.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Callers_have_their_own_quotas_and_refused_calls_count()
    {
        await using var host = await GatewayHost.StartAsync(settings: Settings);
        var token = host.Token(TwinRoles.Planner);
        for (var i = 0; i < 5; i++)
        {
            using var answer = await host.GetAsync("/as/administer", token);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        using var spent = await host.GetAsync("/as/read-entities", token);
        using var other = await host.GetAsync("/as/read-entities");
        Assert.Equal(HttpStatusCode.TooManyRequests, spent.StatusCode);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Whoever_guesses_secrets_is_slowed_down()
    {
        await using var host = await GatewayHost.StartAsync(settings: Settings);
        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            statuses.Add((await host.ExchangeAsync(("grant_type", "client_credentials"), ("client_id", "etl"), ("client_secret", "guess" + i))).Status);
        }

        Assert.Equal([401, 401, 429], statuses);
    }

    [Fact]
    public async Task Answers_carry_the_headers_that_browsers_guard_by_and_a_query_without_end_is_refused()
    {
        await using var host = await GatewayHost.StartAsync();

        using var answer = await host.GetAsync("/as/read-entities");
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var many = await host.GetAsync("/as/read-entities?" + string.Join('&', Enumerable.Range(0, 65).Select(i => $"p{i}=1")));
        Assert.Equal(HttpStatusCode.BadRequest, many.StatusCode);
        using var longest = await host.GetAsync("/as/read-entities?q=" + new string('a', 20_000));
        Assert.Equal(HttpStatusCode.RequestUriTooLong, longest.StatusCode);
    }

    [GeneratedRegex("^\"[a-z-]+\";r=([0-9]+);t=[0-9]+$")]
    private static partial Regex Remaining { get; }
}
