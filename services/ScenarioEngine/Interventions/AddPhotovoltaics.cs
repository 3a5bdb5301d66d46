using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Puts a photovoltaic system on a building: one more in its <see cref="BuildingAttributes.Photovoltaics"/>.</summary>
/// <param name="Entity">The building.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="PeakPower">Under standard test conditions, W.</param>
/// <param name="Tilt">From the horizontal, degrees from 0 to 90.</param>
/// <param name="Azimuth">Clockwise from north, degrees from 0 to below 360.</param>
/// <param name="Losses">Of the system between cells and inverter, from 0 to 1.</param>
internal sealed record AddPhotovoltaics(string Entity, long? ValidFrom, double PeakPower, double Tilt, double Azimuth, double Losses) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "addPhotovoltaics";

    /// <summary>The greatest power of a system, W: a gigawatt is beyond any building.</summary>
    private const double MostPower = 1e9;

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes => [BuildingAttributes.Photovoltaics];

    /// <inheritdoc />
    public override bool Accumulates => true;

    /// <summary>Reads it.</summary>
    public static AddPhotovoltaics Read(InterventionMembers members) => new(
        members.Entity, members.ValidFrom,
        members.Number("peakPower", 1, MostPower), members.Number("tilt", 0, 90), members.Number("azimuth", 0, 359.999999), members.Number("losses", 0, 1));

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now) => BuildingAttributes.WithItem(
        entity, BuildingAttributes.Photovoltaics, new JsonObject { ["peakPower"] = PeakPower, ["tilt"] = Tilt, ["azimuth"] = Azimuth, ["losses"] = Losses }, now);

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteNumber("peakPower"u8, PeakPower);
        json.WriteNumber("tilt"u8, Tilt);
        json.WriteNumber("azimuth"u8, Azimuth);
        json.WriteNumber("losses"u8, Losses);
    }
}
