using System.ComponentModel.DataAnnotations;

namespace Twin.EntityRegistry.Federation;

/// <summary>How other context sources are asked. Settings under <c>Twin:Federation</c>.</summary>
internal sealed class FederationOptions
{
    /// <summary>The longest a federated query may wait for its sources, in milliseconds. What is late is named in NGSILD-Warning.</summary>
    [Range(10, 60_000)]
    public int BudgetMilliseconds { get; set; } = 3_000;

    /// <summary>Failures in a row after which a source is left alone for a while.</summary>
    [Range(1, 1_000)]
    public int FailuresToOpen { get; set; } = 3;

    /// <summary>How long a failing source is left alone, in milliseconds, unless its registration says otherwise.</summary>
    [Range(0, 3_600_000)]
    public int CooldownMilliseconds { get; set; } = 10_000;

    /// <summary>The largest answer that is read from one source, in bytes.</summary>
    [Range(1_024, 1_073_741_824)]
    public int MostBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// Entities that are read at most of a source that does not answer in the order of ids, and so has to be read whole before its
    /// entities can take their places among the others'.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MostUnordered { get; set; } = 10_000;

    /// <summary>The name by which this node names itself in Via; made from the node's name when it is not set.</summary>
    public string? Alias { get; set; }
}
