using Twin.NgsiLd;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Merging;

/// <summary>
/// Merges two lists of interventions that have an ancestor in common. What one side alone has changed is taken; where both
/// have changed the same part of an entity to different things, that is a conflict. The outcome is the same whichever side
/// is ours: interventions that write apart from each other stand in the order of the ancestor, then of their keys.
/// </summary>
internal sealed class ThreeWayMerge
{
    private readonly Dictionary<MergeItem, Intervention> _known = [];
    private readonly MergeSide _ancestor;
    private readonly MergeSide _ours;
    private readonly MergeSide _theirs;
    private readonly List<MergeSlot> _slots;
    private readonly int[] _parents;

    /// <summary>The slots that an item is in.</summary>
    private readonly Dictionary<MergeItem, List<int>> _slotsOf = [];

    /// <summary>Slots that are in conflict since orders go round in a circle.</summary>
    private readonly HashSet<int> _circles = [];

    private ThreeWayMerge(IReadOnlyList<Intervention> ancestor, IReadOnlyList<Intervention> ours, IReadOnlyList<Intervention> theirs)
    {
        (_ancestor, _ours, _theirs) = (new MergeSide(ancestor, _known), new MergeSide(ours, _known), new MergeSide(theirs, _known));
        _slots = MergeSlot.Of([_ancestor, _ours, _theirs], _known);
        _parents = [.. Enumerable.Range(0, _slots.Count)];
        foreach (var (at, slot) in _slots.Index())
        {
            foreach (var item in slot.Ancestor.Concat(slot.Ours).Concat(slot.Theirs).Distinct())
            {
                if (!_slotsOf.TryGetValue(item, out var list))
                {
                    _slotsOf.Add(item, list = []);
                }

                list.Add(at);
            }
        }

        // What one intervention writes is decided as one, when not all three sides have it.
        foreach (var (item, slots) in _slotsOf)
        {
            if (!(_ancestor.Has(item) && _ours.Has(item) && _theirs.Has(item)))
            {
                Join(slots);
            }
        }
    }

    /// <summary>Merges.</summary>
    /// <param name="ancestor">The list that both sides come from.</param>
    /// <param name="ours">Our list.</param>
    /// <param name="theirs">Their list.</param>
    /// <param name="resolutions">What is decided about conflicts, by their ids.</param>
    /// <exception cref="NgsiLdException">Conflict: both sides of a conflict were taken, but then orders go round in a circle.</exception>
    public static MergeOutcome Run(
        IReadOnlyList<Intervention> ancestor, IReadOnlyList<Intervention> ours, IReadOnlyList<Intervention> theirs, IReadOnlyDictionary<string, MergeResolution> resolutions)
    {
        var merge = new ThreeWayMerge(ancestor, ours, theirs);
        if (merge._ours.Items.SequenceEqual(merge._theirs.Items) || merge._theirs.Items.SequenceEqual(merge._ancestor.Items))
        {
            return new MergeOutcome(ours, [], new HashSet<string>());
        }

        return merge._ours.Items.SequenceEqual(merge._ancestor.Items) ? new MergeOutcome(theirs, [], new HashSet<string>()) : merge.Run(resolutions);
    }

    private MergeOutcome Run(IReadOnlyDictionary<string, MergeResolution> resolutions)
    {
        while (true)
        {
            var conflicts = Conflicts();
            if (conflicts.Values.Where(conflict => !resolutions.ContainsKey(conflict.Id)).ToList() is { Count: > 0 } open)
            {
                return new MergeOutcome([], open, conflicts.Values.Select(static conflict => conflict.Id).ToHashSet());
            }

            var decided = conflicts.ToDictionary(static pair => pair.Key, pair => resolutions[pair.Value.Id]);
            var included = _known.Keys.Where(item => IsIncluded(item, decided)).ToHashSet();
            if (Order(included, decided, out var circle) is { } order)
            {
                Intervention[] given = [.. conflicts.OrderBy(static pair => pair.Value.Id, StringComparer.Ordinal).SelectMany(pair => decided[pair.Key].Interventions)];
                return new MergeOutcome([.. order.Select(item => _known[item]), .. given], [], conflicts.Values.Select(static conflict => conflict.Id).ToHashSet());
            }

            Widen(circle);
        }
    }

    /// <summary>Makes one conflict of what goes round in a circle.</summary>
    private void Widen(List<MergeItem> circle)
    {
        var slots = circle.SelectMany(item => _slotsOf[item]).Distinct().ToList();
        if (slots.TrueForAll(_circles.Contains) && slots.Select(Root).Distinct().Count() == 1)
        {
            throw new NgsiLdException(NgsiLdErrorType.Conflict, $"Both sides cannot be taken, since they order interventions on {_slots[slots[0]].Entity} the other way round. Take ours, theirs, or give interventions.", "/resolutions");
        }

        Join(slots);
        _circles.UnionWith(slots);
    }

    /// <summary>The conflicts, by the roots of the slots that are decided together.</summary>
    private SortedDictionary<int, MergeConflict> Conflicts()
    {
        var found = new SortedDictionary<int, MergeConflict>();
        foreach (var group in Enumerable.Range(0, _slots.Count).GroupBy(Root))
        {
            var faults = group.Where(at => _circles.Contains(at) || _slots[at].Merged(_known) is null).ToList();
            if (faults.Count == 0)
            {
                continue;
            }

            MergeSlot[] slots = [.. group.Select(at => _slots[at])];
            var kinds = faults.Select(at => _circles.Contains(at) ? "order" : _slots[at].Kind(_known)).Distinct().Order(StringComparer.Ordinal).ToList();
            found.Add(group.Key, new MergeConflict(
                MergeConflict.IdOf(slots), kinds, [.. faults.Select(at => _slots[at])],
                Of(_ancestor, slots.SelectMany(static slot => slot.Ancestor)), Of(_ours, slots.SelectMany(static slot => slot.Ours)), Of(_theirs, slots.SelectMany(static slot => slot.Theirs))));
        }

        return found;
    }

    private Intervention[] Of(MergeSide side, IEnumerable<MergeItem> items) => [.. items.Distinct().OrderBy(side.PlaceOf).Select(item => _known[item])];

    /// <summary>Whether an item is in the outcome: as decided, else when both have it, or one has added it.</summary>
    private bool IsIncluded(MergeItem item, Dictionary<int, MergeResolution> decided)
    {
        var (ours, theirs) = (_ours.Has(item), _theirs.Has(item));
        if (_slotsOf[item].Select(Root).Where(decided.ContainsKey).Select(root => (int?)root).FirstOrDefault() is { } root)
        {
            return decided[root].Take switch { "ours" => ours, "theirs" => theirs, "both" => ours || theirs, _ => ours && theirs && _ancestor.Has(item) };
        }

        return (ours && theirs) || ((ours || theirs) && !_ancestor.Has(item));
    }

    /// <summary>Puts the items in an order that keeps the order of each slot; null, with a circle, when there is none.</summary>
    private List<MergeItem>? Order(HashSet<MergeItem> included, Dictionary<int, MergeResolution> decided, out List<MergeItem> circle)
    {
        var after = included.ToDictionary(static item => item, static _ => new HashSet<MergeItem>());
        var before = included.ToDictionary(static item => item, static _ => new HashSet<MergeItem>());
        foreach (var (at, slot) in _slots.Index())
        {
            var sequence = Sequence(slot, decided.GetValueOrDefault(Root(at))?.Take).Where(included.Contains).ToList();
            foreach (var (first, second) in sequence.Zip(sequence.Skip(1)))
            {
                after[first].Add(second);
                before[second].Add(first);
            }
        }

        var order = new List<MergeItem>();
        var left = included.ToDictionary(static item => item, item => before[item].Count);
        var ready = new SortedSet<(int Place, MergeItem Item)>(left.Where(static pair => pair.Value == 0).Select(pair => (_ancestor.PlaceOf(pair.Key), pair.Key)));
        while (ready.Count > 0)
        {
            var next = ready.Min;
            ready.Remove(next);
            order.Add(next.Item);
            foreach (var item in after[next.Item].Where(item => --left[item] == 0))
            {
                ready.Add((_ancestor.PlaceOf(item), item));
            }
        }

        circle = order.Count == included.Count ? [] : Circle(before, [.. included.Except(order)]);
        return circle.Count == 0 ? order : null;
    }

    private List<MergeItem> Sequence(MergeSlot slot, string? take) => take switch
    {
        "ours" => slot.Ours,
        "theirs" => slot.Theirs,
        "both" => [.. slot.Ours, .. slot.Theirs.Except(slot.Ours)],
        _ => slot.Merged(_known) ?? slot.Ancestor,
    };

    /// <summary>Goes back from any of them, each of which waits for another one, until one comes again.</summary>
    private static List<MergeItem> Circle(Dictionary<MergeItem, HashSet<MergeItem>> before, HashSet<MergeItem> waiting)
    {
        var seen = new List<MergeItem>();
        var item = waiting.Min();
        while (!seen.Contains(item))
        {
            seen.Add(item);
            item = before[item].Where(waiting.Contains).Min();
        }

        return seen[seen.IndexOf(item)..];
    }

    private void Join(List<int> slots)
    {
        foreach (var other in slots.Skip(1))
        {
            var (a, b) = (Root(slots[0]), Root(other));
            _parents[Math.Max(a, b)] = Math.Min(a, b);
        }
    }

    private int Root(int slot)
    {
        while (_parents[slot] != slot)
        {
            slot = _parents[slot] = _parents[_parents[slot]];
        }

        return slot;
    }
}
