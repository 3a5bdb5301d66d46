using System.Collections.Frozen;

namespace Twin.EntityRegistry.Registrations;

/// <summary>The names of operations that a source may be registered for, and their groups (GS CIM 009 4.20).</summary>
internal static class RegistrationOperations
{
    /// <summary>Retrieve Entity (5.7.1).</summary>
    public const string RetrieveEntity = "retrieveEntity";

    /// <summary>Query Entities (5.7.2).</summary>
    public const string QueryEntity = "queryEntity";

    /// <summary>Query Entities by POST (5.7.2 over 6.23).</summary>
    public const string QueryBatch = "queryBatch";

    /// <summary>Retrieve Available Entity Types (5.7.5).</summary>
    public const string RetrieveEntityTypes = "retrieveEntityTypes";

    /// <summary>Retrieve Details of Available Entity Types (5.7.6).</summary>
    public const string RetrieveEntityTypeDetails = "retrieveEntityTypeDetails";

    /// <summary>Retrieve Entity Type Information (5.7.7).</summary>
    public const string RetrieveEntityTypeInfo = "retrieveEntityTypeInfo";

    /// <summary>Retrieve Available Attributes (5.7.8).</summary>
    public const string RetrieveAttributes = "retrieveAttrTypes";

    /// <summary>Retrieve Details of Available Attributes (5.7.9).</summary>
    public const string RetrieveAttributeDetails = "retrieveAttrTypeDetails";

    /// <summary>Retrieve Attribute Information (5.7.10).</summary>
    public const string RetrieveAttributeInfo = "retrieveAttrTypeInfo";

    /// <summary>Retrieve Temporal Evolution of Entity (5.7.3).</summary>
    public const string RetrieveTemporal = "retrieveTemporal";

    /// <summary>Query Temporal Evolution of Entities (5.7.4), by GET and by POST: there is one name for both.</summary>
    public const string QueryTemporal = "queryTemporal";

    /// <summary>The group that a registration stands for when it names no operations.</summary>
    public const string DefaultGroup = "federationOps";

    private static readonly string[] Discovery =
    [
        RetrieveEntityTypes, RetrieveEntityTypeDetails, RetrieveEntityTypeInfo,
        RetrieveAttributes, RetrieveAttributeDetails, RetrieveAttributeInfo,
    ];

    private static readonly string[] Subscriptions =
        ["createSubscription", "updateSubscription", "retrieveSubscription", "querySubscription", "deleteSubscription"];

    private static readonly FrozenDictionary<string, string[]> Groups = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["federationOps"] =
        [
            RetrieveEntity, QueryEntity, QueryBatch, RetrieveTemporal, QueryTemporal, .. Discovery, .. Subscriptions,
            "createEntityMap", "retrieveEntityMap", "updateEntityMap", "deleteEntityMap", "retrieveContextSourceIdentity",
        ],
        ["updateOps"] = ["updateEntity", "updateAttrs", "replaceEntity", "replaceAttrs"],
        ["retrieveOps"] = [RetrieveEntity, QueryEntity],
        ["associationOps"] = [RetrieveEntity, QueryEntity, QueryBatch, .. Discovery, .. Subscriptions],
        ["redirectionOps"] =
        [
            "createEntity", "updateEntity", "appendAttrs", "updateAttrs", "deleteAttrs", "deleteEntity", "mergeEntity",
            "replaceEntity", "replaceAttrs", "purgeEntity", RetrieveEntity, QueryEntity, .. Discovery,
        ],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Names = Groups.Values.SelectMany(g => g).Concat(
    [
        "createBatch", "upsertBatch", "updateBatch", "deleteBatch", "mergeBatch", "upsertTemporal", "appendAttrsTemporal",
        "deleteAttrsTemporal", "updateAttrsTemporal", "updateAttrInstanceTemporal", "deleteAttrInstanceTemporal", "deleteTemporal",
        "createSnapshot", "retrieveSnapshot", "updateSnapshot", "deleteSnapshot", "cloneSnapshot",
    ]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a name is an operation or a group.</summary>
    public static bool IsKnown(string name) => Names.Contains(name) || Groups.ContainsKey(name);

    /// <summary>Resolves groups to operations.</summary>
    public static FrozenSet<string> Resolve(IEnumerable<string> names) =>
        names.SelectMany(n => Groups.TryGetValue(n, out string[]? group) ? group : [n]).ToFrozenSet(StringComparer.Ordinal);
}
