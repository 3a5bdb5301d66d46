using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Gives an area other prices of energy: those of its <c>energyTerms</c>, which weigh the carriers besides.</summary>
/// <param name="Entity">The AdministrativeArea, which has energyTerms for each carrier that gets a price.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Tariff">What it is called.</param>
/// <param name="Prices">EUR a kWh by carrier, in the order of <see cref="Carriers"/>.</param>
/// <param name="ExportPrice">What is paid for electricity that leaves the district, EUR a kWh; null: as it is.</param>
internal sealed record SetTariff(string Entity, long? ValidFrom, string Tariff, IReadOnlyList<(string Carrier, double Price)> Prices, double? ExportPrice) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "tariff";

    /// <summary>The carriers.</summary>
    public static readonly string[] Carriers = ["electricity", "naturalGas", "oil", "biomass", "districtHeat"];

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes => [DistrictVocabulary.Iri("tariff"), .. Prices.Select(static price => $"{DistrictVocabulary.Iri("energyTerms")}|{price.Carrier}"), .. ExportPrice is null ? (string[])[] : [DistrictVocabulary.Iri("energyTerms") + "|exportPrice"]];

    /// <summary>Reads it.</summary>
    public static SetTariff Read(InterventionMembers members)
    {
        var (entity, from, tariff) = (members.Entity, members.ValidFrom, members.Text("name"));
        var prices = members.Nested("prices");
        var given = Carriers.Select(carrier => (carrier, prices?.OptionalNumber(carrier, -10, 10))).Where(static one => one.Item2 is not null).Select(static one => (one.carrier, one.Item2!.Value)).ToArray();
        prices?.RefuseOthers();
        var export = members.OptionalNumber("exportPrice", -10, 10);
        return given.Length > 0 || export is not null
            ? new SetTariff(entity, from, tariff, given, export)
            : throw members.Fault("A tariff has prices, an exportPrice or both.");
    }

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now)
    {
        var attribute = DistrictVocabulary.Iri("energyTerms");
        if (BuildingAttributes.Find(entity, attribute) is not JsonObject terms)
        {
            throw NgsiLdException.BadRequest($"The entity {Entity} has no attribute {attribute} whose prices could be changed.", "entity");
        }

        foreach (var (carrier, price) in Prices)
        {
            if (terms["carriers"]?[carrier] is not JsonObject weighed)
            {
                throw NgsiLdException.BadRequest($"The energyTerms of {Entity} do not have the carrier {carrier}.", $"prices/{carrier}");
            }

            weighed["price"] = price;
        }

        if (ExportPrice is { } export)
        {
            terms["exportPrice"] = export;
        }

        return BuildingAttributes.With(BuildingAttributes.With(entity, attribute, terms, now), DistrictVocabulary.Iri("tariff"), JsonValue.Create(Tariff), now);
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteString("name"u8, Tariff);
        if (Prices.Count > 0)
        {
            json.WriteStartObject("prices"u8);
            foreach (var (carrier, price) in Prices)
            {
                json.WriteNumber(carrier, price);
            }

            json.WriteEndObject();
        }

        if (ExportPrice is { } export)
        {
            json.WriteNumber("exportPrice"u8, export);
        }
    }
}
