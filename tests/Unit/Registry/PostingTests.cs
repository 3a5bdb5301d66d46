using CsCheck;
using Twin.EntityRegistry.Index;
using Xunit;

namespace Twin.Tests.Unit.Registry;

public sealed class PostingTests
{
    private static readonly Gen<(int Kind, int[] Ordinals)> Steps =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 60].Array[1, 8]);

    [Fact]
    public void A_posting_holds_what_a_sorted_set_holds_after_any_additions_and_removals() =>
        Steps.Array[0, 60].Sample(steps =>
        {
            var posting = new Posting();
            var model = new SortedSet<int>();
            foreach ((int kind, int[] ordinals) in steps)
            {
                switch (kind)
                {
                    case 0:
                        posting.Add(ordinals[0]);
                        model.Add(ordinals[0]);
                        break;
                    case 1:
                        posting.Remove(ordinals[0]);
                        model.Remove(ordinals[0]);
                        break;
                    default:
                        posting.RemoveAll([.. ordinals.Order()]);
                        model.ExceptWith(ordinals);
                        break;
                }

                Assert.Equal(model, Items(posting.Snapshot()));
                Assert.Equal(model.Count, posting.Count);
            }
        });

    [Fact]
    public void A_view_stays_as_it_was_taken_whatever_is_added_or_removed_afterwards() =>
        Gen.Select(Gen.Int[0, 60].Array[1, 20], Steps.Array[1, 30]).Sample((first, steps) =>
        {
            var posting = new Posting();
            Array.ForEach(first, posting.Add);
            Posting.View view = posting.Snapshot();
            int[] taken = Items(view);
            foreach ((int kind, int[] ordinals) in steps)
            {
                if (kind == 0)
                {
                    posting.Add(ordinals[0]);
                }
                else
                {
                    posting.RemoveAll([.. ordinals.Order()]);
                }
            }

            Assert.Equal(taken, Items(view));
        });

    [Fact]
    public void IndexOf_is_the_place_of_the_first_ordinal_that_is_not_less() =>
        Gen.Select(Gen.Int[0, 40].Array[0, 20], Gen.Int[0, 45]).Sample((ordinals, sought) =>
        {
            var posting = new Posting();
            Array.ForEach(ordinals, posting.Add);
            Posting.View view = posting.Snapshot();

            Assert.Equal(Items(view).Count(o => o < sought), view.IndexOf(sought));
        });

    [Fact]
    public void Candidates_are_the_union_of_the_lists_in_order_each_once_from_an_ordinal_on() =>
        Gen.Select(Gen.Int[0, 50].Array[0, 15].Array[0, 5], Gen.Int[0, 55]).Sample((lists, from) =>
        {
            var views = lists.Select(list =>
            {
                var posting = new Posting();
                Array.ForEach(list, posting.Add);
                return posting.Snapshot();
            }).ToList();
            var candidates = new Candidates(views, from);
            var found = new List<int>();
            while (candidates.TryNext(out int ordinal))
            {
                found.Add(ordinal);
            }

            Assert.Equal(lists.SelectMany(l => l).Where(o => o >= from).Distinct().Order(), found);
            Assert.False(candidates.TryNext(out _));
        });

    private static int[] Items(Posting.View view) => view.Items[..view.Count];
}
