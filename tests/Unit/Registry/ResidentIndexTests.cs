using CsCheck;
using Twin.EntityRegistry.Index;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Xunit;

namespace Twin.Tests.Unit.Registry;

/// <summary>The resident index against a plain dictionary that is searched from end to end.</summary>
public sealed class ResidentIndexTests
{
    private static readonly int[] Types = [.. Enumerable.Range(0, 4).Select(i => Terms.Intern($"https://twin.test/type/{i}"))];
    private static readonly int[] Names = [.. Enumerable.Range(0, 4).Select(i => Terms.Intern($"https://twin.test/name/{i}"))];
    private static readonly string[] Scopes = ["/a", "/a/b", "/a/b/c", "/ab", "/z"];
    private static readonly int Location = Terms.Intern("https://uri.etsi.org/ngsi-ld/location");

    private static readonly Gen<State> States =
        from types in Gen.Int[0, 3].Array[1, 2]
        from names in Gen.Int[0, 3].Array[0, 5]
        from scopes in Gen.Int[0, 4].Array[0, 2]
        from places in Gen.Select(Gen.Double[7.30, 7.34], Gen.Double[47.70, 47.74]).Array[0, 2]
        from transient in Gen.Int[0, 3]
        select new State([.. types.Distinct()], names, [.. scopes.Distinct()], places, transient == 0);

    private static readonly Gen<Step> Steps =
        from entity in Gen.Int[0, 9]
        from delete in Gen.Int[0, 3]
        from state in States
        select new Step(entity, delete == 0, state);

    [Fact]
    public void After_any_changes_every_lookup_gives_what_a_search_through_all_gives() =>
        Steps.Array[1, 40].Sample(steps =>
        {
            var index = new ResidentIndex();
            var model = new Dictionary<string, (long Sequence, EntityDocument Document)>(StringComparer.Ordinal);
            long sequence = 0;
            foreach (Step step in steps)
            {
                Apply(index, model, step, ref sequence);
            }

            Compare(index, model);
            Compare(index.Rebuilt(), model);
        });

    [Fact]
    public void A_walk_that_goes_on_after_a_sequence_neither_repeats_nor_misses_what_stays() =>
        Gen.Select(Steps.Array[5, 30], Steps.Array[1, 10], Gen.Int[0, 12]).Sample((before, between, page) =>
        {
            var index = new ResidentIndex();
            var model = new Dictionary<string, (long Sequence, EntityDocument Document)>(StringComparer.Ordinal);
            long sequence = 0;
            foreach (Step step in before)
            {
                Apply(index, model, step, ref sequence);
            }

            List<long> walked = Walk(index, 0, page);
            var there = model.Values.Select(v => v.Sequence).ToHashSet();
            foreach (Step step in between)
            {
                Apply(index, model, step, ref sequence);
            }

            walked.AddRange(Walk(index, walked.Count == 0 ? 0 : walked[^1], int.MaxValue));
            Assert.Equal(walked.Distinct().Order(), walked);
            Assert.All(model.Values.Where(v => there.Contains(v.Sequence)), v => Assert.Contains(v.Sequence, walked));
        });

    [Fact]
    public async Task Readers_meet_whole_entities_and_miss_none_that_stays_while_a_writer_works()
    {
        var index = new ResidentIndex();
        for (int i = 0; i < 500; i++)
        {
            index.Insert(i + 1, Document($"urn:e:{i}", new State([0], [0], [0], [(7.32, 47.72)], false), version: 0));
        }

        using var done = new CancellationTokenSource();
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> reader = Task.Factory.StartNew(
            () =>
            {
                int rounds = 0;
                while (!done.IsCancellationRequested || rounds < 10)
                {
                    ReadAll(index);
                    rounds++;
                    reading.TrySetResult();
                }

                return rounds;
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await Task.WhenAny(reading.Task, reader);
        for (int round = 1; round <= 40; round++)
        {
            // Those below 250 stay and change; those above come and go.
            for (int i = 0; i < 250; i++)
            {
                var state = new State([round % 2 == 0 ? 0 : 1], [round % 3], [round % 4], [(7.30 + (round * 0.001), 47.72)], round % 5 == 0);
                index.Replace(index.FindResident($"urn:e:{i}")!, Document($"urn:e:{i}", state, round));
            }

            index.Delete([.. Enumerable.Range(250, 250).Select(i => index.FindResident($"urn:e:{i}")!)]);
            for (int i = 250; i < 500; i++)
            {
                index.Insert((round * 1000) + i, Document($"urn:e:{i}", new State([0], [0], [0], [], false), round));
            }
        }

        await done.CancelAsync();
        Assert.True(await reader >= 10);
    }

    /// <summary>Every instance of a document says the same version: a mixture of two commits would not.</summary>
    private static void ReadAll(ResidentIndex index)
    {
        Posting.View all = index.All;
        var staying = new HashSet<string>(StringComparer.Ordinal);
        int before = -1;
        for (int i = 0; i < all.Count; i++)
        {
            Assert.True(all.Items[i] > before);
            before = all.Items[i];
            if (index.At(all.Items[i]).Document is { } document)
            {
                Assert.All(document.Unpack().Attributes, a => Assert.Equal(document.ModifiedAt, a.ModifiedAt));
                if (int.Parse(document.Id.AsSpan(6), System.Globalization.CultureInfo.InvariantCulture) < 250)
                {
                    staying.Add(document.Id);
                }
            }
        }

        Assert.Equal(250, staying.Count);
        for (int i = 0; i < 250; i += 25)
        {
            Assert.NotNull(index.Find($"urn:e:{i}"));
        }
    }

    private static void Apply(ResidentIndex index, Dictionary<string, (long Sequence, EntityDocument Document)> model, Step step, ref long sequence)
    {
        string id = $"urn:e:{step.Entity}";
        Resident? resident = index.FindResident(id);
        Assert.Equal(model.ContainsKey(id), resident is not null);
        if (step.Delete)
        {
            if (resident is not null)
            {
                index.Delete([resident]);
                model.Remove(id);
            }

            return;
        }

        EntityDocument document = Document(id, step.State, version: 0);
        if (resident is null)
        {
            sequence += 3;
            index.Insert(sequence, document);
            model[id] = (sequence, document);
        }
        else
        {
            index.Replace(resident, document);
            model[id] = (model[id].Sequence, document);
        }
    }

    private static void Compare(ResidentIndex index, Dictionary<string, (long Sequence, EntityDocument Document)> model)
    {
        Assert.Equal(model.Count, index.Count);
        Assert.Equal(Expected(_ => true), Ids(index, index.All));
        Assert.Equal(Expected(e => e.ExpiresAt != 0), Ids(index, index.Transient));
        foreach (int type in Types)
        {
            Assert.Equal(Expected(e => e.HasType(type)), Ids(index, index.OfType(type)));
            Assert.Equal(model.Values.Count(e => e.Document.HasType(type)), index.Types.Where(t => t.Key == type).Sum(t => t.Value));
        }

        foreach (int name in Names)
        {
            Assert.Equal(Expected(e => e.TryFind(name, out _)), Ids(index, index.WithAttribute(name)));
        }

        foreach (string scope in Scopes)
        {
            Assert.Equal(
                Expected(e => (e.Unpack().Scopes ?? []).Any(s => s == scope || s.StartsWith(scope + "/", StringComparison.Ordinal))),
                Ids(index, index.InScope(scope)));
        }

        foreach (double west in (double[])[7.29, 7.31, 7.33])
        {
            var box = new BoundingBox(west, 47.71, west + 0.01, 47.72);
            var candidates = new Candidates(index.Near(Location, box));
            var found = new HashSet<string>(StringComparer.Ordinal);
            while (candidates.TryNext(out int ordinal))
            {
                found.Add(index.At(ordinal).Document!.Id);
            }

            Assert.All(Expected(e => e.Unpack().Attributes.Any(a => a.Geometry != GeometryShape.None && a.Bounds.Intersects(box))), id => Assert.Contains(id, found));
            Assert.All(found, id => Assert.True(model[id].Document.TryFind(Location, out _)));
        }

        IEnumerable<string> Expected(Func<EntityDocument, bool> matches) =>
            model.Values.Where(v => matches(v.Document)).OrderBy(v => v.Sequence).Select(v => v.Document.Id);
    }

    private static List<long> Walk(ResidentIndex index, long after, int most)
    {
        var walked = new List<long>();
        var candidates = new Candidates([index.All], after == 0 ? 0 : index.OrdinalAfter(after));
        while (walked.Count < most && candidates.TryNext(out int ordinal))
        {
            walked.Add(index.At(ordinal).Sequence);
        }

        return walked;
    }

    private static IEnumerable<string> Ids(ResidentIndex index, Posting.View view) => view.Items[..view.Count].Select(o => index.At(o).Document!.Id);

    private static EntityDocument Document(string id, State state, long version)
    {
        var node = new EntityNode
        {
            Id = id,
            Types = [.. state.Types.Select(t => Types[t])],
            Scopes = state.Scopes.Length == 0 ? null : [.. state.Scopes.Select(s => Scopes[s])],
            ExpiresAt = state.Transient ? long.MaxValue : 0,
            CreatedAt = 1,
            ModifiedAt = version,
        };
        for (int i = 0; i < state.Names.Length; i++)
        {
            node.Attributes.Add(new AttributeNode { Name = Names[state.Names[i]], Value = "1"u8.ToArray(), DatasetId = $"urn:d:{i}", ModifiedAt = version });
        }

        for (int i = 0; i < state.Places.Length; i++)
        {
            (double longitude, double latitude) = state.Places[i];
            node.Attributes.Add(new AttributeNode
            {
                Name = Location,
                Kind = AttributeKind.GeoProperty,
                Value = "{}"u8.ToArray(),
                DatasetId = i == 0 ? null : $"urn:d:{i}",
                Geometry = GeometryShape.Point,
                Bounds = new BoundingBox(longitude, latitude, longitude, latitude),
                ModifiedAt = version,
            });
        }

        return EntityDocument.Pack(node);
    }

    internal sealed record State(int[] Types, int[] Names, int[] Scopes, (double Longitude, double Latitude)[] Places, bool Transient);

    internal sealed record Step(int Entity, bool Delete, State State);
}
