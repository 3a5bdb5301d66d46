using Microsoft.Extensions.Options;

namespace Twin.Hosting.Composition;

/// <summary>What one request may cost before anybody looks at it (<c>Twin:Limits</c>).</summary>
public sealed class LimitOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:Limits";

    /// <summary>The largest request body, in bytes; a batch of entities is the largest there is.</summary>
    public long BodyBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>The longest request line (method, path and query), in bytes.</summary>
    public int RequestLineBytes { get; set; } = 16 * 1024;

    /// <summary>The largest sum of header names and values, in bytes.</summary>
    public int HeaderBytes { get; set; } = 32 * 1024;

    /// <summary>The most headers.</summary>
    public int HeaderCount { get; set; } = 100;

    /// <summary>Seconds in which the headers must arrive.</summary>
    public int HeaderSeconds { get; set; } = 15;

    /// <summary>Seconds after which an idle connection is closed.</summary>
    public int KeepAliveSeconds { get; set; } = 130;

    /// <summary>The most connections at a time.</summary>
    public int Connections { get; set; } = 20_000;
}

internal sealed class LimitOptionsValidator : IValidateOptions<LimitOptions>
{
    public ValidateOptionsResult Validate(string? name, LimitOptions options)
    {
        var faults = new List<string>();
        Check(nameof(options.BodyBytes), options.BodyBytes, 1024, 2_000_000_000);
        Check(nameof(options.RequestLineBytes), options.RequestLineBytes, 256, 1024 * 1024);
        Check(nameof(options.HeaderBytes), options.HeaderBytes, 1024, 1024 * 1024);
        Check(nameof(options.HeaderCount), options.HeaderCount, 10, 1000);
        Check(nameof(options.HeaderSeconds), options.HeaderSeconds, 1, 600);
        Check(nameof(options.KeepAliveSeconds), options.KeepAliveSeconds, 1, 3600);
        Check(nameof(options.Connections), options.Connections, 1, 1_000_000);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(string member, long value, long least, long most)
        {
            if (value < least || value > most)
            {
                faults.Add(SettingException.Text($"{LimitOptions.Section}:{member}", $"{value} is out of range; set {least} to {most}."));
            }
        }
    }
}
