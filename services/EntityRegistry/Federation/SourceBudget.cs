namespace Twin.EntityRegistry.Federation;

/// <summary>The time that one request gives all its sources together, however many pages it reads of each.</summary>
internal sealed class SourceBudget(TimeProvider clock, TimeSpan whole, TimeSpan spent)
{
    private readonly long _started = clock.GetTimestamp();

    /// <summary>All of it.</summary>
    public TimeSpan Whole { get; } = whole;

    /// <summary>What is left of it; never negative.</summary>
    public TimeSpan Left => TimeSpan.FromTicks(Math.Max(0, (Whole - spent - clock.GetElapsedTime(_started)).Ticks));
}
