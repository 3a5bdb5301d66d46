using CsCheck;
using Twin.NgsiLd;
using Twin.ScenarioEngine.Interventions;
using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.State;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>What each kind of intervention takes, writes and does.</summary>
public sealed class InterventionTests
{
    public static TheoryData<string> Every => [.. Samples.All];

    [Theory]
    [MemberData(nameof(Every))]
    public void An_intervention_comes_back_as_it_was_written_and_fits_what_it_is_for(string json)
    {
        var content = Samples.Content($"[{json}]");

        Assert.Equal(content.Hash, ScenarioContent.Of(content.Base, ScenarioContent.Read(content.Canonical).Interventions).Hash);
        var state = new ScenarioState(content, 2, null);
        foreach (var id in state.Touched)
        {
            state.Check(id, Samples.Entity(id));
        }
    }

    [Fact]
    public void There_is_a_sample_of_each_kind() =>
        Assert.Equal(InterventionReader.Names, Samples.All.Select(static json => Samples.Read(json).Type).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Every))]
    public void A_member_that_a_kind_does_not_know_is_refused(string json) =>
        Assert.Equal("/interventions/0/colour", Assert.Throws<NgsiLdException>(() => Samples.Read(json[..^1] + ",\"colour\":1}")).Member);

    [Theory]
    [InlineData("""{"type":"battery","entity":"urn:b:1","capacity":-1,"power":5,"chargeEfficiency":1,"dischargeEfficiency":1}""", "capacity")]
    [InlineData("""{"type":"battery","entity":"urn:b:1","capacity":1,"power":5,"chargeEfficiency":1.1,"dischargeEfficiency":1}""", "chargeEfficiency")]
    [InlineData("""{"type":"heatSupply","entity":"urn:b:1","kind":"coal","efficiency":0.9}""", "kind")]
    [InlineData("""{"type":"heatSupply","entity":"urn:b:1","kind":"airHeatPump"}""", "flowTemperature")]
    [InlineData("""{"type":"heatSupply","entity":"urn:b:1","kind":"airHeatPump","flowTemperature":45,"hotWaterTemperature":55,"efficiency":3}""", "efficiency")]
    [InlineData("""{"type":"plantTrees","positions":[[190,47]],"species":"x","height":4,"crownDiameter":2}""", "positions/0")]
    [InlineData("""{"type":"plantTrees","area":[[[7.3,47.7],[7.3001,47.7],[7.3001,47.7001],[7.3,47.7]]],"count":100,"species":"x","height":4,"crownDiameter":5}""", "count")]
    [InlineData("""{"type":"plantTrees","area":[[[7.3,47.7],[7.3001,47.7],[7.3,47.7]]],"count":1,"species":"x","height":4,"crownDiameter":5}""", "area/0")]
    [InlineData("""{"type":"plantTrees","species":"x","height":4,"crownDiameter":5}""", "")]
    [InlineData("""{"type":"unseal","entity":"urn:p:1","area":0,"cover":"lawn"}""", "area")]
    [InlineData("""{"type":"unseal","entity":"urn:p:1","area":5,"cover":"asphalt"}""", "cover")]
    [InlineData("""{"type":"population","entity":"urn:a:1"}""", "")]
    [InlineData("""{"type":"population","entity":"urn:a:1","jobs":1.5}""", "jobs")]
    [InlineData("""{"type":"climate","entity":"urn:a:1","weather":"Mulhouse"}""", "weather")]
    [InlineData("""{"type":"tariff","entity":"urn:a:1","name":"x","prices":{"coal":1}}""", "prices/coal")]
    [InlineData("""{"type":"tariff","entity":"urn:a:1","name":"x"}""", "")]
    [InlineData("""{"type":"convertUse","entity":"urn:b:1","category":"offices","internalGains":[1,2,3]}""", "internalGains")]
    [InlineData("""{"type":"shuttleLine","name":"x","stops":[{"name":"a","place":[7,47]}],"headway":10,"fleet":1,"speed":20,"capacity":8,"hours":{"from":6,"until":22}}""", "stops")]
    [InlineData("""{"type":"shuttleLine","name":"x","stops":[{"name":"a","place":[7,47]},{"name":"b","place":[7,47.1]}],"headway":10,"fleet":1,"speed":20,"capacity":8,"hours":{"from":22,"until":6}}""", "hours")]
    [InlineData("""{"type":"demolish","entity":"urn:b:1","with":["urn:b:1"]}""", "with/0")]
    [InlineData("""{"type":"build","category":"x","footprint":[[[7.3,47.7],[7.3001,47.7],[7.3001,47.7001],[7.3,47.7]]],"floors":1,"height":3,"thermalZone":{"variant":"iso13790"}}""", "thermalZone/floorArea")]
    [InlineData("""{"type":"build","category":"x","footprint":[[[7.3,47.7],[7.3001,47.7],[7.3001,47.7001],[7.3,47.7]]],"floors":1,"height":3,"thermalZone":{"variant":"iso13790","floorArea":1,"volume":1,"internalSurfaceArea":1,"massArea":1,"heatCapacity":1,"surfaceCoefficient":1,"opaque":[{"kind":"wall","area":-2,"uValue":1,"temperatureFactor":1,"plane":null,"solarAbsorptance":0}],"windows":[],"ventilation":0,"infiltration":0,"heatRecovery":0,"skyTemperatureDifference":11,"internalGains":0,"heatingSetPoint":20,"coolingSetPoint":26,"heatingCapacity":1,"coolingCapacity":0}}""", "thermalZone/opaque/0/area")]
    public void What_is_out_of_bounds_contradictory_or_missing_is_refused_by_its_path(string json, string member) =>
        Assert.Equal(("/interventions/0/" + member).TrimEnd('/'), Assert.Throws<NgsiLdException>(() => Samples.Read(json)).Member);

    [Theory]
    [InlineData("""{"type":"unseal","entity":"urn:p:1","area":121,"cover":"lawn"}""", "area")]
    [InlineData("""{"type":"unseal","entity":"urn:b:1","area":1,"cover":"lawn"}""", "entity")]
    [InlineData("""{"type":"demolish","entity":"urn:p:1"}""", "entity")]
    [InlineData("""{"type":"demolish","entity":"urn:b:1","with":["urn:pv:2"]}""", "with/0")]
    [InlineData("""{"type":"removeEntity","entity":"urn:b:2"}""", "entity")]
    [InlineData("""{"type":"changeAttribute","entity":"urn:b:1","attribute":"https://schema.org/height","value":1,"unitCode":"CMT"}""", "unitCode")]
    [InlineData("""{"type":"changeAttribute","entity":"urn:b:1","attribute":"thermalZone","value":1,"unitCode":"CMT"}""", "unitCode")]
    [InlineData("""{"type":"convertUse","entity":"urn:b:1","category":"x","heatingSetPoint":27}""", "heatingSetPoint")]
    [InlineData("""{"type":"tariff","entity":"urn:a:1","name":"x","prices":{"oil":0.1}}""", "prices/oil")]
    [InlineData("""{"type":"sharedPool","entity":"urn:b:1","category":"tools","units":1,"place":[7,47]}""", "entity")]
    public void What_does_not_fit_the_twin_is_refused_by_its_path(string json, string member) =>
        Assert.Equal("/interventions/0/" + member, Fault($"[{json}]").Member);

    [Fact]
    public void Unsealing_takes_from_the_sealed_share_and_adds_to_the_cover()
    {
        var parcel = After("urn:p:1", """{"type":"unseal","entity":"urn:p:1","area":40,"cover":"meadow"},{"type":"unseal","entity":"urn:p:1","area":10,"cover":"meadow"}""");

        Assert.Equal("35", Samples.Value(parcel, "sealedShare"));
        Assert.Equal("""{"meadow":50}""", Samples.Value(parcel, "unsealedCover"));
    }

    [Fact]
    public void A_heat_generator_is_the_value_that_the_energy_models_read()
    {
        Assert.Equal("""{"kind":"boiler","carrier":"naturalGas","efficiency":0.92}""", Samples.Value(After("urn:b:1", """{"type":"heatSupply","entity":"urn:b:1","kind":"gasBoiler","efficiency":0.92}"""), "heatSupply"));
        Assert.Equal("""{"kind":"heatPump","source":"air","flowTemperature":45,"hotWaterTemperature":55}""", Samples.Value(After("urn:b:1", """{"type":"heatSupply","entity":"urn:b:1","kind":"airHeatPump","flowTemperature":45,"hotWaterTemperature":55}"""), "heatSupply"));
    }

    [Fact]
    public void A_tariff_changes_prices_and_leaves_the_factors() => Assert.Equal(
        """{"carriers":{"electricity":{"renewable":0.2,"nonRenewable":2.3,"carbon":0.06,"price":0.31},"naturalGas":{"renewable":0,"nonRenewable":1.1,"carbon":0.2,"price":0.1}},"exportPrice":0.06,"sharing":"none"}""",
        Samples.Value(After("urn:a:1", """{"type":"tariff","entity":"urn:a:1","name":"Evening","prices":{"electricity":0.31},"exportPrice":0.06}"""), "energyTerms"));

    [Fact]
    public void A_line_comes_with_its_stops_and_vehicles_and_later_interventions_may_address_what_earlier_ones_added()
    {
        var line = Samples.All.First(static json => json.Contains("shuttleLine", StringComparison.Ordinal));

        Assert.Equal(["urn:l:new", "urn:l:new:stop-1", "urn:l:new:stop-2", "urn:l:new:vehicle-1", "urn:l:new:vehicle-2"], Samples.Read(line).Touches);
        Assert.Equal("20", Samples.Value(After("urn:l:new:vehicle-2", line + """,{"type":"changeAttribute","entity":"urn:l:new:vehicle-2","attribute":"https://smartdatamodels.org/dataModel.Building/peopleCapacity","value":20}"""), "peopleCapacity"));
    }

    [Fact]
    public void Without_an_id_an_addition_has_one_of_its_content_and_the_same_twice_is_refused()
    {
        const string Pool = """{"type":"sharedPool","category":"tools","units":3,"place":[7.3,47.7]}""";
        const string Same = """{"place":[7.30,4.77e1],"units":3.0,"category":"tools","type":"sharedPool"}""";

        Assert.Equal(Samples.Read(Pool).Entity, Samples.Read(Same).Entity);
        Assert.StartsWith("urn:ngsi-ld:SharedEquipment:", Samples.Read(Pool).Entity, StringComparison.Ordinal);
        Assert.NotEqual(Samples.Read(Pool).Entity, Samples.Read(Pool.Replace("3", "4", StringComparison.Ordinal)).Entity);
        Assert.Equal("/interventions/1/entity", Fault($"[{Pool},{Same}]").Member);
    }

    [Fact]
    public void An_intervention_at_a_time_before_the_one_that_adds_its_entity_is_refused()
    {
        const string Built = """{"type":"sharedPool","entity":"urn:s:new","validFrom":"2030-01-01T00:00:00Z","category":"tools","units":3,"place":[7.3,47.7]}""";
        const string Change = """{"type":"changeAttribute","entity":"urn:s:new","attribute":"units","value":5,"validFrom":"YEAR-01-01T00:00:00Z"}""";

        var fault = Fault($"[{Built},{Change.Replace("YEAR", "2029", StringComparison.Ordinal)}]");
        Assert.Equal("/interventions/1/entity", fault.Member);
        Assert.StartsWith("At 2029-01-01T00:00:00Z: ", fault.Message, StringComparison.Ordinal);
        Assert.Equal("/interventions/0/entity", Fault($"[{Change.Replace("YEAR", "2031", StringComparison.Ordinal)},{Built}]").Member);
        Check($"[{Built},{Change.Replace("YEAR", "2031", StringComparison.Ordinal)}]");
        Assert.Equal("/interventions/1/entity", Fault("""[{"type":"removeEntity","entity":"urn:b:1"},{"type":"population","entity":"urn:b:1","jobs":1}]""").Member);
        Check("""[{"type":"removeEntity","entity":"urn:b:1","validFrom":"2040-01-01T00:00:00Z"},{"type":"sharedPool","entity":"urn:b:1","category":"tools","units":3,"place":[7.3,47.7],"validFrom":"2041-01-01T00:00:00Z"}]""");
    }

    [Fact]
    public void Trees_lie_in_their_area_and_outside_of_its_holes()
    {
        var trees = (PlantTrees)Samples.Read("""{"type":"plantTrees","area":[[[7.3,47.7],[7.302,47.7],[7.302,47.702],[7.3,47.702],[7.3,47.7]],[[7.3005,47.7005],[7.3005,47.7015],[7.3015,47.7015],[7.3015,47.7005],[7.3005,47.7005]]],"count":300,"species":"x","height":4,"crownDiameter":2}""");

        Assert.Equal(300, trees.Places.Distinct().Count());
        Assert.All(trees.Places, static place => Assert.True(
            place is { Longitude: > 7.3 and < 7.302, Latitude: > 47.7 and < 47.702 } and not { Longitude: > 7.3005 and < 7.3015, Latitude: > 47.7005 and < 47.7015 }));
        // A degree is 111,195 m of latitude, 74,836 m of longitude there.
        Assert.Equal(0.75 * 0.002 * 0.002 * 111_195 * 74_836, trees.Area!.Size, 0.001 * 25_000);
    }

    /// <summary>What is in effect at a time follows from the list alone, not from how the list is walked.</summary>
    [Fact]
    public void A_list_that_is_taken_has_a_state_at_every_time() =>
        Gen.Select(Gen.Int[0, 5].Array[1, 8], Gen.Int[0, 3].Array[8]).Sample((years, whats) =>
        {
            var list = "[" + string.Join(',', years.Select((year, i) => whats[i] switch
            {
                0 => $$"""{"type":"sharedPool","entity":"urn:s:new","category":"tools","units":3,"place":[7.3,47.7],"validFrom":"203{{year}}-01-01T00:00:00Z"}""",
                1 => $$"""{"type":"removeEntity","entity":"urn:s:new","validFrom":"203{{year}}-01-01T00:00:00Z"}""",
                _ => $$"""{"type":"changeAttribute","entity":"urn:s:new","attribute":"units","value":5,"validFrom":"203{{year}}-01-01T00:00:00Z"}""",
            })) + "]";
            var content = Samples.Content(list);
            bool taken;
            try
            {
                new ScenarioState(content, 2, null).Check("urn:s:new", null);
                taken = true;
            }
            catch (NgsiLdException)
            {
                taken = false;
            }

            var states = Enumerable.Range(0, 6).All(year =>
            {
                try
                {
                    var at = new DateTimeOffset(2030 + year, 1, 1, 0, 0, 0, TimeSpan.Zero);
                    new ScenarioState(content, 2, Twin.NgsiLd.Representations.Timestamps.FromInstant(at)).Apply("urn:s:new", null);
                    return true;
                }
                catch (NgsiLdException)
                {
                    return false;
                }
            });
            return taken == states;
        });

    private static Twin.NgsiLd.Entities.EntityDocument? After(string id, string interventions) => new ScenarioState(Samples.Content($"[{interventions}]"), 2, null).Apply(id, Samples.Entity(id));

    private static NgsiLdException Fault(string list) => Assert.Throws<NgsiLdException>(() => Check(list));

    private static void Check(string list)
    {
        var state = new ScenarioState(Samples.Content(list), 2, null);
        foreach (var id in state.Touched)
        {
            state.Check(id, Samples.Entity(id));
        }
    }
}
