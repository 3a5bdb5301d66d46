using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>At which time of the twin a scenario begins.</summary>
internal enum BaseClock
{
    /// <summary>The twin as it is whenever it is read.</summary>
    Present,

    /// <summary>The twin as it was at a time.</summary>
    Past,

    /// <summary>The twin as it is, with forecasts in the place of values that have one.</summary>
    Forecast,
}

/// <summary>What a scenario is laid over.</summary>
/// <param name="Tenant">Whose twin; empty is the default tenant's.</param>
/// <param name="Clock">Which time of it.</param>
/// <param name="Time">The time in the past, or of the forecast, microseconds since 1970 UTC; 0 for the present.</param>
internal sealed record ScenarioBase(string Tenant, BaseClock Clock = BaseClock.Present, long Time = 0)
{
    /// <summary>Whether it is the twin as it is.</summary>
    public bool IsPresent => Clock == BaseClock.Present;

    /// <summary>Reads what a caller gives: <c>{"at": …}</c>, <c>{"forecast": …}</c>, or nothing for the present.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="body">The body that may have a member base.</param>
    /// <param name="now">Microseconds since 1970 UTC.</param>
    /// <exception cref="NgsiLdException">BadRequestData with the member at fault.</exception>
    public static ScenarioBase Read(string tenant, JsonElement body, long now)
    {
        if (!body.TryGetProperty("base", out var json))
        {
            return new ScenarioBase(tenant);
        }

        var members = new InterventionMembers(json, JsonLdContext.Core, "/base");
        var (at, forecast) = (TimeOf(members, "at"), TimeOf(members, "forecast"));
        members.RefuseOthers();
        return (at, forecast) switch
        {
            ({ } past, null) when past <= now => new ScenarioBase(tenant, BaseClock.Past, past),
            (null, { } future) when future > now => new ScenarioBase(tenant, BaseClock.Forecast, future),
            (null, null) => new ScenarioBase(tenant),
            ({ }, null) => throw members.Fault("at", "'at' is a time in the past; what is to come is a forecast."),
            (null, { }) => throw members.Fault("forecast", "'forecast' is a time to come; what is past is 'at'."),
            _ => throw members.Fault("A base is one of at and forecast, or none of them for the present."),
        };
    }

    /// <summary>Reads what was stored.</summary>
    public static ScenarioBase ReadStored(JsonElement json)
    {
        var tenant = json.GetProperty("tenant").GetString()!;
        return json.TryGetProperty("at", out var at) ? new ScenarioBase(tenant, BaseClock.Past, Stored(at))
            : json.TryGetProperty("forecast", out var forecast) ? new ScenarioBase(tenant, BaseClock.Forecast, Stored(forecast))
            : new ScenarioBase(tenant);
    }

    /// <summary>Writes it to be stored, and hashed.</summary>
    public void WriteStored(Utf8JsonWriter json)
    {
        json.WriteStartObject("base"u8);
        json.WriteString("tenant"u8, Tenant);
        WriteTime(json);
        json.WriteEndObject();
    }

    /// <summary>Writes it in an answer; the present is not said.</summary>
    public void Write(Utf8JsonWriter json)
    {
        if (!IsPresent)
        {
            json.WriteStartObject("base"u8);
            WriteTime(json);
            json.WriteEndObject();
        }
    }

    private void WriteTime(Utf8JsonWriter json)
    {
        if (!IsPresent)
        {
            json.WriteString(Clock == BaseClock.Past ? "at"u8 : "forecast"u8, Timestamps.Format(Time));
        }
    }

    private static long? TimeOf(InterventionMembers members, string name) => members.OptionalText(name) is not { } text ? null
        : Timestamps.TryParse(text.AsSpan(), out var micros) ? micros
        : throw members.Fault(name, $"'{name}' is a date-time in UTC such as 2026-01-01T00:00:00Z.");

    private static long Stored(JsonElement json) =>
        Timestamps.TryParse(json.GetString().AsSpan(), out var micros) ? micros : throw new InvalidOperationException("A stored base has no such time.");
}
