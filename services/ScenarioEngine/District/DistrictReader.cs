using System.Collections.Concurrent;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.State;

namespace Twin.ScenarioEngine.District;

/// <summary>
/// Reads a district in the state of a scenario. What was read of an entity is kept as long as the registry says that it
/// has not changed, so that a change of one building costs one building.
/// </summary>
internal sealed class DistrictReader(BaseEntities entities)
{
    /// <summary>Entities kept; beyond it everything is read anew.</summary>
    private const int Most = 50_000;

    /// <summary>Beyond so many unread ones they are streamed, not asked for one by one.</summary>
    private const int Few = 16;

    private readonly ConcurrentDictionary<(string Tenant, string Id), Kept> _kept = new();

    /// <summary>Reads it.</summary>
    /// <exception cref="NgsiLdException">There is no such district; an intervention no longer fits the twin.</exception>
    /// <exception cref="ModelInputException">Inputs are missing or wrong: of the first building, with how many others.</exception>
    public async Task<DistrictInputs> ReadAsync(string tenant, ScenarioState state, string district, CancellationToken cancel)
    {
        var area = StateReader.Fit(state, district, await entities.FindAsync(state.Base, district, cancel)) ?? throw NgsiLdException.NotFound($"There is no district {district}.");
        var (weather, terms) = DistrictInputs.Read(area);
        var members = state.Base.IsPresent ? await MembersAsync(tenant, district, cancel) : await OtherTimeAsync(state.Base, district, cancel);
        var added = await AddedAsync(state, members, district, cancel);
        var buildings = new List<BuildingInputs>(members.Count);
        var faults = new List<ModelInputException>();
        foreach (var member in members.Concat(added))
        {
            try
            {
                if (!state.Touches(member.Document.Id))
                {
                    buildings.Add(member.Inputs());
                }
                else if (StateReader.Fit(state, member.Document.Id, member.IsNew ? null : member.Document) is { } changed && IsIn(changed, district))
                {
                    buildings.Add(BuildingInputs.Read(changed));
                }
            }
            catch (ModelInputException fault)
            {
                faults.Add(fault);
            }
        }

        if (faults.Count > 0)
        {
            throw new ModelInputException(faults[0].Input, faults[0].Fault + (faults.Count == 1 ? "" : $" And {faults.Count - 1} more of {members.Count} buildings cannot be computed: {string.Join(", ", faults.Skip(1).Take(20).Select(static fault => fault.Input))}{(faults.Count > 21 ? ", …" : "")}."));
        }

        if (buildings.Count == 0)
        {
            throw new ModelInputException(district, "no building is contained in the district.");
        }

        buildings.Sort(static (x, y) => string.CompareOrdinal(x.Id, y.Id));
        return new DistrictInputs(district, weather, terms, buildings);
    }

    /// <summary>The buildings of the district at another time than now, of which nothing is kept.</summary>
    private async Task<List<Kept>> OtherTimeAsync(Scenarios.ScenarioBase twin, string district, CancellationToken cancel)
    {
        var found = new List<Kept>();
        await foreach (var entity in entities.AllAsync(twin, [Terms.Intern(DistrictTerms.Building)], cancel))
        {
            if (IsIn(entity, district))
            {
                found.Add(new Kept(entity));
            }
        }

        return found;
    }

    /// <summary>The buildings that the scenario adds to the district.</summary>
    private async Task<List<Kept>> AddedAsync(ScenarioState state, List<Kept> members, string district, CancellationToken cancel)
    {
        var others = state.Touched.Except(members.Select(static member => member.Document.Id), StringComparer.Ordinal).Where(id => id != district).ToList();
        var known = await entities.SomeAsync(state.Base, others, cancel);
        return [.. others.Select(id => StateReader.Fit(state, id, known.GetValueOrDefault(id)) is { } changed && IsIn(changed, district) ? new Kept(known.GetValueOrDefault(id) ?? changed) { IsNew = !known.ContainsKey(id) } : null).OfType<Kept>()];
    }

    private static bool IsIn(EntityDocument entity, string district) =>
        entity.Types.Contains(Terms.Intern(DistrictTerms.Building)) && entity.TryFind(Terms.Intern(DistrictTerms.ContainedInPlace), out var place)
        && place.Value.IndexOf(System.Text.Encoding.UTF8.GetBytes($"\"{district}\"")) >= 0;

    private async Task<List<Kept>> MembersAsync(string tenant, string district, CancellationToken cancel)
    {
        var q = $"{DistrictTerms.ContainedInPlace}==\"{district}\"";
        var versions = await entities.VersionsAsync(tenant, DistrictTerms.Building, q, cancel);
        var unread = versions.Where(one => !_kept.TryGetValue((tenant, one.Id), out var kept) || kept.Document.ModifiedAt != one.Version).ToList();
        if (_kept.Count + unread.Count > Most)
        {
            _kept.Clear();
            unread = versions;
        }

        if (unread.Count > Few)
        {
            await foreach (var entity in entities.MatchingAsync(tenant, DistrictTerms.Building, q, cancel))
            {
                Keep(tenant, entity);
            }
        }
        else
        {
            foreach (var (id, _) in unread)
            {
                if (await entities.FindAsync(new Scenarios.ScenarioBase(tenant), id, cancel) is { } entity)
                {
                    Keep(tenant, entity);
                }
            }
        }

        // What went away or changed in between is as it was when it was last read.
        return [.. versions.Select(one => _kept.GetValueOrDefault((tenant, one.Id))).OfType<Kept>()];
    }

    private void Keep(string tenant, EntityDocument entity)
    {
        if (!_kept.TryGetValue((tenant, entity.Id), out var kept) || kept.Document.ModifiedAt != entity.ModifiedAt)
        {
            _kept[(tenant, entity.Id)] = new Kept(entity);
        }
    }

    /// <summary>A building of the twin; its inputs are read when they are first needed.</summary>
    private sealed record Kept(EntityDocument Document)
    {
        private BuildingInputs? _inputs;

        /// <summary>Whether the scenario adds it.</summary>
        public bool IsNew { get; init; }

        public BuildingInputs Inputs() => _inputs ??= BuildingInputs.Read(Document);
    }
}
