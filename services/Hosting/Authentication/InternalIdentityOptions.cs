namespace Twin.Hosting.Authentication;

/// <summary>The key with which the services of one node know each other (<c>Twin:Identity</c>).</summary>
public sealed class InternalIdentityOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:Identity";

    /// <summary>
    /// At least 32 random bytes, base64: the same in each process of the node. Without it, the file
    /// <c>identity.key</c> in the data directory is read, and made when it is not there.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>How long an internal identity holds, in seconds: longer than a call waits in queues, no longer.</summary>
    public int LifetimeSeconds { get; set; } = 60;
}
