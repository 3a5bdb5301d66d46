using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.Storage;

namespace Twin.ScenarioEngine.Merging;

/// <summary>Finds the revision that two revisions come from, through earlier revisions, forks and merges.</summary>
internal sealed class Ancestry(ScenarioStore store)
{
    /// <summary>Scenarios that are looked at.</summary>
    private const int Most = 1000;

    /// <summary>The content of the nearest revision that both come from; null when they have none in common that is still there.</summary>
    /// <remarks>After merges there may be several, none of which comes from another: then it is the one that was written last.</remarks>
    public async Task<(string Id, Revision Revision, ScenarioContent Content)?> NearestAsync(string tenant, (string Id, int Revision) ours, (string Id, int Revision) theirs, CancellationToken cancel)
    {
        var (mine, other) = (await ReachAsync(tenant, ours, cancel), await ReachAsync(tenant, theirs, cancel));
        var common = mine.Where(pair => other.ContainsKey(pair.Key)).Select(pair => (Id: pair.Key, Number: Math.Min(pair.Value, other[pair.Key]))).ToList();
        var nearest = new List<(string Id, Revision Revision, ScenarioContent Content)>();
        foreach (var (id, number) in common)
        {
            if (await store.ContentAsync(tenant, id, number, cancel) is { } found && !await IsOriginAsync((id, number)))
            {
                nearest.Add((id, found.Revision, found.Content));
            }
        }

        return nearest.Count == 0 ? null : nearest.OrderByDescending(static one => one.Revision.RecordedAt).ThenBy(static one => one.Id, StringComparer.Ordinal).First();

        // Whether another common one comes from it.
        async Task<bool> IsOriginAsync((string Id, int Number) of)
        {
            foreach (var one in common.Where(one => one.Id != of.Id))
            {
                if ((await ReachAsync(tenant, one, cancel)).GetValueOrDefault(of.Id) >= of.Number && await store.ContentAsync(tenant, one.Id, one.Number, cancel) is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>What a revision comes from: of each scenario all revisions up to a number.</summary>
    private async Task<Dictionary<string, int>> ReachAsync(string tenant, (string Id, int Revision) from, CancellationToken cancel)
    {
        var reach = new Dictionary<string, int>(StringComparer.Ordinal);
        var next = new Queue<(string Id, int Revision)>([from]);
        while (next.TryDequeue(out var one) && reach.Count < Most)
        {
            if (reach.GetValueOrDefault(one.Id) >= one.Revision)
            {
                continue;
            }

            reach[one.Id] = one.Revision;
            foreach (var merge in await store.MergesAsync(tenant, one.Id, one.Revision, cancel))
            {
                next.Enqueue(merge.MergedFrom!.Value);
            }

            if (await store.FindAsync(tenant, one.Id, cancel) is { ForkOf: { } fork })
            {
                next.Enqueue(fork);
            }
        }

        return reach;
    }
}
