namespace Twin.Hosting.Authentication;

/// <summary>
/// What an endpoint asks of its caller. Each endpoint names one (<c>RequireAuthorization(TwinPolicies.Operate)</c>); one
/// that names none is refused to everybody.
/// </summary>
public static class TwinPolicies
{
    /// <summary>Everybody, signed in or not: health, discovery documents, sign-in.</summary>
    public const string Anyone = "anyone";

    /// <summary>
    /// Everybody, but what is seen depends on who asks: handlers apply <see cref="CallerAccess.For"/>, which shows an
    /// anonymous caller only what is marked open.
    /// </summary>
    public const string ReadEntities = "read-entities";

    /// <summary>Create, change and delete entities: administrator, operator.</summary>
    public const string WriteEntities = "write-entities";

    /// <summary>Take in, change and delete history: administrator, operator.</summary>
    public const string WriteHistory = "write-history";

    /// <summary>See the context source registrations: administrator, operator, planner, peer.</summary>
    public const string ReadSources = "read-sources";

    /// <summary>Register, change and remove context sources: administrator, operator.</summary>
    public const string ManageSources = "manage-sources";

    /// <summary>Add, reload and remove hosted @contexts: administrator, operator.</summary>
    public const string ManageContexts = "manage-contexts";

    /// <summary>See scenarios and the twin as they have it: administrator, operator, planner.</summary>
    public const string ReadScenarios = "read-scenarios";

    /// <summary>Begin, change and delete scenarios: administrator, planner.</summary>
    public const string WriteScenarios = "write-scenarios";

    /// <summary>Dead letters, keys, import and export: administrator, operator.</summary>
    public const string Operate = "operate";

    /// <summary>Accounts and clients: administrator.</summary>
    public const string Administer = "administer";

    /// <summary>Calls from one service of this node to another; nobody from outside.</summary>
    public const string Internal = "internal";

    /// <summary>The roles that satisfy each policy which not everybody does; <see cref="TwinRoles.Service"/> satisfies all.</summary>
    internal static IReadOnlyDictionary<string, string[]> Roles { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        [WriteEntities] = [TwinRoles.Service, TwinRoles.Administrator, TwinRoles.Operator],
        [WriteHistory] = [TwinRoles.Service, TwinRoles.Administrator, TwinRoles.Operator],
        [ReadSources] = [TwinRoles.Service, TwinRoles.Administrator, TwinRoles.Operator, TwinRoles.Planner, TwinRoles.Peer],
        [ManageSources] = [TwinRoles.Service, TwinRoles.Administrator, TwinRoles.Operator],
        [ManageContexts] = [TwinRoles.Service, TwinRoles.Administrator, TwinRoles.Operator],
        [ReadScenarios] = [TwinRoles.Service, TwinRoles.Administrator, TwinRoles.Operator, TwinRoles.Planner],
        [WriteScenarios] = [TwinRoles.Service, TwinRoles.Administrator, TwinRoles.Planner],
        [Operate] = [TwinRoles.Service, TwinRoles.Administrator, TwinRoles.Operator],
        [Administer] = [TwinRoles.Service, TwinRoles.Administrator],
        [Internal] = [TwinRoles.Service],
    };
}
