using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Twin.Hosting.Storage;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Storage;

namespace Twin.ScenarioEngine.Weather;

/// <summary>A weather year that is kept.</summary>
/// <param name="Hash">SHA-256 of the file, lower-case hexadecimal: what scenarios name it by.</param>
/// <param name="Site">Where it holds.</param>
/// <param name="RecordedAt">When it was first given, microseconds since 1970 UTC.</param>
internal sealed record KeptWeather(string Hash, WeatherSite Site, long RecordedAt);

/// <summary>Weather years by their content, in SQLite or PostgreSQL: the same file has the same name in every city.</summary>
internal sealed class WeatherStore(ServiceDatabase database, TimeProvider clock)
{
    /// <summary>How many a tenant keeps; a file has 1.5 MB.</summary>
    public const int Most = 100;

    private const string Columns = "hash, name, latitude, longitude, zone_hours, elevation, recorded_at";

    /// <summary>The name of a file.</summary>
    public static string HashOf(ReadOnlySpan<byte> epw) => Convert.ToHexStringLower(SHA256.HashData(epw));

    /// <summary>Keeps a file.</summary>
    /// <returns>Whether it is new; null when there is no room for another one.</returns>
    public Task<bool?> KeepAsync(string tenant, string hash, WeatherSite site, byte[] epw, CancellationToken cancel) => database.WriteAsync<bool?>(
        async transaction =>
        {
            if (await FindAsync(tenant, hash, cancel) is not null)
            {
                return false;
            }

            // The one who counts holds the turn to write.
            var kept = await database.ReadAsync("SELECT count(*) FROM weather WHERE tenant = @tenant", static row => Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture), cancel, ("tenant", tenant));
            if (kept[0] >= Most)
            {
                return null;
            }

            await transaction.RunAsync(
                $"INSERT INTO weather (tenant, {Columns}, document) VALUES (@tenant, @hash, @name, @latitude, @longitude, @zone, @elevation, @recorded, @document)",
                cancel,
                ("tenant", tenant), ("hash", hash), ("name", site.Name), ("latitude", site.Latitude), ("longitude", site.Longitude),
                ("zone", site.ZoneHours), ("elevation", site.Elevation), ("recorded", Timestamps.FromInstant(clock.GetUtcNow())), ("document", epw));
            return true;
        },
        cancel);

    /// <summary>What is kept, by name of the place.</summary>
    public Task<List<KeptWeather>> ListAsync(string tenant, CancellationToken cancel) =>
        database.ReadAsync($"SELECT {Columns} FROM weather WHERE tenant = @tenant ORDER BY name, hash", Read, cancel, ("tenant", tenant));

    /// <summary>One of them; null when there is none.</summary>
    public async Task<KeptWeather?> FindAsync(string tenant, string hash, CancellationToken cancel) =>
        (await database.ReadAsync($"SELECT {Columns} FROM weather WHERE tenant = @tenant AND hash = @hash", Read, cancel, ("tenant", tenant), ("hash", hash))).FirstOrDefault();

    /// <summary>The file as it was given; null when there is none.</summary>
    public async Task<byte[]?> DocumentAsync(string tenant, string hash, CancellationToken cancel) =>
        (await database.ReadAsync("SELECT document FROM weather WHERE tenant = @tenant AND hash = @hash", static row => row.GetFieldValue<byte[]>(0), cancel, ("tenant", tenant), ("hash", hash))).FirstOrDefault();

    /// <summary>Forgets one.</summary>
    /// <returns>Whether it was there.</returns>
    public Task<bool> RemoveAsync(string tenant, string hash, CancellationToken cancel) => database.WriteAsync(
        async transaction => await transaction.RunAsync("DELETE FROM weather WHERE tenant = @tenant AND hash = @hash", cancel, ("tenant", tenant), ("hash", hash)) > 0, cancel);

    private static KeptWeather Read(DbDataReader row) => new(
        row.GetString(0), new WeatherSite(row.GetString(1), row.GetDouble(2), row.GetDouble(3), row.GetDouble(4), row.GetDouble(5)), row.GetInt64(6));
}
