using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Economics;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Economics;

/// <summary>A ledger by actor: no money from nowhere, nominal and real the same, gains and losses by name.</summary>
public sealed class CashLedgerTests
{
    private static readonly string[] Actors = ["town hall", "owner", "tenants", "energy community", "operator", "state"];
    private static readonly ValidationRecord Page = new("cash-ledger");

    private static readonly Gen<CashEntry[]> Payments = Gen.Select(Gen.Int[2026, 2050], Gen.Int[0, 6], Gen.Int[1, 6], Gen.Int[0, 10], Gen.Int[1, 100_000_000])
        .Select(static (year, from, step, kind, cents) => new CashEntry(year, Name(from), Name((from + step) % 7), (CashFlowKind)kind, cents / 100m, "x")).Array[0, 60];

    [Fact]
    public void What_all_actors_and_the_outside_net_is_zero_in_every_year() => Payments.Sample(entries =>
    {
        var ledger = new CashLedger("EUR", Actors, entries);
        foreach (var year in entries.Select(static entry => entry.Year).Distinct())
        {
            Assert.Equal(0m, ledger.Actors.Sum(actor => ledger.Net(actor).GetValueOrDefault(year)));
        }

        foreach (var actor in ledger.Actors)
        {
            Assert.Equal(ledger.Net(actor).Values.Sum(), ledger.Statement(actor).Sum(static row => row.Received - row.Paid));
        }
    }, iter: 300);

    [Fact]
    public void The_order_of_entries_changes_nothing() => Payments.Sample(entries =>
    {
        var (one, other) = (new CashLedger("EUR", Actors, entries), new CashLedger("EUR", Actors, [.. entries.Reverse()]));
        Assert.All(one.Actors, actor => Assert.Equal(one.NetPresentValue(actor, 2026, 0.03m), other.NetPresentValue(actor, 2026, 0.03m)));
    }, iter: 100);

    [Fact]
    public void Present_values_at_one_rate_add_up_to_zero_and_are_the_same_in_real_money() => Payments.Sample(entries =>
    {
        var ledger = new CashLedger("EUR", Actors, entries);
        var index = PriceIndex.Constant(2026, 2050, 0.02m);
        var real = TimeValue.RealRate(0.045m, 0.02m);
        Assert.Equal(0m, Math.Round(ledger.Actors.Sum(actor => ledger.NetPresentValue(actor, 2026, 0.045m)), 12));
        Assert.All(ledger.Actors, actor => Assert.Equal(Math.Round(ledger.NetPresentValue(actor, 2026, 0.045m), 10), Math.Round(ledger.RealNetPresentValue(actor, 2026, real, index), 10)));
    }, iter: 100);

    [Fact]
    public void A_loan_is_repaid_to_the_cent() => Gen.Select(Gen.Int[1, 100_000_000], Gen.Int[0, 1500], Gen.Int[1, 40]).Sample((cents, basisPoints, years) =>
    {
        var entries = CashFlows.Loan("bank", "owner", cents / 100m, basisPoints / 10_000m, 2026, years, "loan");
        var ledger = new CashLedger("EUR", ["bank", "owner"], entries);
        Assert.Equal(cents / 100m, entries.Where(static entry => entry.Kind == CashFlowKind.Repayment).Sum(static entry => entry.Amount));
        // At its own rate a loan is worth nothing to either, but for the cents of rounding.
        Assert.True(Math.Abs(ledger.NetPresentValue("bank", 2026, basisPoints / 10_000m)) < 0.01m * (years + 1));
    }, iter: 200);

    [Fact]
    public void A_retrofit_with_a_subsidy_says_who_gains_and_who_loses()
    {
        var index = PriceIndex.Constant(2026, 2046, 0);
        CashEntry[] Bills(decimal amount) => [.. CashFlows.Yearly("tenants", CashLedger.Outside, CashFlowKind.EnergyBill, amount, 2027, 2046, index, "bills")];
        CashEntry[] works =
        [
            new(2026, "owner", CashLedger.Outside, CashFlowKind.Investment, 20_000m, "retrofit"),
            new(2026, "state", "owner", CashFlowKind.Subsidy, 8_000m, "retrofit"),
            .. CashFlows.Yearly("tenants", "owner", CashFlowKind.Rent, 600m, 2027, 2046, index, "rise of the rent"),
        ];
        var (before, after) = (new CashLedger("EUR", Actors, Bills(2_000)), new CashLedger("EUR", Actors, [.. works, .. Bills(900)]));
        var rates = before.Actors.ToDictionary(static actor => actor, static _ => 0.04m);

        var gains = ActorGains.Compare(before, after, 2026, rates, material: 1).ToDictionary(static gain => gain.Actor);

        // The annuity factor of 20 years at 4 % is 13.590326.
        const string Hand = "by hand with the annuity factor 13.590326 of 20 years at 4 %";
        Page.Near("gain of the tenants: 500 less a year", (double)gains["tenants"].Gain, 6795.163, 1e-3, "EUR", Hand);
        Page.Near("gain of the owner: rents less works", (double)gains["owner"].Gain, -3845.804, 1e-3, "EUR", Hand);
        Page.Near("gain of the state: the subsidy", (double)gains["state"].Gain, -8000, 1e-9, "EUR", Hand);
        Page.Near("gain of the outside: works less bills", (double)gains[CashLedger.Outside].Gain, 5050.641, 1e-3, "EUR", Hand);
        Assert.Equal((GainSign.Gains, GainSign.Loses, GainSign.Unchanged), (gains["tenants"].Sign, gains["owner"].Sign, gains["operator"].Sign));
        Assert.Equal(0m, Math.Round(gains.Values.Sum(static gain => gain.Gain), 12));
    }

    [Fact]
    public void A_payment_that_is_none_is_refused_by_name()
    {
        Assert.Equal("entries[0].amount", Refused(new CashEntry(2026, "owner", "state", CashFlowKind.Tax, -5, "")));
        Assert.Equal("entries[0].amount", Refused(new CashEntry(2026, "owner", "state", CashFlowKind.Tax, 0.005m, "")));
        Assert.Equal("entries[0].to", Refused(new CashEntry(2026, "owner", "owner", CashFlowKind.Tax, 5, "")));
        Assert.Equal("entries[0].from", Refused(new CashEntry(2026, "nobody", "owner", CashFlowKind.Tax, 5, "")));
        Assert.Equal("entries[0].year", Refused(new CashEntry(26, "state", "owner", CashFlowKind.Tax, 5, "")));
        Assert.Equal("currency", Assert.Throws<ModelInputException>(static () => new CashLedger("euro", Actors, [])).Input);
        Assert.Equal("actors", Assert.Throws<ModelInputException>(static () => new CashLedger("EUR", ["a", "a"], [])).Input);
        Assert.Equal("index", Assert.Throws<ModelInputException>(static () => PriceIndex.Constant(2026, 2030, 0.02m)[2031]).Input);
        var ledger = new CashLedger("EUR", ["a"], []);
        Assert.Equal("rates.a", Assert.Throws<ModelInputException>(() => ActorGains.Compare(ledger, ledger, 2026, new Dictionary<string, decimal>(), 0)).Input);
    }

    private static string Refused(CashEntry entry) => Assert.Throws<ModelInputException>(() => new CashLedger("EUR", Actors, [entry])).Input;

    private static string Name(int actor) => actor == 6 ? CashLedger.Outside : Actors[actor];
}
