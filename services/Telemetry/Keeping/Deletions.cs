using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Keeping;

/// <summary>What was deleted: of names that only who has the store's key and the names can recognise, within a time.</summary>
/// <param name="Mark">The HMAC of the names.</param>
/// <param name="From">The first time in ticks UTC.</param>
/// <param name="Until">The time before which it ends; <see cref="long.MaxValue"/> for no end.</param>
/// <param name="ChangedUntil">Changes up to this time have no effect there.</param>
internal readonly record struct Deletion(UInt128 Mark, long From, long Until, long ChangedUntil);

/// <summary>
/// Remembers what was deleted as long as events may be under way, so that a change of the entity registry from before a
/// deletion does not bring back what was deleted, whatever held it up. No name is remembered, only its mark.
/// </summary>
internal sealed class Deletions(ErasureStore store)
{
    private readonly ConcurrentDictionary<UInt128, Deletion[]> known = new();
    private byte[] key = [];

    /// <summary>Reads what the store remembers. Before anything is asked.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        key = await store.DeletionKeyAsync(cancel);
        (await store.ReadDeletionsAsync(cancel)).ForEach(Take);
    }

    /// <summary>Says what is being deleted: of an entity all, or an attribute, or one dataset of it.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="entity">The entity's id.</param>
    /// <param name="attribute">The attribute's IRI; null for all.</param>
    /// <param name="dataset">The dataset, empty for the default one; null for all.</param>
    /// <param name="from">The first time, in ticks UTC.</param>
    /// <param name="until">The time before which it ends.</param>
    /// <param name="now">Changes up to now have no effect there any more.</param>
    public Deletion Of(Tenant tenant, string entity, string? attribute, string? dataset, long from, long until, DateTimeOffset now) =>
        new(Mark(tenant.Name, entity, attribute, dataset), from, until, now.UtcTicks);

    /// <summary>Makes deletions durable within a transaction; <see cref="Take"/> them once it has committed.</summary>
    public static Task StoreAsync(DbTransaction transaction, IReadOnlyList<Deletion> some) => ErasureStore.AddDeletionsAsync(transaction, some);

    /// <summary>Makes deletions durable, and takes them in.</summary>
    public async Task NoteAsync(IReadOnlyList<Deletion> some)
    {
        await store.RunAsync(transaction => StoreAsync(transaction, some));
        foreach (var one in some)
        {
            Take(one);
        }
    }

    /// <summary>Takes in a deletion that is durable.</summary>
    public void Take(Deletion one) => known.AddOrUpdate(
        one.Mark,
        static (_, made) => [made],
        static (_, there, made) => [.. there.Where(other => (other.From, other.Until) != (made.From, made.Until)), made],
        one);

    /// <summary>Whether the whole history of the entity was deleted after this change.</summary>
    /// <param name="tenant">The name of the tenant.</param>
    /// <param name="entity">The entity's id.</param>
    /// <param name="changed">When the change happened, in ticks UTC.</param>
    public bool Covers(string tenant, string entity, long changed) =>
        !known.IsEmpty && Find(Mark(tenant, entity, null, null), static (one, changed) => one is { From: 0, Until: long.MaxValue } && changed <= one.ChangedUntil, changed);

    /// <summary>Whether an instance was deleted after this change, which would bring it back.</summary>
    public bool Covers(Tenant tenant, string entity, string attribute, string dataset, long time, long changed)
    {
        return !known.IsEmpty && (In(null, null) || In(attribute, null) || In(attribute, dataset));

        bool In(string? some, string? set) => Find(
            Mark(tenant.Name, entity, some, set),
            static (one, at) => at.Time >= one.From && at.Time < one.Until && at.Changed <= one.ChangedUntil,
            (Time: time, Changed: changed));
    }

    /// <summary>Forgets what no event can be under way for.</summary>
    /// <param name="before">Deletions of before.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task ForgetAsync(DateTimeOffset before, CancellationToken cancel)
    {
        await store.ForgetDeletionsAsync(before.UtcTicks, cancel);
        foreach (var (mark, some) in known)
        {
            Deletion[] left = [.. some.Where(one => one.ChangedUntil >= before.UtcTicks)];
            if (left.Length == 0)
            {
                known.TryRemove(KeyValuePair.Create(mark, some));
            }
            else if (left.Length < some.Length)
            {
                known.TryUpdate(mark, left, some);
            }
        }
    }

    private bool Find<T>(UInt128 mark, Func<Deletion, T, bool> fits, T with) =>
        known.TryGetValue(mark, out var some) && Array.Exists(some, one => fits(one, with));

    private UInt128 Mark(string tenant, string entity, string? attribute, string? dataset)
    {
        // No name has a line break; what is not said differs from what is empty.
        var text = $"{tenant}\n{entity}{(attribute is null ? "" : "\n" + attribute)}{(dataset is null ? "" : "\n" + dataset)}";
        return BinaryPrimitives.ReadUInt128BigEndian(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }
}
