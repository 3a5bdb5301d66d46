namespace Twin.ScenarioEngine.Weather;

/// <summary>Where a weather year was recorded or made for.</summary>
/// <param name="Name">The place as its file names it.</param>
/// <param name="Latitude">Degrees, north positive.</param>
/// <param name="Longitude">Degrees, east positive.</param>
/// <param name="ZoneHours">Local standard time minus UTC, hours; no summer time.</param>
/// <param name="Elevation">Metres above sea level.</param>
public sealed record WeatherSite(string Name, double Latitude, double Longitude, double ZoneHours, double Elevation);
