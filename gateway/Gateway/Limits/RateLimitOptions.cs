using Microsoft.Extensions.Options;

namespace Twin.Gateway.Limits;

/// <summary>How often a caller may call (<c>Twin:RateLimit</c>). Off in an open node.</summary>
public sealed class RateLimitOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:RateLimit";

    /// <summary>Whether calls are counted at all.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>For each signed-in person and client.</summary>
    public QuotaOptions Caller { get; set; } = new() { Requests = 60_000, WindowSeconds = 60 };

    /// <summary>For each address from which anonymous callers come (of IPv6 the first 64 bits).</summary>
    public QuotaOptions Anonymous { get; set; } = new() { Requests = 3_000, WindowSeconds = 60 };

    /// <summary>For each address, at the sign-in form and the token endpoint: what slows down whoever guesses passwords.</summary>
    public QuotaOptions SignIn { get; set; } = new() { Requests = 60, WindowSeconds = 60 };
}

/// <summary>So many requests in so many seconds; refilled steadily, not at once.</summary>
public sealed class QuotaOptions
{
    /// <summary>Requests in a window, and the most that may come at once.</summary>
    public int Requests { get; set; }

    /// <summary>The window, in seconds.</summary>
    public int WindowSeconds { get; set; }
}

internal sealed class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>
{
    public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
    {
        var wrong = new[] { (nameof(options.Caller), options.Caller), (nameof(options.Anonymous), options.Anonymous), (nameof(options.SignIn), options.SignIn) }
            .Where(static quota => quota.Item2 is not { Requests: > 0, WindowSeconds: > 0 and <= 86_400 })
            .Select(static quota => $"Twin:RateLimit:{quota.Item1}: set Requests above 0 and WindowSeconds from 1 to 86400 (or Twin:RateLimit:Enabled=false).")
            .ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
