using System.Runtime.InteropServices;

namespace Twin.EntityRegistry.Index;

/// <summary>
/// The union of some postings in ascending order, each ordinal once: what a query looks at, and nothing it need not.
/// </summary>
internal struct Candidates
{
    private readonly Posting.View[] _lists;
    private readonly int[] _at;
    private int _last;

    /// <summary>Starts a walk.</summary>
    /// <param name="lists">The lists to be united.</param>
    /// <param name="from">The least ordinal wanted.</param>
    public Candidates(IReadOnlyList<Posting.View> lists, int from = 0)
    {
        _lists = [.. lists.Where(l => l.Count > 0)];
        _at = new int[_lists.Length];
        _last = from - 1;
        for (int i = 0; i < _lists.Length; i++)
        {
            _at[i] = from == 0 ? 0 : _lists[i].IndexOf(from);
        }
    }

    /// <summary>The next ordinal.</summary>
    public bool TryNext(out int ordinal)
    {
        if (_lists.Length == 1)
        {
            ref int at = ref _at[0];
            ref readonly Posting.View list = ref _lists[0];
            if (at < list.Count)
            {
                ordinal = list.Items[at++];
                return true;
            }

            ordinal = -1;
            return false;
        }

        return TryNextOfMany(out ordinal);
    }

    /// <summary>
    /// The least head over all lists. Few lists stand here at a time (cells of a grid, types of an expression), so a
    /// plain scan beats a heap.
    /// </summary>
    private bool TryNextOfMany(out int ordinal)
    {
        int least = int.MaxValue;
        for (int i = 0; i < _lists.Length; i++)
        {
            ref readonly Posting.View list = ref _lists[i];
            ref int at = ref _at[i];
            while (at < list.Count && list.Items[at] <= _last)
            {
                at++;
            }

            if (at < list.Count && list.Items[at] < least)
            {
                least = list.Items[at];
            }
        }

        _last = least;
        ordinal = least;
        return least != int.MaxValue;
    }
}
