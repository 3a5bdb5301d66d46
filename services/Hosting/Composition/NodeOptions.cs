using System.Net;

namespace Twin.Hosting.Composition;

/// <summary>What a process of a node is told first (section <c>Twin</c>).</summary>
public sealed class NodeOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin";

    /// <summary>The key of <see cref="DataDirectory"/>.</summary>
    public const string DataDirectoryKey = "Twin:DataDirectory";

    /// <summary>The services of this process: <c>all</c>, or names separated by commas.</summary>
    public string Services { get; set; } = "all";

    /// <summary>The port of the public HTTP listener; 0 picks a free one.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>The IP address that the public listener binds; <c>*</c> is every one. An open node binds loopback only.</summary>
    public string? Address { get; set; }

    /// <summary>The directory that holds all that the process stores. Made when it is not there, for its owner alone.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>The name of the city, for people and for the <c>Via</c> header.</summary>
    public string Name { get; set; } = "city";

    /// <summary>Sign-in is off; see <see cref="Authentication.SignInOptions"/>.</summary>
    public bool Open { get; set; }

    /// <summary>Seconds that requests under way get to end after SIGTERM.</summary>
    public int ShutdownSeconds { get; set; } = 25;

    /// <summary>
    /// Seconds between SIGTERM and the close of the listeners, in which <c>/health/ready</c> already says no: for load
    /// balancers that take a while to notice.
    /// </summary>
    public int DrainSeconds { get; set; }

    /// <summary>The address to bind; null is every one.</summary>
    internal IPAddress? BindAddress => Address switch
    {
        null or "" => Open ? IPAddress.Loopback : null,
        "*" => null,
        _ => IPAddress.Parse(Address),
    };
}
