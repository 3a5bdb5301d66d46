using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Merging;

/// <summary>What can be in conflict: a part of an entity, with what each side does to it, in order.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Member">An attribute's IRI, perhaps with a part; empty for the entity itself.</param>
internal sealed record MergeSlot(string Entity, string Member)
{
    /// <summary>What the ancestor does to it.</summary>
    public List<MergeItem> Ancestor { get; } = [];

    /// <summary>What we do to it.</summary>
    public List<MergeItem> Ours { get; } = [];

    /// <summary>What they do to it.</summary>
    public List<MergeItem> Theirs { get; } = [];

    /// <summary>The slots of three sides.</summary>
    /// <param name="sides">Ancestor, ours, theirs.</param>
    /// <param name="known">What the items are.</param>
    public static List<MergeSlot> Of(MergeSide[] sides, Dictionary<MergeItem, Intervention> known)
    {
        // The parts of each entity that anybody writes.
        var members = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var one in known.Values)
        {
            foreach (var entity in one.Touches)
            {
                if (!members.TryGetValue(entity, out var set))
                {
                    members.Add(entity, set = new SortedSet<string>(StringComparer.Ordinal) { "" });
                }

                set.UnionWith(one.Writes);
            }
        }

        var slots = members.ToDictionary(static pair => pair.Key, static pair => pair.Value.Select(member => new MergeSlot(pair.Key, member)).ToArray(), StringComparer.Ordinal);
        foreach (var (index, side) in sides.Index())
        {
            foreach (var item in side.Items)
            {
                var one = known[item];
                foreach (var slot in one.Touches.SelectMany(entity => slots[entity]).Where(slot => slot.IsWrittenBy(one)))
                {
                    (index switch { 0 => slot.Ancestor, 1 => slot.Ours, _ => slot.Theirs }).Add(item);
                }
            }
        }

        return [.. slots.OrderBy(static pair => pair.Key, StringComparer.Ordinal).SelectMany(static pair => pair.Value)];
    }

    /// <summary>The order in which one side's or both sides' items stand; null when the two sides contradict each other.</summary>
    /// <param name="known">What the items are.</param>
    public List<MergeItem>? Merged(Dictionary<MergeItem, Intervention> known)
    {
        if (Theirs.SequenceEqual(Ancestor) || Ours.SequenceEqual(Theirs))
        {
            return Ours;
        }

        if (Ours.SequenceEqual(Ancestor))
        {
            return Theirs;
        }

        return Accumulated(known);
    }

    /// <summary>How the two sides contradict each other.</summary>
    public string Kind(Dictionary<MergeItem, Intervention> known)
    {
        if (Ours.Concat(Theirs).ToHashSet() is var all && all.SetEquals(Ours) && all.SetEquals(Theirs))
        {
            return "order";
        }

        var (ours, theirs) = (Ours.Except(Ancestor).ToList(), Theirs.Except(Ancestor).ToList());
        if (ours.Exists(item => known[item] is EntityAddition) && theirs.Exists(item => known[item] is EntityAddition))
        {
            return "add/add";
        }

        return Removes(ours, Ours) || Removes(theirs, Theirs) ? "remove/change" : "change/change";

        bool Removes(List<MergeItem> added, List<MergeItem> side) =>
            added.Count == 0 || added.Exists(item => known[item] is EntityRemoval) || Ancestor.Exists(item => known[item] is EntityAddition && !side.Contains(item) && added.TrueForAll(one => known[one] is not EntityAddition));
    }

    /// <summary>Whether an intervention writes it: it, something that it is a part of, or the whole entity.</summary>
    private bool IsWrittenBy(Intervention one) => one.Writes.Any(written =>
        written.Length == 0 || written == Member || (Member.StartsWith(written, StringComparison.Ordinal) && Member[written.Length] == '|'));

    /// <summary>What both sides add to the ancestor's, when the order of these does not matter: common ones first, then by their keys.</summary>
    private List<MergeItem>? Accumulated(Dictionary<MergeItem, Intervention> known)
    {
        var fixedItems = Ancestor.Where(item => !known[item].Accumulates).ToList();
        if (!IsFixedThenAccumulated(Ours) || !IsFixedThenAccumulated(Theirs) || !IsFixedThenAccumulated(Ancestor))
        {
            return null;
        }

        var kept = Ancestor.Where(item => Ours.Contains(item) && Theirs.Contains(item));
        return [.. kept, .. Ours.Union(Theirs).Except(Ancestor).Order()];

        bool IsFixedThenAccumulated(List<MergeItem> side) => side.Take(fixedItems.Count).SequenceEqual(fixedItems) && side.Skip(fixedItems.Count).All(item => known[item].Accumulates);
    }
}
