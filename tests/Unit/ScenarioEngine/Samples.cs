using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>Interventions of every kind, and entities that they fit.</summary>
internal static class Samples
{
    public const string Zone = """
        {"variant":"iso13790","floorArea":100,"volume":300,"internalSurfaceArea":450,"massArea":250,"heatCapacity":16500000,"surfaceCoefficient":3.45,
         "opaque":[{"kind":"wall","area":120,"uValue":0.3,"temperatureFactor":1,"plane":null,"solarAbsorptance":0.6}],"windows":[],
         "ventilation":0.5,"infiltration":0.1,"heatRecovery":0,"skyTemperatureDifference":11,"internalGains":300,"heatingSetPoint":20,"coolingSetPoint":26,
         "heatingCapacity":10000,"coolingCapacity":0}
        """;

    public const string Square = "[[[7.3,47.7],[7.301,47.7],[7.301,47.701],[7.3,47.701],[7.3,47.7]]]";

    /// <summary>One of each kind: those that change fit <see cref="Entity"/> of <c>urn:b:1</c>, <c>urn:p:1</c> or <c>urn:a:1</c>.</summary>
    public static readonly string[] All =
    [
        """{"type":"addPhotovoltaics","entity":"urn:b:1","peakPower":9000,"tilt":30,"azimuth":180,"losses":0.14}""",
        """{"type":"battery","entity":"urn:b:1","capacity":12.5,"power":5,"chargeEfficiency":0.95,"dischargeEfficiency":0.96}""",
        $$"""{"type":"build","entity":"urn:b:new","validFrom":"2030-01-01T00:00:00Z","name":"Tower","category":"apartments","footprint":{{Square}},"floors":5,"height":16,"thermalZone":{{Zone}},"heatSupply":{"kind":"groundHeatPump","flowTemperature":35,"hotWaterTemperature":55,"groundTemperature":9},"coolingPerformance":0,"electricityUse":800,"hotWaterUse":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24],"district":"urn:a:1","parcel":"urn:p:1"}""",
        """{"type":"changeAttribute","entity":"urn:b:1","attribute":"https://schema.org/height","value":14.5,"unitCode":"MTR"}""",
        """{"type":"chargePoints","entity":"urn:c:new","name":"Gate","place":[7.3,47.7],"count":4,"power":22}""",
        """{"type":"climate","entity":"urn:a:1","weather":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}""",
        """{"type":"convertUse","entity":"urn:b:1","category":"offices","internalGains":900,"heatingSetPoint":21,"occupants":40}""",
        """{"type":"demolish","entity":"urn:b:1","with":["urn:pv:1"]}""",
        """{"type":"heatSupply","entity":"urn:b:1","kind":"gasBoiler","efficiency":0.92}""",
        """{"type":"plantTrees","entity":"urn:t:new","positions":[[7.3,47.7],[7.31,47.71]],"species":"Tilia cordata","height":4,"crownDiameter":2}""",
        $$"""{"type":"plantTrees","entity":"urn:t:grove","area":{{Square}},"count":50,"species":"broadleaf","height":4,"crownDiameter":3}""",
        """{"type":"population","entity":"urn:a:1","residents":1200,"jobs":400}""",
        """{"type":"removeEntity","entity":"urn:b:1"}""",
        """{"type":"retrofit","entity":"urn:b:1","wall":{"uValue":0.2},"infiltration":0.05}""",
        """{"type":"sharedPool","entity":"urn:s:new","category":"cargoBikes","units":6,"place":[7.3,47.7],"locatedIn":"urn:b:1"}""",
        """{"type":"shuttleLine","entity":"urn:l:new","name":"N1","stops":[{"name":"West","place":[7.3,47.7]},{"name":"East","place":[7.31,47.7]}],"headway":10,"fleet":2,"speed":18,"capacity":12,"hours":{"from":6,"until":22.5}}""",
        """{"type":"tariff","entity":"urn:a:1","name":"Evening","prices":{"electricity":0.31,"naturalGas":0.11},"exportPrice":0.06}""",
        """{"type":"unseal","entity":"urn:p:1","area":40,"cover":"meadow"}""",
    ];

    private static readonly string[] Entities =
    [
        """{"id":"urn:b:1","type":"Building","https://schema.org/height":{"type":"Property","value":10,"unitCode":"MTR"},"thermalZone":{"type":"Property","value":""" + Zone + "}}",
        """{"id":"urn:pv:1","type":"PhotovoltaicDevice","tilt":{"type":"Property","value":10}}""",
        """{"id":"urn:p:1","type":"CadastralParcel","https://twin.federation/ns#area":{"type":"Property","value":200,"unitCode":"MTK"},"https://twin.federation/ns#sealedShare":{"type":"Property","value":60,"unitCode":"P1"}}""",
        """{"id":"urn:a:1","type":"AdministrativeArea","energyTerms":{"type":"Property","value":{"carriers":{"electricity":{"renewable":0.2,"nonRenewable":2.3,"carbon":0.06,"price":0.25},"naturalGas":{"renewable":0,"nonRenewable":1.1,"carbon":0.2,"price":0.1}},"exportPrice":0.1,"sharing":"none"}}}""",
    ];

    public static EntityDocument? Entity(string id) => Entities
        .Select(static json => EntityOperations.Create(EntityParser.ParseEntity(System.Text.Encoding.UTF8.GetBytes(json), JsonLdContext.Core, ParseOptions.Entity), 1))
        .FirstOrDefault(one => one.Id == id);

    public static Intervention Read(string json) => Content($"[{json}]").Interventions[0];

    public static ScenarioContent Content(string list)
    {
        using var document = JsonDocument.Parse(list);
        return ScenarioContent.Of(new ScenarioBase(""), InterventionReader.ReadAll(document.RootElement, JsonLdContext.Core, "/interventions", 10_000));
    }

    /// <summary>An attribute's value as JSON.</summary>
    public static string? Value(EntityDocument? entity, string attribute) => entity is null ? null : BuildingAttributes.Find(entity, DistrictVocabulary.Iri(attribute))?.ToJsonString();
}
