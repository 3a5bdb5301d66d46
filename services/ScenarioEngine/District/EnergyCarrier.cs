namespace Twin.ScenarioEngine.District;

/// <summary>What energy is delivered as.</summary>
internal enum EnergyCarrier
{
    /// <summary>From the public grid.</summary>
    Electricity,

    /// <summary>From the public network.</summary>
    NaturalGas,

    /// <summary>Heating oil.</summary>
    Oil,

    /// <summary>Wood as logs, chips or pellets.</summary>
    Biomass,

    /// <summary>From a heat network.</summary>
    DistrictHeat,
}

/// <summary>The carriers with their words in JSON.</summary>
internal static class EnergyCarriers
{
    /// <summary>All of them.</summary>
    public static readonly (string Word, EnergyCarrier Carrier)[] All =
    [
        ("electricity", EnergyCarrier.Electricity), ("naturalGas", EnergyCarrier.NaturalGas), ("oil", EnergyCarrier.Oil), ("biomass", EnergyCarrier.Biomass), ("districtHeat", EnergyCarrier.DistrictHeat),
    ];
}
