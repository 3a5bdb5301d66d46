using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.Carbon;
using Twin.ScenarioEngine.Economics;
using Twin.ScenarioEngine.HeatPumps;
using Twin.ScenarioEngine.Indicators;
using Twin.ScenarioEngine.Photovoltaics;
using Twin.ScenarioEngine.Results;
using Twin.ScenarioEngine.SelfConsumption;
using Twin.ScenarioEngine.Sharing;
using Twin.ScenarioEngine.Traffic;

namespace Twin.ScenarioEngine.Models;

/// <summary>The cards of the models of this build.</summary>
internal static class ModelCatalogue
{
    /// <summary>All of them, by id.</summary>
    public static IReadOnlyList<ModelCard> All { get; } =
    [
        .. new[]
        {
            BuildingModel.Card,
            CashLedger.Card,
            CollectiveSelfConsumption.Card,
            ComplementaryUse.Card,
            DiscountedCashFlow.Card,
            EnergyIndicators.Card,
            EnergyLabel.Card,
            ErlangLoss.Card,
            HeatPump.Card,
            OperationalCarbon.Card,
            PvWatts.Card,
            RentProgramme.Card,
            RoomCalendar.Card,
            ScenarioComparison.Card,
            UserEquilibrium.Card,
        }.OrderBy(static card => card.Id, StringComparer.Ordinal),
    ];

    /// <summary>The card of a model; null when there is none of that id.</summary>
    public static ModelCard? Find(string id) => All.FirstOrDefault(card => card.Id == id);
}
