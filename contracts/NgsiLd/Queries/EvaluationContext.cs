using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>What an expression is evaluated against, besides the entity.</summary>
public readonly struct EvaluationContext
{
    /// <summary>The circumstances of an evaluation.</summary>
    /// <param name="now">Microseconds since 1970 UTC: what has expired by then does not exist. 0 lets nothing expire.</param>
    /// <param name="scope">What the caller may see.</param>
    /// <param name="resolve">Finds a linked entity by its id; null when none can be asked.</param>
    public EvaluationContext(long now, AccessScope scope, Func<string, EntityDocument?>? resolve = null)
    {
        ArgumentNullException.ThrowIfNull(scope);
        Now = now;
        Scope = scope;
        Resolve = resolve;
    }

    /// <summary>Microseconds since 1970 UTC.</summary>
    public long Now { get; }

    /// <summary>What the caller may see.</summary>
    public AccessScope Scope { get; }

    /// <summary>Finds a linked entity by its id.</summary>
    public Func<string, EntityDocument?>? Resolve { get; }

    /// <summary>Whether something with this expiresAt is gone.</summary>
    public bool Gone(long expiresAt) => expiresAt != 0 && expiresAt <= Now;
}
