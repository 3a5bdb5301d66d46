using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Economics;

/// <summary>What a payment is for.</summary>
public enum CashFlowKind
{
    /// <summary>Works and equipment bought.</summary>
    Investment,

    /// <summary>Support for an investment.</summary>
    Subsidy,

    /// <summary>Energy bought or sold.</summary>
    EnergyBill,

    /// <summary>Rent and charges.</summary>
    Rent,

    /// <summary>Public transport and shared vehicles.</summary>
    Fare,

    /// <summary>Taxes and duties.</summary>
    Tax,

    /// <summary>Maintenance and operation.</summary>
    Maintenance,

    /// <summary>A loan paid out.</summary>
    Loan,

    /// <summary>Interest on a loan.</summary>
    Interest,

    /// <summary>Repayment of a loan.</summary>
    Repayment,

    /// <summary>Anything bought or hired that the others do not name.</summary>
    Service,
}

/// <summary>One payment: what one actor pays another receives, so that no money comes from nowhere.</summary>
/// <param name="Year">Calendar year.</param>
/// <param name="From">Who pays.</param>
/// <param name="To">Who receives.</param>
/// <param name="Kind">For what.</param>
/// <param name="Amount">In nominal money of the year, over 0, to the cent.</param>
/// <param name="Memo">Which measure or contract it belongs to.</param>
public sealed record CashEntry(int Year, string From, string To, CashFlowKind Kind, decimal Amount, string Memo);

/// <summary>
/// Payments between the actors of a district by year, double entry. <see cref="Outside"/> is an actor as well: everybody
/// whom the scenario does not follow. Amounts are whole cents, so that sums are exact in any order.
/// </summary>
public sealed class CashLedger
{
    /// <summary>The rest of the world.</summary>
    public const string Outside = "outside";

    private readonly Dictionary<string, SortedDictionary<int, decimal>> _net = new(StringComparer.Ordinal);

    /// <summary>A ledger of payments among named actors.</summary>
    /// <param name="currency">ISO 4217, such as <c>EUR</c>.</param>
    /// <param name="actors">Who is followed; <see cref="Outside"/> is added.</param>
    /// <param name="entries">The payments; at most 1,000,000.</param>
    /// <exception cref="ModelInputException">An actor is unknown or pays itself, or an amount is not over 0 in whole cents.</exception>
    public CashLedger(string currency, IReadOnlyList<string> actors, IReadOnlyList<CashEntry> entries)
    {
        Currency = currency.Length == 3 && currency.All(char.IsAsciiLetterUpper)
            ? currency
            : throw new ModelInputException("currency", $"'{currency}' is no ISO 4217 code.");
        foreach (var actor in actors.Append(Outside))
        {
            if (actor.Length == 0 || !_net.TryAdd(actor, []))
            {
                throw new ModelInputException("actors", $"'{actor}' is empty or stands twice; '{Outside}' is always there.");
            }
        }

        if (entries.Count > 1_000_000)
        {
            throw new ModelInputException("entries", $"{entries.Count} are more than 1,000,000.");
        }

        for (var i = 0; i < entries.Count; i++)
        {
            Post($"entries[{i}]", entries[i]);
        }

        (Actors, Entries) = ([.. _net.Keys.Order(StringComparer.Ordinal)], entries);
    }

    /// <summary>What it is, and what it must not be used for.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "cash-ledger",
        Version = "1.0.0",
        Title = "Who pays whom: cash by actor and year",
        Use = ModelUse.Prospective,
        Inputs =
        [
            new("entries", "EUR", "payments: year, from, to, kind, amount in nominal money"),
            new("rates", "1", "the discount rate of each actor"),
            new("index", "1", "prices of each year relative to a base year, for real amounts"),
        ],
        Outputs =
        [
            new("net", "EUR", "what each actor has received less paid, by year; the sum over all actors is 0"),
            new("netPresentValue", "EUR", "by actor, at its own rate"),
            new("gain", "EUR", "by actor, a scenario's present value less another's"),
        ],
        Sources = ["Double-entry bookkeeping", "European Commission, Guide to Cost-Benefit Analysis of Investment Projects (2014), 2.7 (financial analysis)"],
        ValidFor = "Showing who pays and who gains cash in scenarios whose payments are all entered.",
        NotValidFor = "Welfare: health, comfort, carbon and time are not cash and are not in it. An actor with several rates, or the tax of an individual household.",
        Uncertainty = "Exact to the cent for what was entered; the amounts are as uncertain as the models and prices they come from.",
    };

    /// <summary>ISO 4217.</summary>
    public string Currency { get; }

    /// <summary>In the order of their names, with <see cref="Outside"/>.</summary>
    public IReadOnlyList<string> Actors { get; }

    /// <summary>As they were given.</summary>
    public IReadOnlyList<CashEntry> Entries { get; }

    /// <summary>What an actor has received less what it has paid, by year, nominal; years without payments are not there.</summary>
    /// <exception cref="ModelInputException">The actor is unknown.</exception>
    public IReadOnlyDictionary<int, decimal> Net(string actor) => Of("actor", actor);

    /// <summary>The same by kind of payment.</summary>
    /// <exception cref="ModelInputException">The actor is unknown.</exception>
    public IReadOnlyList<ActorYear> Statement(string actor)
    {
        Of("actor", actor);
        return [.. Entries
            .Where(entry => entry.From == actor || entry.To == actor)
            .GroupBy(static entry => (entry.Year, entry.Kind))
            .OrderBy(static group => group.Key)
            .Select(group => new ActorYear(group.Key.Year, group.Key.Kind, group.Where(entry => entry.To == actor).Sum(static entry => entry.Amount), group.Where(entry => entry.From == actor).Sum(static entry => entry.Amount)))];
    }

    /// <summary>Net amounts in the prices of the index's base year.</summary>
    /// <exception cref="ModelInputException">The actor is unknown or the index lacks a year.</exception>
    public IReadOnlyDictionary<int, decimal> Real(string actor, PriceIndex index) =>
        Of("actor", actor).ToDictionary(static year => year.Key, year => year.Value / index[year.Key]);

    /// <summary>What an actor's years are worth in a year of reference, payments at the end of each year; earlier ones bear interest.</summary>
    /// <param name="actor">Whose.</param>
    /// <param name="year">The year of reference.</param>
    /// <param name="rate">Nominal, per year.</param>
    /// <exception cref="ModelInputException">The actor is unknown or the rate out of its range.</exception>
    public decimal NetPresentValue(string actor, int year, decimal rate)
    {
        EconomicInputs.Rate("rate", rate);
        return Discount(Of("actor", actor), year, rate);
    }

    /// <summary>The same from real amounts at a real rate; equal to the nominal one when rate and index fit.</summary>
    /// <exception cref="ModelInputException">The actor is unknown, the index lacks a year or the rate is out of its range.</exception>
    public decimal RealNetPresentValue(string actor, int year, decimal realRate, PriceIndex index)
    {
        EconomicInputs.Rate("realRate", realRate);
        return Discount(Real(actor, index), year, realRate);
    }

    private static decimal Discount(IEnumerable<KeyValuePair<int, decimal>> net, int year, decimal rate) => net.Sum(flow => flow.Key >= year
        ? flow.Value / TimeValue.Growth(rate, flow.Key - year)
        : flow.Value * TimeValue.Growth(rate, year - flow.Key));

    private void Post(string input, CashEntry entry)
    {
        if (entry.Year is < 1900 or > 2300)
        {
            throw new ModelInputException($"{input}.year", $"{entry.Year} is not from 1900 to 2300.");
        }

        if (entry.Amount <= 0 || decimal.Round(entry.Amount, 2) != entry.Amount)
        {
            throw new ModelInputException($"{input}.amount", $"{entry.Amount} {Currency} is not over 0 in whole cents; the direction says who pays.");
        }

        EconomicInputs.Money($"{input}.amount", entry.Amount);
        var (from, to) = (Of($"{input}.from", entry.From), Of($"{input}.to", entry.To));
        if (ReferenceEquals(from, to))
        {
            throw new ModelInputException($"{input}.to", $"'{entry.To}' pays itself.");
        }

        from[entry.Year] = from.GetValueOrDefault(entry.Year) - entry.Amount;
        to[entry.Year] = to.GetValueOrDefault(entry.Year) + entry.Amount;
    }

    private SortedDictionary<int, decimal> Of(string input, string actor) =>
        _net.TryGetValue(actor, out var net) ? net : throw new ModelInputException(input, $"'{actor}' is no actor of this ledger.");
}

/// <summary>What an actor received and paid of one kind in a year.</summary>
/// <param name="Year">Calendar year.</param>
/// <param name="Kind">For what.</param>
/// <param name="Received">0 or more.</param>
/// <param name="Paid">0 or more.</param>
public sealed record ActorYear(int Year, CashFlowKind Kind, decimal Received, decimal Paid);
