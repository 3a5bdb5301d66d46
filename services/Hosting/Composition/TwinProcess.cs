namespace Twin.Hosting.Composition;

/// <summary>What a process of a node is, for those of its parts that need to know.</summary>
public sealed class TwinProcess
{
    private const string FrontDoor = "gateway";

    internal TwinProcess(NodeOptions options, IReadOnlyList<string> services, IReadOnlyList<string> known, string dataDirectory)
    {
        KnownServices = known;
        Name = options.Name;
        Services = services;
        DataDirectory = dataDirectory;
    }

    /// <summary>The name of the city (<c>Twin:Name</c>).</summary>
    public string Name { get; }

    /// <summary>The names of the services that it holds.</summary>
    public IReadOnlyList<string> Services { get; }

    /// <summary>The names of all services of a node, here or in other processes.</summary>
    public IReadOnlyList<string> KnownServices { get; }

    /// <summary>Whether requests from outside come in here.</summary>
    public bool HasFrontDoor => Holds(FrontDoor);

    /// <summary>The full path of its data directory.</summary>
    public string DataDirectory { get; }

    /// <summary>Where the public listener answers, once it does; seen from this machine.</summary>
    public Uri? Http { get; internal set; }

    /// <summary>Where the gRPC listener answers, once it does; seen from this machine.</summary>
    public Uri? Grpc { get; internal set; }

    /// <summary>Whether the process holds the service of this name.</summary>
    public bool Holds(string service) => Services.Contains(service, StringComparer.Ordinal);
}
