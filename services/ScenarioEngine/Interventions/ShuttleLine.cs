using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Adds a line with its stops and vehicles: GtfsRoute, GtfsStop <c>…:stop-N</c>, Vehicle <c>…:vehicle-N</c>.</summary>
/// <param name="Entity">The id of the route, with which those of stops and vehicles begin.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Line">What it is called.</param>
/// <param name="Stops">In the order in which they are served, with their names.</param>
/// <param name="Headway">Between two departures, min.</param>
/// <param name="Fleet">Vehicles.</param>
/// <param name="Speed">On the way between stops, km/h.</param>
/// <param name="Capacity">Places in a vehicle.</param>
/// <param name="From">The first departure, hour of the day.</param>
/// <param name="Until">The last departure, hour of the day.</param>
internal sealed record ShuttleLine(
    string Entity, long? ValidFrom, string Line, IReadOnlyList<(string Name, Place Place)> Stops, double Headway, int Fleet, double Speed, int Capacity, double From, double Until)
    : EntityAddition(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "shuttleLine";

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Touches => [Entity, .. Stops.Select((_, i) => $"{Entity}:stop-{i + 1}"), .. Enumerable.Range(1, Fleet).Select(i => $"{Entity}:vehicle-{i}")];

    /// <inheritdoc />
    protected override string EntityType => "GtfsRoute";

    /// <summary>Reads it.</summary>
    public static ShuttleLine Read(InterventionMembers members)
    {
        var (entity, from, line) = (members.NewEntity, members.ValidFrom, members.Text("name"));
        var stops = (members.Items("stops", 2, 100) ?? throw members.Missing("stops")).Select(item =>
        {
            var stop = new InterventionMembers(item.Item, members.Context, item.Path);
            var read = (stop.Text("name"), Place.Read(stop, "place"));
            stop.RefuseOthers();
            return read;
        }).ToArray();
        var hours = members.Nested("hours") ?? throw members.Missing("hours");
        var (first, last) = (hours.Number("from", 0, 24), hours.Number("until", 0, 24));
        hours.RefuseOthers();
        return first < last
            ? new ShuttleLine(
                entity, from, line, stops, members.Number("headway", 0.5, 1440), members.Whole("fleet", 1, 200), members.Number("speed", 1, 120), members.Whole("capacity", 1, 500), first, last)
            : throw members.Fault("hours", "The last departure comes after the first one.");
    }

    /// <inheritdoc />
    protected override EntityNode Make(string id)
    {
        if (id == Entity)
        {
            return new NewEntity(id, EntityType).Property("name", Line).Property("routeType", "3")
                .Location("LineString", new JsonArray([.. Stops.Select(static stop => (JsonNode)stop.Place.Node())]))
                .Relationships("hasStop", Touches.Skip(1).Take(Stops.Count))
                .Property("headway", Headway, "MIN").Property("operatingSpeed", Speed, "KMH").Property("fleetSize", Fleet, "C62")
                .Property("operatingHours", new JsonObject { ["from"] = From, ["until"] = Until }).Node();
        }

        var (kind, number) = (id[(Entity.Length + 1)..].Split('-')[0], int.Parse(id[(id.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
        return kind == "stop"
            ? new NewEntity(id, "GtfsStop").Property("name", Stops[number - 1].Name).Location("Point", Stops[number - 1].Place.Node()).Node()
            : new NewEntity(id, "Vehicle").Property("vehicleType", "minibus").Property("vehicleCategory", new JsonArray("public")).Property("serviceProvided", new JsonArray("urbanTransit"))
                .Property("peopleCapacity", Capacity, "C62").Relationship("servesRoute", Entity).Node();
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteString("name"u8, Line);
        json.WriteStartArray("stops"u8);
        foreach (var (stop, place) in Stops)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, stop);
            json.WritePropertyName("place"u8);
            place.Write(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("headway"u8, Headway);
        json.WriteNumber("fleet"u8, Fleet);
        json.WriteNumber("speed"u8, Speed);
        json.WriteNumber("capacity"u8, Capacity);
        json.WriteStartObject("hours"u8);
        json.WriteNumber("from"u8, From);
        json.WriteNumber("until"u8, Until);
        json.WriteEndObject();
    }
}
