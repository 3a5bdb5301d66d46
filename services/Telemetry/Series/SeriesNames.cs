using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Twin.Telemetry.Series;

/// <summary>
/// Finds series by the bytes that name them in a row, without making strings: an open table of hashes with a seed of its
/// own. Readers need no lock; what does not fit any more starts it again from nothing, since every name is found again
/// the long way.
/// </summary>
internal sealed class SeriesNames
{
    private const int MostNames = 1 << 20;

    private readonly ulong seed = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(8)) | 1;
    private readonly Lock growing = new();
    private Entry?[] table = new Entry?[256];
    private int count;

    /// <summary>The hash of a name of three parts.</summary>
    public ulong Hash(ReadOnlySpan<byte> entity, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> dataset) =>
        Mix(Mix(Mix(seed, entity), attribute), dataset);

    /// <summary>The series that the name was found to mean, or null.</summary>
    public TimeSeries? Find(ulong hash, ReadOnlySpan<byte> entity, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> dataset) =>
        FindEntry(hash, entity, attribute, dataset)?.Series;

    private Entry? FindEntry(ulong hash, ReadOnlySpan<byte> entity, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> dataset)
    {
        var entries = Volatile.Read(ref table);
        for (var at = (int)hash & (entries.Length - 1); entries[at] is { } entry; at = (at + 1) & (entries.Length - 1))
        {
            if (entry.Hash == hash && entry.Is(entity, attribute, dataset))
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Remembers what a name means.</summary>
    public void Add(ulong hash, ReadOnlySpan<byte> entity, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> dataset, TimeSeries series)
    {
        lock (growing)
        {
            if (FindEntry(hash, entity, attribute, dataset) is { } known)
            {
                // The one of before was deleted.
                known.Series = series;
                return;
            }

            if (count == MostNames)
            {
                count = 0;
                Volatile.Write(ref table, new Entry?[256]);
            }

            if ((count + 1) * 2 > table.Length)
            {
                var larger = new Entry?[table.Length * 2];
                foreach (var entry in table)
                {
                    if (entry is not null)
                    {
                        Put(larger, entry);
                    }
                }

                Volatile.Write(ref table, larger);
            }

            Put(table, new Entry(hash, [.. entity, .. attribute, .. dataset], entity.Length, attribute.Length, series));
            count++;
        }
    }

    private static void Put(Entry?[] entries, Entry entry)
    {
        var at = (int)entry.Hash & (entries.Length - 1);
        while (entries[at] is not null)
        {
            at = (at + 1) & (entries.Length - 1);
        }

        Volatile.Write(ref entries[at], entry);
    }

    private static ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
    {
        hash = (hash ^ (uint)bytes.Length) * 0x9E3779B97F4A7C15;
        while (bytes.Length >= 8)
        {
            hash = Fold(hash, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[8..];
        }

        ulong last = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            last |= (ulong)bytes[i] << (8 * i);
        }

        return Fold(hash, last);
    }

    private static ulong Fold(ulong hash, ulong word)
    {
        var high = Math.BigMul(hash ^ word, 0xD6E8FEB86659FD93, out var low);
        return BitOperations.RotateLeft(low ^ high, 29);
    }

    private sealed class Entry(ulong hash, byte[] name, int entityLength, int attributeLength, TimeSeries series)
    {
        public ulong Hash { get; } = hash;

        private TimeSeries found = series;

        public TimeSeries Series
        {
            get => Volatile.Read(ref found);
            set => Volatile.Write(ref found, value);
        }

        public bool Is(ReadOnlySpan<byte> entity, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> dataset) =>
            entity.Length == entityLength && attribute.Length == attributeLength
            && entity.Length + attribute.Length + dataset.Length == name.Length
            && name.AsSpan(0, entityLength).SequenceEqual(entity)
            && name.AsSpan(entityLength, attributeLength).SequenceEqual(attribute)
            && name.AsSpan(entityLength + attributeLength).SequenceEqual(dataset);
    }
}
