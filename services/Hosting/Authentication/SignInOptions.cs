namespace Twin.Hosting.Authentication;

/// <summary>Whether sign-in is asked at all (<c>Twin:Open</c>).</summary>
public sealed class SignInOptions
{
    /// <summary>The key of the setting.</summary>
    public const string OpenKey = "Twin:Open";

    /// <summary>Sign-in is off: every caller may do everything. For conformance suites and first steps, on loopback only.</summary>
    public bool Open { get; set; }
}
