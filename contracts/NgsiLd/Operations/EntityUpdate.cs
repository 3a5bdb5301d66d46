using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Operations;

/// <summary>What an operation made of an entity.</summary>
/// <param name="Next">The entity's next state; null when nothing changed.</param>
/// <param name="Updated">Names of the attributes that were created, changed or removed, as <c>Terms</c> ids.</param>
/// <param name="NotUpdated">Names that the request gave and the operation left alone, with the reason for each (5.2.18).</param>
public sealed record EntityUpdate(EntityDocument? Next, IReadOnlyList<int> Updated, IReadOnlyList<NotUpdated> NotUpdated);

/// <summary>An attribute that was left alone.</summary>
/// <param name="Name">The name as a <c>Terms</c> id.</param>
/// <param name="Reason">Why, for the person who sent the request.</param>
public readonly record struct NotUpdated(int Name, string Reason);

/// <summary>Parameters of Merge Entity (6.5.3.4).</summary>
/// <param name="ObservedAt">The observedAt of merged attributes that have one and are not given one, as JSON text with its quotes; empty for none.</param>
/// <param name="Language">The natural language of plain strings merged into a languageMap; null for none.</param>
public sealed record MergeOptions(ReadOnlyMemory<byte> ObservedAt, string? Language)
{
    /// <summary>Neither.</summary>
    public static MergeOptions None { get; } = new(default, null);
}
