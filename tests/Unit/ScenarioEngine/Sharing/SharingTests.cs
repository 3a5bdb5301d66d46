using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Sharing;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Sharing;

public sealed class SharingTests
{
    private static readonly ValidationRecord Pool = new("shared-pool");
    private static readonly ValidationRecord Rooms = new("room-calendar");
    private static readonly ValidationRecord Places = new("complementary-use");

    [Theory]
    [InlineData(1, 0.0101, 0.01)]
    [InlineData(2, 0.153, 0.01)]
    [InlineData(5, 1.36, 0.01)]
    [InlineData(10, 4.46, 0.01)]
    [InlineData(20, 12.0, 0.01)]
    [InlineData(100, 84.1, 0.01)]
    public void Loads_of_the_published_table_are_blocked_as_it_says(int units, double load, double blocking)
    {
        // The table rounds the load to three digits: half its last digit is the tolerance, carried through the slope.
        var half = load < 0.1 ? 0.00005 : load < 1 ? 0.0005 : load < 10 ? 0.005 : 0.05;
        var tolerance = Math.Max(ErlangLoss.Blocking(units, load + half) - ErlangLoss.Blocking(units, load), ErlangLoss.Blocking(units, load) - ErlangLoss.Blocking(units, load - half));
        Pool.Near($"{units} units, {load} Erlang: blocking", ErlangLoss.Blocking(units, load), blocking, tolerance, "1", "Erlang B table at a blocking of 1 %, loads to three digits");
    }

    [Theory]
    [InlineData(3, 2.0)]
    [InlineData(10, 7.5)]
    [InlineData(25, 20.0)]
    public void The_recurrence_is_the_quotient_of_the_definition(int units, double load)
    {
        var (term, sum) = (1.0, 1.0);
        for (var n = 1; n <= units; n++)
        {
            term *= load / n;
            sum += term;
        }

        Pool.Near($"{units} units, {load} Erlang: blocking by the definition", ErlangLoss.Blocking(units, load), term / sum, 1e-12, "1", "Erlang 1917: (A^n/n!) / sum of A^k/k!, summed in the test");
    }

    [Fact]
    public void The_least_number_keeps_to_the_bound_and_one_less_does_not() =>
        Gen.Select(Gen.Double[0, 300], Gen.Double[0.001, 0.5]).Sample(static (load, bound) =>
        {
            var units = ErlangLoss.UnitsFor(load, bound);
            Assert.True(ErlangLoss.Blocking(units, load) <= bound);
            Assert.True(units == 0 || ErlangLoss.Blocking(units - 1, load) > bound);
        });

    [Fact]
    public void A_pool_serves_what_it_does_not_turn_away()
    {
        var pool = ErlangLoss.Occupancy(2, 1, 2); // A = 2: B = 2 / (1 + 2 + 2)
        Assert.Equal(0.4, pool.Blocking, 1e-12);
        Assert.Equal((0.6, 1.2, 0.6), (Math.Round(pool.Served, 12), Math.Round(pool.MeanInUse, 12), Math.Round(pool.Utilisation, 12)));
        Assert.InRange(ErlangLoss.Blocking(1_000_000, 1e6), 1e-4, 1e-3);
    }

    [Fact]
    public void A_room_is_used_in_conflict_and_out_of_hours_as_the_calendar_says()
    {
        var use = RoomCalendar.Use([new(480, 720), new(780, 1080)], [new("b", 540, 600), new("a", 480, 570), new("c", 700, 800), new("d", 1000, 1060)]);
        Rooms.Near("two open periods, four bookings: utilisation", use.Utilisation, 220.0 / 540, 1e-12, "1", "by hand: 120 + 20 + 20 + 60 of 540 minutes");
        Assert.Equal([new BookingConflict("a", "b", 30)], use.Conflicts);
        Assert.Equal(["c"], use.OutsideOpening);
    }

    [Fact]
    public void Rooms_for_bookings_are_as_many_as_hold_at_the_busiest_minute() =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[1, 60]).Array[0, 30].Sample(static spans =>
        {
            var bookings = spans.Select(static (span, i) => new Booking($"{i}", span.Item1, span.Item1 + span.Item2)).ToArray();
            var busiest = Enumerable.Range(0, 261).Max(minute => bookings.Count(booking => booking.Start <= minute && minute < booking.End));
            var use = RoomCalendar.Use([new(50, 150)], bookings);
            Assert.Equal(busiest, RoomCalendar.RoomsFor(bookings));
            Assert.Equal(Enumerable.Range(50, 100).Count(minute => bookings.Any(booking => booking.Start <= minute && minute < booking.End)), use.BookedMinutes);
            Assert.Equal(busiest > 1, use.Conflicts.Count > 0);
        });

    [Fact]
    public void Offices_by_day_and_residents_by_night_share_places()
    {
        var shared = ComplementaryUse.Compare([new("offices", [10, 100, 80, 5]), new("homes", [90, 30, 40, 95])]);
        Places.Near("offices and homes: places together", shared.Together, 130, 0, "1", "by hand: the greatest of 100, 130, 120, 100");
        Places.Near("offices and homes: places apart", shared.Apart, 195, 0, "1", "by hand: 100 + 95");
        Assert.Equal((65, 1), (shared.Saved, shared.Busiest));
    }

    [Fact]
    public void What_is_impossible_is_refused_by_its_name()
    {
        Refused("offeredLoad", static () => ErlangLoss.Blocking(3, double.NaN));
        Refused("units", static () => ErlangLoss.Blocking(-1, 1));
        Refused("blockingBound", static () => ErlangLoss.UnitsFor(1, 0));
        Refused("offeredLoad", static () => ErlangLoss.UnitsFor(2e6, 0.01));
        Refused("meanUse", static () => ErlangLoss.Occupancy(1, 1, 0));
        Refused("requests", static () => ErlangLoss.Occupancy(1, -1, 1));
        Refused("open", static () => RoomCalendar.Use([new(0, 10), new(5, 20)], []));
        Refused("open", static () => RoomCalendar.Use([], []));
        Refused("bookings[0]", static () => RoomCalendar.RoomsFor([new("a", 10, 10)]));
        Refused("bookings[1].id", static () => RoomCalendar.RoomsFor([new("a", 10, 20), new("a", 30, 40)]));
        Refused("profiles[1].places", static () => ComplementaryUse.Compare([new("a", [1, 2]), new("b", [1])]));
        Refused("profiles[0].places[1]", static () => ComplementaryUse.Compare([new("a", [1, -2])]));
    }

    private static void Refused(string input, Func<object> what) => Assert.Equal(input, Assert.Throws<ModelInputException>(what).Input);
}
