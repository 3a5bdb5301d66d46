using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Sharing;

/// <summary>What a shared pool gives.</summary>
/// <param name="Units">In the pool.</param>
/// <param name="OfferedLoad">Requests an hour times mean hours of use, Erlang.</param>
/// <param name="Blocking">Share of requests that find every unit taken.</param>
/// <param name="Served">Requests an hour that get a unit.</param>
/// <param name="MeanInUse">Units in use on average.</param>
/// <param name="Utilisation">Mean share of the units in use.</param>
public sealed record PoolOccupancy(int Units, double OfferedLoad, double Blocking, double Served, double MeanInUse, double Utilisation);

/// <summary>
/// A pool of equal things that people share: requests come at random, nobody waits, whoever finds none goes away (Erlang
/// 1917, the loss formula B). By the recurrence <c>B(n) = A B(n-1) / (n + A B(n-1))</c>, which cannot overflow. The shape
/// of the distribution of uses does not matter, only its mean (Sevastyanov 1957).
/// </summary>
public static class ErlangLoss
{
    private const int MostUnits = 1_000_000;

    /// <summary>What it is.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "shared-pool",
        Version = "1.0.0",
        Title = "Shared equipment: size and occupancy of a pool",
        Use = ModelUse.Prospective,
        Inputs = [new("requests", "/h", "Requests an hour, constant"), new("meanUse", "h", "Mean time for which a unit is away"), new("units", "1", "In the pool"), new("blockingBound", "1", "Share of requests that may go unserved")],
        Outputs = [new("blocking", "1", "Share unserved"), new("served", "/h", "Requests served"), new("utilisation", "1", "Mean share in use"), new("units", "1", "Least number that keeps to the bound")],
        Sources = ["Erlang 1917, Elektroteknikeren 13", "Jagerman 1974, Bell System Technical Journal 53(3), doi:10.1002/j.1538-7305.1974.tb02756.x (the recurrence)", "ITU Teletraffic Engineering Handbook, 7 (insensitivity)"],
        ValidFor = "Tools, bicycles, cars and rooms used on the spot, in an hour of constant demand: take the busiest hour.",
        NotValidFor = "Bookings in advance (see the room calendar), people who wait or come again, demand in bursts such as an event, units that differ.",
        Uncertainty = "Exact for requests that come independently of each other; demand that varies more than that is blocked more often than said.",
    };

    /// <summary>Share of requests that find every unit taken.</summary>
    /// <param name="units">0 to 1,000,000.</param>
    /// <param name="offeredLoad">Erlang, at least 0.</param>
    /// <exception cref="ModelInputException">An input is out of its range.</exception>
    public static double Blocking(int units, double offeredLoad)
    {
        if (units is < 0 or > MostUnits)
        {
            throw new ModelInputException("units", $"{units} is not between 0 and {MostUnits}.");
        }

        CheckLoad(offeredLoad);
        var blocking = 1.0;
        for (var n = 1; n <= units; n++)
        {
            blocking = Next(blocking, n, offeredLoad);
        }

        return blocking;
    }

    /// <summary>The least number of units with which at most so many requests find none.</summary>
    /// <param name="offeredLoad">Erlang, 0 to 500,000.</param>
    /// <param name="blockingBound">Over 0 and below 1.</param>
    /// <exception cref="ModelInputException">An input is out of its range, or a million units do not suffice.</exception>
    public static int UnitsFor(double offeredLoad, double blockingBound)
    {
        CheckLoad(offeredLoad);
        if (!(blockingBound > 0 && blockingBound < 1))
        {
            throw new ModelInputException("blockingBound", $"{blockingBound} is not between 0 and 1.");
        }

        var (blocking, units) = (1.0, 0);
        while (blocking > blockingBound)
        {
            if (++units > MostUnits)
            {
                throw new ModelInputException("offeredLoad", $"{offeredLoad} Erlang needs more than {MostUnits} units.");
            }

            blocking = Next(blocking, units, offeredLoad);
        }

        return units;
    }

    /// <summary>What a pool gives in an hour of constant demand.</summary>
    /// <param name="units">In the pool, 1 to 1,000,000.</param>
    /// <param name="requests">An hour, at least 0.</param>
    /// <param name="meanUse">Hours for which a unit is away, over 0.</param>
    /// <exception cref="ModelInputException">An input is out of its range.</exception>
    public static PoolOccupancy Occupancy(int units, double requests, double meanUse)
    {
        if (units < 1)
        {
            throw new ModelInputException("units", $"{units} is not at least 1.");
        }

        if (!(requests >= 0 && double.IsFinite(requests)))
        {
            throw new ModelInputException("requests", $"{requests} an hour is not at least 0 and finite.");
        }

        if (!(meanUse > 0 && double.IsFinite(meanUse)))
        {
            throw new ModelInputException("meanUse", $"{meanUse} h is not over 0 and finite.");
        }

        var blocking = Blocking(units, requests * meanUse);
        var served = requests * (1 - blocking);
        return new PoolOccupancy(units, requests * meanUse, blocking, served, served * meanUse, served * meanUse / units);
    }

    private static double Next(double blocking, int units, double offeredLoad) => offeredLoad * blocking / (units + (offeredLoad * blocking));

    private static void CheckLoad(double offeredLoad)
    {
        if (!(offeredLoad >= 0 && double.IsFinite(offeredLoad)))
        {
            throw new ModelInputException("offeredLoad", $"{offeredLoad} Erlang is not at least 0 and finite.");
        }
    }
}
