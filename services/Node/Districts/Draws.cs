namespace Twin.Node.Districts;

/// <summary>
/// A stream of draws that belongs to one thing, keyed by the seed and the thing's id: what is drawn for one entity does
/// not move when another is added before it. SplitMix64 (Steele, Lea, Flood 2014) over an FNV-1a hash of the key.
/// </summary>
internal struct Draws
{
    private ulong _state;

    public Draws(ulong seed, ReadOnlySpan<char> key)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in key)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        _state = seed ^ hash;
        _ = Next();
    }

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [from, to).</summary>
    public double Between(double from, double to) => from + ((to - from) * ((Next() >> 11) * (1.0 / (1UL << 53))));

    /// <summary>A whole number in [from, to].</summary>
    public int Whole(int from, int to) => from + (int)(Next() % (ulong)(to - from + 1));

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => Between(0, 1) < probability;

    /// <summary>One of the choices.</summary>
    public T Pick<T>(IReadOnlyList<T> choices) => choices[(int)(Next() % (ulong)choices.Count)];
}
