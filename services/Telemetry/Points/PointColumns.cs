namespace Twin.Telemetry.Points;

/// <summary>
/// Points side by side, as columns. One thread appends; others may read at the same time what was there when they read
/// <see cref="Count"/>: what is appended is never changed, and columns only grow.
/// </summary>
internal sealed class PointColumns
{
    private long[] times;
    private byte[] forms;
    private long[] bits;
    private PointExtra?[]? extras;
    private int count;

    public PointColumns(int capacity = 8)
    {
        times = new long[capacity];
        forms = new byte[capacity];
        bits = new long[capacity];
    }

    /// <summary>The number of points.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Ticks of 100 ns since 0001-01-01 UTC.</summary>
    public ReadOnlySpan<long> Times => First(Count, ref times);

    /// <summary>What the bits mean: <see cref="PointForm"/>.</summary>
    public ReadOnlySpan<byte> Forms => First(Count, ref forms);

    /// <summary>The values.</summary>
    public ReadOnlySpan<long> Bits => First(Count, ref bits);

    /// <summary>Whether any point may have an extra.</summary>
    public bool HasExtras => extras is not null;

    /// <summary>Whether any point may stand for the points of a step.</summary>
    public bool HasSteps { get; private set; }

    /// <summary>Units, qualities, texts and facts; empty when no point has any.</summary>
    public ReadOnlySpan<PointExtra?> Extras => extras is null ? [] : First(Count, ref extras);

    /// <summary>The bytes that the columns take in memory, without what the extras share.</summary>
    public long Bytes => 96 + (times.Length * 17L) + ((extras?.Length ?? 0) * 8L);

    /// <summary>The extra of a point, or null.</summary>
    public PointExtra? ExtraAt(int index) => extras?[index];

    /// <summary>Adds a point at the end.</summary>
    public void Append(long time, byte form, long value, PointExtra? extra)
    {
        var at = count;
        if (at == times.Length)
        {
            Grow(at + 1);
        }

        times[at] = time;
        forms[at] = form;
        bits[at] = value;
        if (extra is not null)
        {
            extras ??= new PointExtra?[times.Length];
            extras[at] = extra;
            HasSteps |= extra.Step is not null;
        }

        Volatile.Write(ref count, at + 1);
    }

    /// <summary>Adds a run of another's points at the end.</summary>
    public void Append(PointColumns other, int start, int length)
    {
        var at = count;
        Grow(at + length);
        other.times.AsSpan(start, length).CopyTo(times.AsSpan(at));
        other.forms.AsSpan(start, length).CopyTo(forms.AsSpan(at));
        other.bits.AsSpan(start, length).CopyTo(bits.AsSpan(at));
        if (other.extras is { } theirs)
        {
            extras ??= new PointExtra?[times.Length];
            theirs.AsSpan(start, length).CopyTo(extras.AsSpan(at));
            HasSteps |= other.HasSteps;
        }

        Volatile.Write(ref count, at + length);
    }

    /// <summary>Forgets all points and keeps the room. Only for columns that nobody else reads.</summary>
    public void Clear()
    {
        if (extras is not null)
        {
            Array.Clear(extras, 0, count);
        }

        HasSteps = false;
        count = 0;
    }

    /// <summary>The index of the first point at or after a time, in columns that are ordered by time.</summary>
    public int LowerBound(long time, int length)
    {
        var found = times.AsSpan(0, length).BinarySearch(time);
        return found < 0 ? ~found : found;
    }

    /// <summary>Room for decoders, which fill the columns from outside and then publish the count.</summary>
    internal (long[] Times, byte[] Forms, long[] Bits) Room(int capacity)
    {
        Grow(capacity);
        return (times, forms, bits);
    }

    /// <summary>Publishes what was written into <see cref="Room"/>.</summary>
    internal void Publish(int length, PointExtra?[]? withExtras, bool withSteps = false)
    {
        extras = withExtras;
        HasSteps = withSteps;
        Volatile.Write(ref count, length);
    }

    // The count comes before the column: a column that is read later has at least as many.
    private static ReadOnlySpan<T> First<T>(int length, ref T[] column) => column.AsSpan(0, length);

    private void Grow(int least)
    {
        if (least <= times.Length)
        {
            return;
        }

        var room = Math.Max(least, Math.Min(times.Length * 2, times.Length + (1 << 20)));
        Array.Resize(ref times, room);
        Array.Resize(ref forms, room);
        Array.Resize(ref bits, room);
        if (extras is not null)
        {
            Array.Resize(ref extras, room);
        }
    }
}
