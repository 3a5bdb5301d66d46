using Twin.NgsiLd;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Federation;

/// <summary>
/// Everything that sources hold of some entities within a time, part after part: for what can be told of all instances alone.
/// A source that cannot tell everything within the budget tells nothing, and is named.
/// </summary>
/// <param name="told">The conversation; all its parts are counted together.</param>
internal sealed class WholeEvolutions(SourceConversation told)
{
    /// <summary>Instances that are read for one answer, of all sources together.</summary>
    public const int Most = 1_000_000;

    private int count;

    /// <summary>Reads.</summary>
    /// <param name="registration">The source.</param>
    /// <param name="ids">The entities.</param>
    /// <param name="wants">What is wanted of them.</param>
    public async Task<List<EvolutionPart>> ReadAsync(string registration, IReadOnlyList<string> ids, EvolutionsWanted wants)
    {
        var question = new EvolutionQuestion(wants.Query, wants.Context);
        var whole = new Dictionary<string, EvolutionPart>(StringComparer.Ordinal);
        var temporal = wants.Temporal with { LastN = null };
        long? since = null;
        while (true)
        {
            var text = told.IsQuery ? question.Entities(new EvolutionPage(ids.Count) { Ids = ids }, temporal) : question.Entity(ids[0], temporal);
            if (await told.AskAsync(text, registration, ids) is not [{ IsSilent: false } answer])
            {
                return [];
            }

            var parts = FederatedEvolutions.Parts(told, [answer], told.IsQuery, wants with { Temporal = temporal, Aggregates = false });
            foreach (var part in parts)
            {
                Take(whole, part, since, temporal);
            }

            if (answer.ContentRange is null)
            {
                return [.. whole.Values];
            }

            if (parts.Select(static part => part.Cut).Max() is not { } cut || cut <= (since ?? 0))
            {
                told.Warn(199, registration, "tells parts that lead no further: it is left out");
                return [];
            }

            since = cut;
            temporal = temporal.After(cut);
        }
    }

    private void Take(Dictionary<string, EvolutionPart> whole, EvolutionPart part, long? since, TemporalQuery temporal)
    {
        var nodes = part.Entity.Attributes;
        // What the part before ended with is there again.
        _ = since is { } end ? nodes.RemoveAll(node => EvolutionPart.TimeOf(node, temporal.Property) is > 0 and var time && time <= end) : 0;
        if (Interlocked.Add(ref count, nodes.Count) > Most)
        {
            throw new NgsiLdException(NgsiLdErrorType.TooComplexQuery, $"This takes more than {Most} instances of other sources together; narrow the time (timerel).", "timerel");
        }

        if (whole.TryGetValue(part.Entity.Id, out var there))
        {
            there.Entity.Attributes.AddRange(nodes);
        }
        else
        {
            whole.Add(part.Entity.Id, part with { Cut = null });
        }
    }
}
