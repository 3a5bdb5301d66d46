using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Twin.Hosting.Authentication;
using Twin.Hosting.Problems;

namespace Twin.Gateway.Limits;

/// <summary>
/// Counts the calls of each caller: by its name when it is signed in, by its address when not. Every answer says how many
/// are left (draft-ietf-httpapi-ratelimit-headers); past the last one it is 429 with Retry-After.
/// </summary>
internal sealed class CallerQuotas : IAsyncDisposable
{
    private readonly Quota caller;
    private readonly Quota anonymous;
    private readonly Quota signIn;

    public CallerQuotas(IOptions<RateLimitOptions> options)
    {
        caller = new Quota("caller", options.Value.Caller, static context => context.User.Identity!.Name!);
        anonymous = new Quota("anonymous", options.Value.Anonymous, static context => Network(context.Connection.RemoteIpAddress));
        signIn = new Quota("sign-in", options.Value.SignIn, static context => Network(context.Connection.RemoteIpAddress));
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var quota = Choose(context);
        if (quota is null)
        {
            await next(context);
            return;
        }

        using var lease = quota.Limiter.AttemptAcquire(context);
        quota.Tell(context);
        await (lease.IsAcquired ? next(context) : quota.RefuseAsync(context, lease));
    }

    public async ValueTask DisposeAsync()
    {
        await caller.Limiter.DisposeAsync();
        await anonymous.Limiter.DisposeAsync();
        await signIn.Limiter.DisposeAsync();
    }

    private Quota? Choose(HttpContext context)
    {
        var path = context.Request.Path;
        if (HttpMethods.IsPost(context.Request.Method) && path.StartsWithSegments("/connect", StringComparison.OrdinalIgnoreCase))
        {
            return signIn;
        }

        if (path.StartsWithSegments("/health"))
        {
            return null;
        }

        return context.User.Identity is { IsAuthenticated: true } ? caller : anonymous;
    }

    /// <summary>Whom an address stands for: an IPv6 line has 2^64 addresses, and they are one caller.</summary>
    private static string Network(IPAddress? address)
    {
        if (address is null)
        {
            return "none";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    private sealed class Quota
    {
        private readonly string name;
        private readonly int requests;
        private readonly double perSecond;
        private readonly string policy;

        public Quota(string name, QuotaOptions options, Func<HttpContext, string> key)
        {
            this.name = name;
            requests = options.Requests;
            perSecond = (double)options.Requests / options.WindowSeconds;
            policy = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={options.Requests};w={options.WindowSeconds}");

            // One token each so long, or several each second where that is shorter: whole tokens, steadily.
            var bucket = perSecond >= 1
                ? (Tokens: (int)Math.Round(perSecond), Period: TimeSpan.FromSeconds(1))
                : (Tokens: 1, Period: TimeSpan.FromSeconds(1 / perSecond));
            Limiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(key(context), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.Requests,
                TokensPerPeriod = bucket.Tokens,
                ReplenishmentPeriod = bucket.Period,
                QueueLimit = 0,
            }));
        }

        public PartitionedRateLimiter<HttpContext> Limiter { get; }

        public void Tell(HttpContext context)
        {
            var left = Limiter.GetStatistics(context)?.CurrentAvailablePermits ?? 0;
            var untilFull = (long)Math.Ceiling((requests - left) / perSecond);
            context.Response.Headers["RateLimit-Policy"] = policy;
            context.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={left};t={untilFull}");
        }

        public async Task RefuseAsync(HttpContext context, RateLimitLease lease)
        {
            var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
            {
                HttpContext = context,
                ProblemDetails = new ProblemDetails
                {
                    Status = StatusCodes.Status429TooManyRequests,
                    Type = ProblemTypes.Of(ProblemTypes.OfStatus(StatusCodes.Status429TooManyRequests).Name),
                    Title = ProblemTypes.OfStatus(StatusCodes.Status429TooManyRequests).Title,
                    Detail = $"The quota of {policy} is used up. Try again in {seconds} s, and watch the RateLimit header.",
                },
            });
        }
    }
}
