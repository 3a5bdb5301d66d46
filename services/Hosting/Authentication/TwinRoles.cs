namespace Twin.Hosting.Authentication;

/// <summary>The roles of a node. A caller has any number of them; one without any is anonymous.</summary>
public static class TwinRoles
{
    /// <summary>Runs the node: accounts, clients, everything below.</summary>
    public const string Administrator = "administrator";

    /// <summary>Runs the city's data: entities, sources, contexts, dead letters.</summary>
    public const string Operator = "operator";

    /// <summary>Reads the whole twin and makes scenarios.</summary>
    public const string Planner = "planner";

    /// <summary>Publishes and sells services; gets data by contract.</summary>
    public const string Provider = "provider";

    /// <summary>A resident: reads the open twin and takes part.</summary>
    public const string Citizen = "citizen";

    /// <summary>Another city's node.</summary>
    public const string Peer = "peer";

    /// <summary>
    /// Another service of this node, on its own behalf. Only an internal identity carries it: no account, client or
    /// foreign token can.
    /// </summary>
    public const string Service = "service";

    /// <summary>The roles that an account, a client or a foreign issuer may give.</summary>
    public static IReadOnlyList<string> Assignable { get; } = [Administrator, Operator, Planner, Provider, Citizen, Peer];

    /// <summary>Whether the name is one that <see cref="Assignable"/> lists.</summary>
    public static bool IsAssignable(string role) => Assignable.Contains(role, StringComparer.Ordinal);
}
