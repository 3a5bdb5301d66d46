using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Sharing;

/// <summary>A booking of a room.</summary>
/// <param name="Id">Its name, for what is said of it.</param>
/// <param name="Start">Minutes from the beginning of the calendar.</param>
/// <param name="End">Minutes from the beginning of the calendar, after the start; the room is free again at the end.</param>
public sealed record Booking(string Id, int Start, int End);

/// <summary>When a room is open.</summary>
/// <param name="Start">Minutes from the beginning of the calendar.</param>
/// <param name="End">After the start.</param>
public sealed record OpenPeriod(int Start, int End);

/// <summary>Two bookings of one room at the same time.</summary>
/// <param name="First">The one that begins first (by id when both begin together).</param>
/// <param name="Second">The other one.</param>
/// <param name="Minutes">For how long both hold.</param>
public sealed record BookingConflict(string First, string Second, int Minutes);

/// <summary>How a room is used.</summary>
/// <param name="OpenMinutes">Minutes for which it is open.</param>
/// <param name="BookedMinutes">Open minutes for which it is booked; those booked twice count once.</param>
/// <param name="Utilisation">Share of the open minutes.</param>
/// <param name="Conflicts">Every pair that overlaps, by start.</param>
/// <param name="OutsideOpening">Bookings that do not lie wholly within open periods, by start.</param>
public sealed record RoomUse(int OpenMinutes, int BookedMinutes, double Utilisation, IReadOnlyList<BookingConflict> Conflicts, IReadOnlyList<string> OutsideOpening);

/// <summary>Rooms with opening hours and bookings, and how many rooms a set of bookings needs.</summary>
public static class RoomCalendar
{
    private const int MostBookings = 5000;

    /// <summary>What it is.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "room-calendar",
        Version = "1.0.0",
        Title = "Rooms: bookings, utilisation, conflicts",
        Use = ModelUse.Descriptive,
        Inputs = [new("open", "min", "Open periods from the beginning of the calendar"), new("bookings", "min", "Start and end of each")],
        Outputs = [new("utilisation", "1", "Booked share of open time"), new("conflicts", "min", "Pairs of bookings that overlap"), new("rooms", "1", "Least number of equal rooms that hold all bookings")],
        Sources = ["Interval partitioning: Kleinberg, Tardos 2005, Algorithm Design, 4.1"],
        ValidFor = "Calendars as they are, and the least number of equal rooms for a programme of bookings.",
        NotValidFor = "Demand that was turned away and so is in no calendar; rooms that differ; time to prepare a room unless it is in the bookings. No-shows count as use.",
        Uncertainty = "Exact for the calendar given.",
    };

    /// <summary>How a room is used.</summary>
    /// <param name="open">Periods that do not overlap, in any order; at least one.</param>
    /// <param name="bookings">In any order, ids unique, at most 5,000.</param>
    /// <exception cref="ModelInputException">A period is empty or open periods overlap.</exception>
    public static RoomUse Use(IReadOnlyList<OpenPeriod> open, IReadOnlyList<Booking> bookings)
    {
        var (periods, ordered) = (Checked(open), Checked(bookings));
        var conflicts = new List<BookingConflict>();
        for (var i = 0; i < ordered.Length; i++)
        {
            for (var j = i + 1; j < ordered.Length && ordered[j].Start < ordered[i].End; j++)
            {
                conflicts.Add(new BookingConflict(ordered[i].Id, ordered[j].Id, Math.Min(ordered[i].End, ordered[j].End) - ordered[j].Start));
            }
        }

        var openMinutes = periods.Sum(static period => period.End - period.Start);
        var booked = Merged(ordered).Sum(span => Within(periods, span.Start, span.End));
        var outside = ordered.Where(booking => Within(periods, booking.Start, booking.End) < booking.End - booking.Start).Select(static booking => booking.Id);
        return new RoomUse(openMinutes, booked, (double)booked / openMinutes, conflicts, [.. outside]);
    }

    /// <summary>The least number of equal rooms that hold all bookings: the most that hold at one time.</summary>
    public static int RoomsFor(IReadOnlyList<Booking> bookings)
    {
        var (most, ends) = (0, new PriorityQueue<int, int>());
        foreach (var booking in Checked(bookings))
        {
            while (ends.TryPeek(out _, out var end) && end <= booking.Start)
            {
                ends.Dequeue();
            }

            ends.Enqueue(0, booking.End);
            most = Math.Max(most, ends.Count);
        }

        return most;
    }

    private static int Within(OpenPeriod[] periods, int start, int end) =>
        periods.Sum(period => Math.Max(0, Math.Min(end, period.End) - Math.Max(start, period.Start)));

    /// <summary>The times for which at least one booking holds.</summary>
    private static List<(int Start, int End)> Merged(Booking[] ordered)
    {
        var spans = new List<(int Start, int End)>();
        foreach (var booking in ordered)
        {
            if (spans.Count > 0 && booking.Start <= spans[^1].End)
            {
                spans[^1] = (spans[^1].Start, Math.Max(spans[^1].End, booking.End));
            }
            else
            {
                spans.Add((booking.Start, booking.End));
            }
        }

        return spans;
    }

    private static OpenPeriod[] Checked(IReadOnlyList<OpenPeriod> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        if (open.Count is < 1 or > 5000)
        {
            throw new ModelInputException("open", $"{open.Count} open periods are not between 1 and 5,000.");
        }

        for (var i = 0; i < open.Count; i++)
        {
            CheckPeriod($"open[{i}]", open[i].Start, open[i].End);
        }

        var ordered = open.OrderBy(static period => period.Start).ToArray();
        for (var i = 1; i < ordered.Length; i++)
        {
            if (ordered[i].Start < ordered[i - 1].End)
            {
                throw new ModelInputException("open", $"The periods from minute {ordered[i - 1].Start} and from minute {ordered[i].Start} overlap.");
            }
        }

        return ordered;
    }

    private static Booking[] Checked(IReadOnlyList<Booking> bookings)
    {
        ArgumentNullException.ThrowIfNull(bookings);
        if (bookings.Count > MostBookings)
        {
            throw new ModelInputException("bookings", $"{bookings.Count} bookings are more than {MostBookings}.");
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < bookings.Count; i++)
        {
            CheckPeriod($"bookings[{i}]", bookings[i].Start, bookings[i].End);
            if (!ids.Add(bookings[i].Id))
            {
                throw new ModelInputException($"bookings[{i}].id", $"'{bookings[i].Id}' is given twice.");
            }
        }

        return [.. bookings.OrderBy(static booking => booking.Start).ThenBy(static booking => booking.Id, StringComparer.Ordinal)];
    }

    private static void CheckPeriod(string input, int start, int end)
    {
        if (start < 0 || end <= start || end > 5_300_000)
        {
            throw new ModelInputException(input, $"From minute {start} to {end} is no period within 0 and 5,300,000 (ten years).");
        }
    }
}
