namespace Twin.ScenarioEngine.Scenarios;

/// <summary>A scenario: a branch with a name, whose head is one of its revisions.</summary>
/// <param name="Id">A URI.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Description">What it is about; may be empty.</param>
/// <param name="ForkOf">The scenario and revision that it was forked from; null for one that was begun anew.</param>
/// <param name="Head">The newest revision.</param>
/// <param name="CreatedAt">Microseconds since 1970 UTC.</param>
internal sealed record Scenario(string Id, string Name, string Description, (string Id, int Revision)? ForkOf, Revision Head, long CreatedAt);

/// <summary>A state of a scenario that never changes.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="RecordedAt">When it was written (transaction time), microseconds since 1970 UTC.</param>
/// <param name="Hash">The hash of its content.</param>
/// <param name="MergedFrom">The scenario and revision that were merged into the revision before; null for any other change.</param>
internal sealed record Revision(int Number, long RecordedAt, string Hash, (string Id, int Revision)? MergedFrom = null)
{
    /// <summary>Its entity tag (RFC 9110 8.8.3), which If-Match names.</summary>
    public string Tag => $"\"{Number}-{Hash[..16]}\"";
}
