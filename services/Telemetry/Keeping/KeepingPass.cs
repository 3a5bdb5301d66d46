using Twin.Telemetry.Series;

namespace Twin.Telemetry.Keeping;

/// <summary>How far a pass is.</summary>
internal enum KeepingState
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>All is done.</summary>
    Completed,

    /// <summary>Somebody ended it; what was done stays done.</summary>
    Cancelled,

    /// <summary>The store refused; it is tried again.</summary>
    Failed,
}

/// <summary>
/// One pass over all series, and how far it is. One thread works at it; others read its numbers, which may be a moment apart.
/// </summary>
internal sealed class KeepingPass
{
    private readonly Progress[] rules;
    private volatile string? problem;
    private int state;
    private long endedAt;

    public KeepingPass(KeepingRules rules, IEnumerable<TimeSeries> series, DateTimeOffset startedAt)
    {
        StartedAt = startedAt;
        this.rules = [.. rules.All.Select(static rule => new Progress(rule))];
        foreach (var one in series)
        {
            if (rules.For(one, startedAt.UtcDateTime) is { } plan)
            {
                Plans.Add(plan);
                Each(plan, static progress => progress.Series++);
            }
        }

        // Neighbours in the store are worked at together.
        Plans.Sort(static (a, b) => a.Series.Key.CompareTo(b.Series.Key));
    }

    /// <summary>What is to be done, by series.</summary>
    public List<SeriesPlan> Plans { get; } = [];

    /// <summary>How far each rule is, in the order of the rules.</summary>
    public IReadOnlyList<Progress> Rules => rules;

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>When it ended; null while it goes on.</summary>
    public DateTimeOffset? EndedAt => Volatile.Read(ref endedAt) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>How far it is.</summary>
    public KeepingState State => (KeepingState)Volatile.Read(ref state);

    /// <summary>Why it failed, or which series it had to leave out.</summary>
    public string? Problem => problem;

    /// <summary>Points that went for good.</summary>
    public long Forgotten => rules.Sum(static rule => rule.Rule.Step == 0 ? rule.PointsBefore : 0);

    /// <summary>Notes a turn at a series that has taken effect.</summary>
    public void Note(SeriesPlan plan, KeepingTurn turn)
    {
        if (plan.Retention is { } retention)
        {
            rules[retention].PointsBefore += turn.Forgotten;
        }

        foreach (var (rule, before, after) in turn.Sampled)
        {
            rules[rule].PointsBefore += before;
            rules[rule].PointsAfter += after;
        }
    }

    /// <summary>Notes that a series needs no other turn.</summary>
    public void Done(SeriesPlan plan) => Each(plan, static progress => progress.SeriesDone++);

    /// <summary>Notes that a series cannot be read; the others go on.</summary>
    public void LeaveOut(SeriesPlan plan, Exception fault) => problem = $"The chunks of series {plan.Series.Key} cannot be read: {fault.Message}";

    /// <summary>Ends it.</summary>
    public void End(KeepingState how, DateTimeOffset at, string? why = null)
    {
        problem = why ?? problem;
        Volatile.Write(ref endedAt, at.UtcTicks);
        Volatile.Write(ref state, (int)how);
    }

    private void Each(SeriesPlan plan, Action<Progress> note)
    {
        if (plan.Retention is { } retention)
        {
            note(rules[retention]);
        }

        foreach (var step in plan.Steps)
        {
            note(rules[step.Rule]);
        }
    }

    /// <summary>How far one rule is.</summary>
    internal sealed class Progress(KeepingRule rule)
    {
        /// <summary>The rule.</summary>
        public KeepingRule Rule { get; } = rule;

        /// <summary>Series that it is about.</summary>
        public int Series { get; set; }

        /// <summary>Those of them that are done.</summary>
        public int SeriesDone { get; set; }

        /// <summary>Points that went, or in whose place steps came.</summary>
        public long PointsBefore { get; set; }

        /// <summary>The points of those steps.</summary>
        public long PointsAfter { get; set; }
    }
}
