namespace Twin.EntityRegistry.Index;

/// <summary>
/// A sorted list of entity ordinals that one writer changes while any number of readers walk it. Readers take a
/// <see cref="View"/>, which never changes under them; an ordinal in it may meanwhile have lost the property it stands
/// for, so readers check the entity itself.
/// </summary>
internal sealed class Posting
{
    private Block _block = new(new int[4]);

    /// <summary>How many ordinals the list holds.</summary>
    public int Count => Volatile.Read(ref _block).Count;

    /// <summary>The list as it is now.</summary>
    public View Snapshot()
    {
        Block block = Volatile.Read(ref _block);
        return new View(block.Items, Volatile.Read(ref block.Count));
    }

    /// <summary>Adds an ordinal, almost always the greatest so far. Adding twice is the same as once.</summary>
    public void Add(int ordinal)
    {
        Block block = _block;
        int count = block.Count;
        if (count == 0 || block.Items[count - 1] < ordinal)
        {
            Append(block, count, ordinal);
            return;
        }

        int at = block.Items.AsSpan(0, count).BinarySearch(ordinal);
        if (at < 0)
        {
            at = ~at;
            var items = new int[count + 1 + (count / 8)];
            block.Items.AsSpan(0, at).CopyTo(items);
            items[at] = ordinal;
            block.Items.AsSpan(at, count - at).CopyTo(items.AsSpan(at + 1));
            Publish(items, count + 1);
        }
    }

    /// <summary>Removes an ordinal if it is there.</summary>
    public void Remove(int ordinal)
    {
        Block block = _block;
        int at = block.Items.AsSpan(0, block.Count).BinarySearch(ordinal);
        if (at >= 0)
        {
            var items = new int[Math.Max(4, block.Count - 1)];
            block.Items.AsSpan(0, at).CopyTo(items);
            block.Items.AsSpan(at + 1, block.Count - at - 1).CopyTo(items.AsSpan(at));
            Publish(items, block.Count - 1);
        }
    }

    /// <summary>Removes many ordinals, sorted ascending, in one pass.</summary>
    public void RemoveAll(ReadOnlySpan<int> sorted)
    {
        Block block = _block;
        var items = new int[Math.Max(4, block.Count)];
        int kept = 0, next = 0;
        foreach (int item in block.Items.AsSpan(0, block.Count))
        {
            while (next < sorted.Length && sorted[next] < item)
            {
                next++;
            }

            if (next == sorted.Length || sorted[next] != item)
            {
                items[kept++] = item;
            }
        }

        Publish(items, kept);
    }

    private void Append(Block block, int count, int ordinal)
    {
        if (count < block.Items.Length)
        {
            block.Items[count] = ordinal;
            Volatile.Write(ref block.Count, count + 1);
            return;
        }

        var items = new int[count * 2];
        block.Items.AsSpan(0, count).CopyTo(items);
        items[count] = ordinal;
        Publish(items, count + 1);
    }

    private void Publish(int[] items, int count) => Volatile.Write(ref _block, new Block(items) { Count = count });

    /// <summary>Ordinals in ascending order, fixed at the moment it was taken.</summary>
    /// <param name="Items">The ordinals; only the first <paramref name="Count"/> count.</param>
    /// <param name="Count">How many.</param>
    public readonly record struct View(int[] Items, int Count)
    {
        /// <summary>Nothing.</summary>
        public static readonly View Empty = new([], 0);

        /// <summary>The index of the first ordinal that is not less.</summary>
        public int IndexOf(int ordinal)
        {
            int at = Items.AsSpan(0, Count).BinarySearch(ordinal);
            return at < 0 ? ~at : at;
        }
    }

    private sealed class Block(int[] items)
    {
        public readonly int[] Items = items;
        public int Count;
    }
}
