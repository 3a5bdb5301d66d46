using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Takes the seal off a part of a parcel.</summary>
/// <param name="Entity">The CadastralParcel, which has area (MTK) and sealedShare (P1).</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Area">How much, m²; no more than is sealed.</param>
/// <param name="Cover">What is there afterwards: one of <see cref="Covers"/>.</param>
internal sealed record Unseal(string Entity, long? ValidFrom, double Area, string Cover) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "unseal";

    /// <summary>The covers.</summary>
    public static readonly string[] Covers = ["lawn", "meadow", "planting", "gravel", "grassPaving", "permeablePaving", "water"];

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes => [DistrictVocabulary.Iri("sealedShare"), DistrictVocabulary.Iri("unsealedCover")];

    /// <inheritdoc />
    public override bool Accumulates => true;

    /// <summary>Reads it.</summary>
    public static Unseal Read(InterventionMembers members) => new(members.Entity, members.ValidFrom, members.Number("area", 0.01, 1e9), members.Word("cover", Covers));

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now)
    {
        DistrictVocabulary.Require(entity, "CadastralParcel");
        var (share, covers) = (DistrictVocabulary.Iri("sealedShare"), DistrictVocabulary.Iri("unsealedCover"));
        var area = BuildingAttributes.Number(entity, DistrictVocabulary.Iri("area"), "MTK");
        var sealedArea = area * BuildingAttributes.Number(entity, share, "P1") / 100;
        if (Area > sealedArea)
        {
            throw NgsiLdException.BadRequest($"{Area} m² are more than the {sealedArea} m² that are sealed.", "area");
        }

        var cover = BuildingAttributes.Find(entity, covers) as JsonObject ?? [];
        cover[Cover] = (cover[Cover]?.GetValue<double>() ?? 0) + Area;
        return BuildingAttributes.With(BuildingAttributes.With(entity, share, JsonValue.Create(100 * (sealedArea - Area) / area), now, "P1"), covers, cover, now);
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteNumber("area"u8, Area);
        json.WriteString("cover"u8, Cover);
    }
}
