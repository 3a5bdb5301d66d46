using System.Collections.Frozen;
using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.ScenarioEngine.Interventions;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>Reads interventions from JSON; whatever a kind does not know is refused with the member's path.</summary>
internal static class InterventionReader
{
    private static readonly FrozenDictionary<string, Func<InterventionMembers, Intervention>> Kinds = new Dictionary<string, Func<InterventionMembers, Intervention>>
    {
        [AddPhotovoltaics.Name] = AddPhotovoltaics.Read,
        [AddBattery.Name] = AddBattery.Read,
        [Build.Name] = Build.Read,
        [ChangeAttribute.Name] = ChangeAttribute.Read,
        [ChargePoints.Name] = ChargePoints.Read,
        [SetClimate.Name] = SetClimate.Read,
        [ConvertUse.Name] = ConvertUse.Read,
        [Demolish.Name] = Demolish.Read,
        [ReplaceHeatSupply.Name] = ReplaceHeatSupply.Read,
        [PlantTrees.Name] = PlantTrees.Read,
        [SetPopulation.Name] = SetPopulation.Read,
        [RemoveEntity.Name] = RemoveEntity.Read,
        [Retrofit.Name] = Retrofit.Read,
        [SharedPool.Name] = SharedPool.Read,
        [ShuttleLine.Name] = ShuttleLine.Read,
        [SetTariff.Name] = SetTariff.Read,
        [Unseal.Name] = Unseal.Read,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The words of all kinds.</summary>
    public static IEnumerable<string> Names => Kinds.Keys.Order(StringComparer.Ordinal);

    /// <summary>Reads a list.</summary>
    /// <param name="list">A JSON array.</param>
    /// <param name="context">What expands names of attributes.</param>
    /// <param name="path">Where the list stands, for faults: <c>/interventions</c>.</param>
    /// <param name="most">The most that are taken.</param>
    /// <exception cref="NgsiLdException">BadRequestData with the member's path.</exception>
    public static List<Intervention> ReadAll(JsonElement list, JsonLdContext context, string path, int most)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw NgsiLdException.BadRequest("Interventions are an array, in the order in which they are applied.", path);
        }

        if (list.GetArrayLength() > most)
        {
            throw NgsiLdException.BadRequest($"A scenario has at most {most} interventions.", path);
        }

        return [.. list.EnumerateArray().Select((item, at) => Read(item, context, $"{path}/{at}"))];
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the member's path.</exception>
    public static Intervention Read(JsonElement json, JsonLdContext context, string path)
    {
        var members = new InterventionMembers(json, context, path);
        var type = members.Text("type");
        if (!Kinds.TryGetValue(type, out var read))
        {
            throw members.Fault("type", $"There is no intervention '{type}': {string.Join(", ", Names)}.");
        }

        var intervention = read(members);
        members.RefuseOthers();
        return intervention is EntityAddition added ? added.Named() : intervention;
    }
}
