using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>Puts a photovoltaic system on a building: one more in its <see cref="BuildingAttributes.Photovoltaics"/>.</summary>
/// <param name="Entity">The building.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="PeakPower">Under standard test conditions, W.</param>
/// <param name="Tilt">From the horizontal, degrees from 0 to 90.</param>
/// <param name="Azimuth">Clockwise from north, degrees from 0 to below 360.</param>
/// <param name="Losses">Of the system between cells and inverter, from 0 to 1.</param>
internal sealed record AddPhotovoltaics(string Entity, long? ValidFrom, double PeakPower, double Tilt, double Azimuth, double Losses) : Intervention(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "addPhotovoltaics";

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override EntityDocument Apply(EntityDocument entity, long now)
    {
        var systems = BuildingAttributes.Find(entity, BuildingAttributes.Photovoltaics) switch
        {
            null => [],
            JsonArray some => some,
            _ => throw NgsiLdException.BadRequest($"The attribute {BuildingAttributes.Photovoltaics} of {Entity} is no array of systems.", "entity"),
        };
        systems.Add((JsonNode)new JsonObject { ["peakPower"] = PeakPower, ["tilt"] = Tilt, ["azimuth"] = Azimuth, ["losses"] = Losses });
        return BuildingAttributes.With(entity, BuildingAttributes.Photovoltaics, systems, now);
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteNumber("peakPower"u8, PeakPower);
        json.WriteNumber("tilt"u8, Tilt);
        json.WriteNumber("azimuth"u8, Azimuth);
        json.WriteNumber("losses"u8, Losses);
    }
}
