using CsCheck;
using Twin.ScenarioEngine.Merging;
using Twin.ScenarioEngine.Scenarios;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>Merging two lists of interventions that come from one.</summary>
public sealed class ThreeWayMergeTests
{
    private static readonly Dictionary<string, MergeResolution> Undecided = [];

    [Fact]
    public void What_one_side_alone_has_changed_is_taken()
    {
        var merged = Run([Height(1, 10), Colour(1, 1)], [Height(1, 12), Colour(1, 1)], [Height(1, 10), Colour(1, 1), Colour(2, 3)]);

        Assert.Empty(merged.Conflicts);
        Assert.Equal(Keys([Colour(1, 1), Colour(2, 3), Height(1, 12)]).Order(), merged.Interventions.Select(ScenarioContent.KeyOf).Order());
    }

    [Fact]
    public void Parts_of_one_attribute_are_apart_and_what_adds_up_does_not_conflict()
    {
        const string Walls = """{"type":"retrofit","entity":"urn:b:1","wall":{"uValue":0.2}}""";
        const string Roof = """{"type":"retrofit","entity":"urn:b:1","roof":{"uValue":0.1}}""";

        Assert.Empty(Run([], [Walls, Samples.All[0]], [Roof, Samples.All[0].Replace("9000", "4000", StringComparison.Ordinal)]).Conflicts);
        Assert.Equal(4, Run([], [Walls, Samples.All[0]], [Roof, Samples.All[0].Replace("9000", "4000", StringComparison.Ordinal)]).Interventions.Count);
        Assert.Equal(["change/change"], Assert.Single(Run([], [Walls], ["""{"type":"changeAttribute","entity":"urn:b:1","attribute":"thermalZone","value":{}}"""]).Conflicts).Kinds);
    }

    [Theory]
    [InlineData(new[] { "h10" }, new[] { "h12" }, new[] { "h14" }, "change/change", "https://schema.org/height")]
    [InlineData(new[] { "h10" }, new string[0], new[] { "h14" }, "remove/change", "https://schema.org/height")]
    [InlineData(new string[0], new[] { "h12" }, new[] { "remove" }, "remove/change", "https://schema.org/height")]
    [InlineData(new string[0], new[] { "add3" }, new[] { "add4" }, "add/add", "")]
    [InlineData(new[] { "add3" }, new string[0], new[] { "add3", "s12" }, "remove/change", "https://schema.org/height")]
    [InlineData(new[] { "h10", "h12", "h14" }, new[] { "h12", "h10", "h14" }, new[] { "h14", "h12", "h10" }, "order", "https://schema.org/height")]
    public void Contradictions_are_named_with_what_each_side_does(string[] ancestor, string[] ours, string[] theirs, string kind, string member)
    {
        var conflict = Assert.Single(Run(Short(ancestor), Short(ours), Short(theirs)).Conflicts);

        Assert.Contains(kind, conflict.Kinds);
        Assert.Contains(conflict.Slots, slot => slot.Member == member);
        Assert.Equal(Keys(Short(ancestor)), conflict.Ancestor.Select(ScenarioContent.KeyOf));
        Assert.Equal(Keys(Short(ours)), conflict.Ours.Select(ScenarioContent.KeyOf));
        Assert.Equal(Keys(Short(theirs)), conflict.Theirs.Select(ScenarioContent.KeyOf));
    }

    [Theory]
    [InlineData("ours", new[] { "h12" })]
    [InlineData("theirs", new[] { "h14" })]
    [InlineData("both", new[] { "h12", "h14" })]
    [InlineData(null, new[] { "h99" })]
    public void A_conflict_is_decided_for_one_side_for_both_or_otherwise(string? take, string[] expected)
    {
        var id = Assert.Single(Run(Short("h10"), Short("h12"), Short("h14")).Conflicts).Id;
        var decided = new Dictionary<string, MergeResolution> { [id] = new(take, take is null ? Of(Short("h99")) : []) };

        Assert.Equal(Keys(Short(expected)), ThreeWayMerge.Run(Of(Short("h10")), Of(Short("h12")), Of(Short("h14")), decided).Interventions.Select(ScenarioContent.KeyOf));
    }

    [Fact]
    public void Orders_of_both_sides_that_go_round_in_a_circle_are_a_conflict()
    {
        // x and y write a, y and z write b, z and x write c: we put x before y, they put y before z.
        const string X = """{"type":"retrofit","entity":"urn:b:1","wall":{"uValue":0.1},"roof":{"uValue":0.1}}""";
        const string Y = """{"type":"retrofit","entity":"urn:b:1","wall":{"uValue":0.2},"floor":{"uValue":0.2}}""";
        const string Z = """{"type":"retrofit","entity":"urn:b:1","floor":{"uValue":0.3},"roof":{"uValue":0.3}}""";
        var conflict = Assert.Single(Run([Z, Y, X], [Z, X, Y], [Y, Z, X]).Conflicts);

        Assert.Equal(["order"], conflict.Kinds);
        var decided = new Dictionary<string, MergeResolution> { [conflict.Id] = new("theirs", []) };
        Assert.Equal(Keys([Y, Z, X]), ThreeWayMerge.Run(Of([Z, Y, X]), Of([Z, X, Y]), Of([Y, Z, X]), decided).Interventions.Select(ScenarioContent.KeyOf));
    }

    [Fact]
    public void A_merge_is_the_same_from_both_sides_and_the_conflicts_are_mirrored() => Lists.Sample((ancestor, ours, theirs) =>
    {
        var (one, other) = (Run(ancestor, ours, theirs), Run(ancestor, theirs, ours));
        Assert.Equal(one.Conflicts.Select(static conflict => conflict.Id).Order(), other.Conflicts.Select(static conflict => conflict.Id).Order());
        Assert.Equal(one.Interventions.Select(ScenarioContent.KeyOf), other.Interventions.Select(ScenarioContent.KeyOf));
        var mine = one.Conflicts.ToDictionary(static conflict => conflict.Id, static _ => new MergeResolution("ours", []));
        var yours = one.Conflicts.ToDictionary(static conflict => conflict.Id, static _ => new MergeResolution("theirs", []));
        var (decided, mirrored) = (ThreeWayMerge.Run(Of(ancestor), Of(ours), Of(theirs), mine), ThreeWayMerge.Run(Of(ancestor), Of(theirs), Of(ours), yours));
        Assert.Equal(decided.Conflicts.Count, mirrored.Conflicts.Count);
        Assert.Equal(decided.Interventions.Select(ScenarioContent.KeyOf), mirrored.Interventions.Select(ScenarioContent.KeyOf));
    });

    [Fact]
    public void A_merge_with_itself_or_with_what_it_comes_from_changes_nothing() => Lists.Sample((ancestor, ours, _) =>
    {
        Assert.Equal(Keys(ours), Run(ancestor, ours, ours).Interventions.Select(ScenarioContent.KeyOf));
        Assert.Equal(Keys(ours), Run(ancestor, ours, ancestor).Interventions.Select(ScenarioContent.KeyOf));
        Assert.Equal(Keys(ours), Run(ancestor, ancestor, ours).Interventions.Select(ScenarioContent.KeyOf));
    });

    [Fact]
    public void Without_conflicts_every_attribute_has_the_value_of_the_side_that_changed_it() => Lists.Sample((ancestor, ours, theirs) =>
    {
        var merged = Run(ancestor, ours, theirs);
        if (merged.Conflicts.Count > 0)
        {
            return;
        }

        foreach (var slot in Of(ancestor).Concat(Of(ours)).Concat(Of(theirs)).Select(Slot).Distinct())
        {
            string[] was = Of(ancestor).Where(one => Slot(one) == slot).Select(ScenarioContent.KeyOf).ToArray(), mine = Of(ours).Where(one => Slot(one) == slot).Select(ScenarioContent.KeyOf).ToArray();
            var expected = mine.SequenceEqual(was) ? Of(theirs).Where(one => Slot(one) == slot).Select(ScenarioContent.KeyOf) : mine;
            Assert.Equal(expected, merged.Interventions.Where(one => Slot(one) == slot).Select(ScenarioContent.KeyOf));
        }
    });

    /// <summary>An ancestor, and two lists that come of it by leaving out, putting in and moving.</summary>
    private static Gen<(string[], string[], string[])> Lists { get; } =
        Gen.Select(Gen.Int[0, 17].Array[0, 5], Gen.Int[0, 999].Array[0, 4], Gen.Int[0, 999].Array[0, 4])
            .Select(static (start, mine, yours) => (Named(start), Named(Edited(start, mine)), Named(Edited(start, yours))));

    private static int[] Edited(int[] list, int[] edits)
    {
        var result = list.ToList();
        foreach (var edit in edits)
        {
            var (what, at) = (edit % 18, edit / 18 % (result.Count + 1));
            if (edit % 5 < 2 && at < result.Count)
            {
                result.RemoveAt(at);
            }
            else
            {
                result.Insert(at, what);
            }
        }

        return [.. result];
    }

    private static string[] Named(int[] numbers) => [.. numbers.Select(static number => number % 2 == 0 ? Height(1 + (number / 2 % 3), number / 6) : Colour(1 + (number / 2 % 3), number / 6))];

    private static (string, string) Slot(Intervention one) => (one.Entity, one.Writes[0]);

    private static string Height(int building, int value) => $$"""{"type":"changeAttribute","entity":"urn:b:{{building}}","attribute":"https://schema.org/height","value":{{value}}}""";

    private static string Colour(int building, int value) => $$"""{"type":"changeAttribute","entity":"urn:b:{{building}}","attribute":"colour","value":{{value}}}""";

    private static string[] Short(params string[] words) =>
    [
        .. words.Select(static word => word switch
        {
            "remove" => """{"type":"removeEntity","entity":"urn:b:1"}""",
            _ when word.StartsWith("add", StringComparison.Ordinal) => $$"""{"type":"sharedPool","entity":"urn:b:7","category":"tools","units":{{word[3..]}},"place":[7.3,47.7]}""",
            _ => Height(word[0] == 'h' ? 1 : 7, int.Parse(word[1..], System.Globalization.CultureInfo.InvariantCulture)),
        }),
    ];

    private static IReadOnlyList<Intervention> Of(string[] list) => Samples.Content($"[{string.Join(',', list)}]").Interventions;

    private static IEnumerable<string> Keys(string[] list) => Of(list).Select(ScenarioContent.KeyOf);

    private static MergeOutcome Run(string[] ancestor, string[] ours, string[] theirs) => ThreeWayMerge.Run(Of(ancestor), Of(ours), Of(theirs), Undecided);
}
