using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Merging;

/// <summary>An intervention of one of the three lists; equal ones of two lists are the same item.</summary>
/// <param name="Key">What tells it from others.</param>
/// <param name="Nth">Which of several equal ones of a list it is.</param>
internal readonly record struct MergeItem(string Key, int Nth) : IComparable<MergeItem>
{
    /// <inheritdoc />
    public int CompareTo(MergeItem other) => string.CompareOrdinal(Key, other.Key) is var order and not 0 ? order : Nth.CompareTo(other.Nth);
}

/// <summary>One side of a merge: its items in order.</summary>
internal sealed class MergeSide
{
    private readonly Dictionary<MergeItem, int> _places = [];

    /// <summary>Takes the interventions of a scenario.</summary>
    /// <param name="interventions">In order.</param>
    /// <param name="known">What each item is, of all sides.</param>
    public MergeSide(IReadOnlyList<Intervention> interventions, Dictionary<MergeItem, Intervention> known)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var one in interventions)
        {
            var key = ScenarioContent.KeyOf(one);
            var item = new MergeItem(key, counts[key] = counts.GetValueOrDefault(key) + 1);
            known.TryAdd(item, one);
            _places.Add(item, Items.Count);
            Items.Add(item);
        }
    }

    /// <summary>The items, in order.</summary>
    public List<MergeItem> Items { get; } = [];

    /// <summary>Whether an item is there.</summary>
    public bool Has(MergeItem item) => _places.ContainsKey(item);

    /// <summary>Where an item stands; behind all of them when it is not there.</summary>
    public int PlaceOf(MergeItem item) => _places.GetValueOrDefault(item, int.MaxValue);
}
