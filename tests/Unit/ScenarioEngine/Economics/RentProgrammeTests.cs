using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Economics;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Economics;

/// <summary>Phases, ramps and indexed rents.</summary>
public sealed class RentProgrammeTests
{
    private static readonly ValidationRecord Page = new("rent-programme");

    private static readonly ProgrammePhase[] Phases =
    [
        new("hall A", "office", 1_000, 2027, 120, [0.5m, 0.8m, 0.95m], 30),
        new("hall B", "workshop", 2_500, 2029, 60, [0.4m, 0.9m], 20),
    ];

    [Fact]
    public void Two_phases_ramp_up_as_by_hand()
    {
        var years = RentProgramme.Run(Phases, 2026, 2031, PriceIndex.Constant(2026, 2031, 0.02m)).ToDictionary(static year => year.Year);

        Assert.Equal((0m, 0m, 0m, null), (years[2026].Delivered, years[2026].Let, years[2026].Rent, years[2026].Occupancy));
        Assert.Equal((1_000m, 500m), (years[2027].Delivered, years[2027].Let));
        Assert.Equal((3_500m, 1_950m), (years[2029].Delivered, years[2029].Let));
        // 500·120·1.02; 950·120·1.02³ + 1000·60·1.02³; 950·120·1.02⁵ + 2250·60·1.02⁵.
        Page.Near("rent of the first year", (double)years[2027].Rent, 61_200, 0.005, "EUR", "by hand");
        Page.Near("rent when the second phase opens", (double)years[2029].Rent, 184_650.19, 0.011, "EUR", "by hand");
        Page.Near("rent when both are let", (double)years[2031].Rent, 274_916.12, 0.011, "EUR", "by hand");
        Page.Near("cost of what is vacant in the first year", (double)years[2027].VacancyCost, 15_300, 0.005, "EUR", "by hand");
    }

    [Fact]
    public void Later_delivery_and_slower_ramps_never_let_more() =>
        Gen.Select(Gen.Int[2026, 2040], Gen.Int[0, 5], Gen.Int[0, 100].Array[1, 6]).Sample((year, delay, shares) =>
        {
            decimal[] ramp = [.. shares.Order().Select(static share => share / 100m)];
            var phase = new ProgrammePhase("p", "office", 777, year, 99, ramp, 11);
            var index = PriceIndex.Constant(2026, 2060, 0.015m);
            var early = RentProgramme.Run([phase], 2026, 2060, index);
            Assert.All(RentProgramme.Run([phase with { DeliveryYear = year + delay }], 2026, 2060, index).Zip(early), static pair => Assert.True(pair.First.Rent <= pair.Second.Rent));
            Assert.All(RentProgramme.Run([phase with { OccupancyRamp = [.. ramp.Select(static share => share / 2)] }], 2026, 2060, index).Zip(early), static pair => Assert.True(pair.First.Let <= pair.Second.Let));
            Assert.All(early, static one => Assert.True(one.Let <= one.Delivered && one.Let >= 0));
        }, iter: 100);

    [Fact]
    public void Its_entries_are_the_rents_of_tenants_to_the_owner()
    {
        var index = PriceIndex.Constant(2026, 2031, 0.02m);
        var ledger = new CashLedger("EUR", ["owner", "tenants"], RentProgramme.Entries(Phases, 2026, 2031, index, "owner", "tenants", "halls"));

        Assert.Equal(RentProgramme.Run(Phases, 2026, 2031, index).Sum(static year => year.Rent), -ledger.Net("tenants").Values.Sum());
        Assert.Equal(0m, ledger.Actors.Sum(actor => ledger.Net(actor).Values.Sum()));
    }

    [Fact]
    public void A_phase_that_is_none_is_refused_by_name()
    {
        Assert.Equal("phases[0].floorArea", Refused(Phases[0] with { FloorArea = -1 }));
        Assert.Equal("phases[0].occupancyRamp", Refused(Phases[0] with { OccupancyRamp = [] }));
        Assert.Equal("phases[0].occupancyRamp", Refused(Phases[0] with { OccupancyRamp = [1.1m] }));
        Assert.Equal("phases[0].rent", Refused(Phases[0] with { Rent = -1 }));
        Assert.Equal("phases[1].name", Assert.Throws<ModelInputException>(static () => RentProgramme.Run([Phases[0], Phases[0]], 2026, 2030, PriceIndex.Constant(2026, 2030, 0))).Input);
        Assert.Equal("index", Assert.Throws<ModelInputException>(static () => RentProgramme.Run(Phases, 2026, 2032, PriceIndex.Constant(2026, 2031, 0))).Input);
    }

    private static string Refused(ProgrammePhase phase) => Assert.Throws<ModelInputException>(() => RentProgramme.Run([phase], 2026, 2030, PriceIndex.Constant(2026, 2030, 0))).Input;
}
