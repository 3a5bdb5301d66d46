using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Merging;

/// <summary>The body of a merge.</summary>
/// <param name="From">The scenario that is merged in.</param>
/// <param name="FromRevision">Its revision; null for its head.</param>
/// <param name="Base">The revision that both come from; null: the nearest one.</param>
/// <param name="Resolutions">What is decided about conflicts, by their ids.</param>
internal sealed record MergeBody(string From, int? FromRevision, (string Id, int Revision)? Base, IReadOnlyDictionary<string, MergeResolution> Resolutions)
{
    private const int MostResolutions = 10_000;
    private static readonly string[] Takes = ["ours", "theirs", "both"];

    /// <summary>Reads it.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the member at fault.</exception>
    public static MergeBody Read(JsonElement json, JsonLdContext context, int mostInterventions)
    {
        var members = new InterventionMembers(json, context, "");
        _ = members.Find("@context");
        var (from, revision, origin) = (members.Uri("from"), members.OptionalWhole("fromRevision", 1, int.MaxValue), members.Nested("base"));
        (string, int)? ancestor = origin is null ? null : (origin.Uri("id"), origin.Whole("revision", 1, int.MaxValue));
        origin?.RefuseOthers();
        var resolutions = new Dictionary<string, MergeResolution>(StringComparer.Ordinal);
        foreach (var (item, path) in members.Items("resolutions", 0, MostResolutions) ?? [])
        {
            var one = new InterventionMembers(item, context, path);
            var (conflict, given) = (one.Text("conflict"), one.Find("interventions"));
            var resolution = given is null
                ? new MergeResolution(one.Word("take", Takes), [])
                : new MergeResolution(null, InterventionReader.ReadAll(given.Value, context, $"{path}/interventions", mostInterventions));
            one.RefuseOthers();
            if (!resolutions.TryAdd(conflict, resolution))
            {
                throw one.Fault("conflict", "The conflict is decided twice.");
            }
        }

        members.RefuseOthers();
        return new MergeBody(from, revision, ancestor, resolutions);
    }
}
