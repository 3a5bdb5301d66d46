using System.Security.Cryptography;
using System.Text;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Merging;

/// <summary>What two sides contradict each other in, which is decided as one.</summary>
/// <param name="Id">By which a resolution names it: it follows from the slots, so that it is the same whichever side merges.</param>
/// <param name="Kinds">change/change, add/add, remove/change, order.</param>
/// <param name="Slots">Entities and their members that are in it.</param>
/// <param name="Ancestor">What the ancestor does to them.</param>
/// <param name="Ours">What we do to them.</param>
/// <param name="Theirs">What they do to them.</param>
internal sealed record MergeConflict(
    string Id, IReadOnlyList<string> Kinds, IReadOnlyList<MergeSlot> Slots, IReadOnlyList<Intervention> Ancestor, IReadOnlyList<Intervention> Ours, IReadOnlyList<Intervention> Theirs)
{
    /// <summary>The id of a conflict over slots.</summary>
    public static string IdOf(IEnumerable<MergeSlot> slots) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', slots.Select(static slot => $"{slot.Entity} {slot.Member}").Order(StringComparer.Ordinal)))))[..16];
}

/// <summary>What is decided about a conflict.</summary>
/// <param name="Take">ours, theirs or both; null when interventions are given.</param>
/// <param name="Interventions">What stands in the place of both sides; they come last.</param>
internal sealed record MergeResolution(string? Take, IReadOnlyList<Intervention> Interventions);

/// <summary>What a merge makes: interventions, or conflicts that nobody has decided.</summary>
internal sealed record MergeOutcome(IReadOnlyList<Intervention> Interventions, IReadOnlyList<MergeConflict> Conflicts, IReadOnlySet<string> Decided);
