namespace Twin.ScenarioEngine.Economics;

/// <summary>Whether an actor is better off.</summary>
public enum GainSign
{
    /// <summary>Better off by more than is material.</summary>
    Gains,

    /// <summary>Worse off by more than is material.</summary>
    Loses,

    /// <summary>Neither by more than is material.</summary>
    Unchanged,
}

/// <summary>What a scenario changes for an actor, compared with another.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Before">Present value in the base.</param>
/// <param name="After">Present value in the scenario.</param>
/// <param name="Sign">Who gains, who loses.</param>
public sealed record ActorGain(string Actor, decimal Before, decimal After, GainSign Sign)
{
    /// <summary>After less before.</summary>
    public decimal Gain => After - Before;
}

/// <summary>Who gains and who loses cash when one scenario is taken for another.</summary>
public static class ActorGains
{
    /// <summary>
    /// Each actor's gain in present value, the greatest first. With one rate for all, gains add up to zero with the
    /// outside's: cash is only moved. With several they do not, as a year's delay is worth more to one than to another.
    /// </summary>
    /// <param name="before">The ledger of the base.</param>
    /// <param name="after">The ledger of the scenario: the same actors and currency.</param>
    /// <param name="year">The year of reference.</param>
    /// <param name="rates">The nominal rate of each actor, <see cref="CashLedger.Outside"/> included.</param>
    /// <param name="material">Less than this is no gain or loss, 0 or more.</param>
    /// <exception cref="ModelInputException">The ledgers do not fit, or an actor has no rate.</exception>
    public static IReadOnlyList<ActorGain> Compare(CashLedger before, CashLedger after, int year, IReadOnlyDictionary<string, decimal> rates, decimal material)
    {
        if (before.Currency != after.Currency || !before.Actors.SequenceEqual(after.Actors))
        {
            throw new ModelInputException("after", "its currency or actors are not those of the base.");
        }

        if (material < 0)
        {
            throw new ModelInputException("material", $"{material} is negative.");
        }

        return [.. before.Actors.Select(actor =>
        {
            var rate = rates.TryGetValue(actor, out var own) ? own : throw new ModelInputException($"rates.{actor}", "there is none.");
            var (was, becomes) = (before.NetPresentValue(actor, year, rate), after.NetPresentValue(actor, year, rate));
            var sign = becomes - was > material ? GainSign.Gains : was - becomes > material ? GainSign.Loses : GainSign.Unchanged;
            return new ActorGain(actor, was, becomes, sign);
        }).OrderByDescending(static gain => gain.Gain).ThenBy(static gain => gain.Actor, StringComparer.Ordinal)];
    }
}
