using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary>
/// One writer of history among several. It owns some entities, whose points it sends in bodies: new ones, late ones, other
/// values of old ones, some that become steps and some that are forgotten; now and then it deletes an entity whole, or has it
/// erased. No two points that it sends have the same value.
/// </summary>
internal sealed class HistoryWriter(int number, Random random)
{
    private const int Entities = 4;
    private const int PointsPerBody = 150;
    private const int SampledPerBody = 40;
    private const int KeptPerBody = 10;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Days before this day, so that what is to become steps and what is to be forgotten does not change within a run.</summary>
    private static readonly DateTime Today = DateTime.UtcNow.Date;

    private readonly Dictionary<string, EntityPoints> entities = Enumerable.Range(0, Entities)
        .ToDictionary(i => string.Create(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Crash:{number}:{i}"), _ => new EntityPoints());

    private readonly List<(string Entity, int Second, long Value)> underWay = [];
    private (string Entity, long Count, long Sum, HashSet<long> Kept)? sampledUnderWay;
    private string? deleting;
    private long values = number * 1_000_000L;
    private int newest;

    /// <summary>Bodies, deletions and erasures that were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Points that are there as they were sent.</summary>
    public int Points => entities.Values.Sum(static one => one.Numbers.Count);

    /// <summary>Points that are there or in steps.</summary>
    public long Sampled => entities.Values.Sum(static one => one.Count);

    /// <summary>Histories that were erased.</summary>
    public int Erased { get; private set; }

    /// <summary>Writes until the node is gone.</summary>
    public async Task WriteAsync(HttpClient http, Action acknowledged, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await (random.Next(40) switch
                {
                    0 => DeleteAsync(http, cancellationToken),
                    1 or 2 => EraseAsync(http, cancellationToken),
                    _ => SendAsync(http, cancellationToken),
                });
                Acknowledged++;
                acknowledged();
            }
        }
        catch (HttpRequestException)
        {
            // The node was killed.
        }
    }

    /// <summary>Compares what the node answers with what was acknowledged; what was under way is there whole, or not at all.</summary>
    public async Task CheckAsync(HttpClient http, CancellationToken cancellationToken)
    {
        await ErasedAsync(http, cancellationToken);
        var happened = new HashSet<bool>();
        foreach (var (entity, known) in entities)
        {
            var found = await ReadAsync(http, entity, cancellationToken);
            if (deleting == entity)
            {
                deleting = null;
                if (found.IsEmpty)
                {
                    known.Clear();
                }
            }

            foreach (var (_, second, value) in underWay.Where(one => one.Entity == entity))
            {
                happened.Add(found.Numbers.TryGetValue(second, out var there) && there == value);
            }

            if (sampledUnderWay is { } under && under.Entity == entity)
            {
                happened.Add(found.Count == known.Count + under.Count);
                if (found.Count != known.Count)
                {
                    known.Add(under.Count, under.Sum, under.Kept);
                }
            }

            if (happened.Contains(true))
            {
                foreach (var (_, second, value) in underWay.Where(one => one.Entity == entity))
                {
                    known.Numbers[second] = value;
                }
            }

            Assert.Equal(known.Numbers.OrderBy(static one => one.Key), found.Numbers.OrderBy(static one => one.Key));
            Assert.Equal((known.Count, known.Sum), (found.Count, found.Sum));
            // What is younger than the rule is there once; of what is older there may be some until the next pass.
            Assert.Equal(known.Kept.Where(static value => value % 2 == 0).Order(), found.Kept.Where(static value => value % 2 == 0).Order());
            Assert.Subset(known.Kept, found.Kept);
        }

        Assert.True(happened.Count <= 1, "A body that was under way is there in part.");
        underWay.Clear();
        sampledUnderWay = null;
    }

    private async Task SendAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var body = new StringBuilder("entity,attribute,observedAt,value\n");
        var seconds = new HashSet<(string, int)>();
        for (var i = 0; i < PointsPerBody; i++)
        {
            var entity = entities.Keys.ElementAt(random.Next(Entities));
            // Mostly new, sometimes among the old ones or in the place of one.
            var second = random.Next(8) > 0 ? newest += random.Next(1, 4) : random.Next(Math.Max(1, newest));
            if (seconds.Add((entity, second)))
            {
                underWay.Add((entity, second, values += 2));
                body.Append(CultureInfo.InvariantCulture, $"{entity},number,{Start.AddSeconds(second):yyyy-MM-ddTHH:mm:ss}Z,{values}\n");
            }
        }

        var sampled = entities.Keys.ElementAt(random.Next(Entities));
        sampledUnderWay = AppendSampled(body, sampled);
        using var content = new StringContent(body.ToString(), Encoding.UTF8, "text/csv");
        using var answer = await http.PostAsync("/ingest", content, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var (entity, second, value) in underWay)
        {
            entities[entity].Numbers[second] = value;
        }

        entities[sampled].Add(sampledUnderWay.Value.Count, sampledUnderWay.Value.Sum, sampledUnderWay.Value.Kept);
        underWay.Clear();
        sampledUnderWay = null;
    }

    /// <summary>Points of the last 40 days, no two at one time; even values where they are younger than the rule of retention.</summary>
    private (string Entity, long Count, long Sum, HashSet<long> Kept) AppendSampled(StringBuilder body, string entity)
    {
        long sum = 0;
        for (var i = 0; i < SampledPerBody; i++)
        {
            var time = Today.AddDays(-random.Next(2, 40)).AddMinutes(random.Next(1440)).AddTicks(values += 2);
            sum += values;
            body.Append(CultureInfo.InvariantCulture, $"{entity},sampled,{time:yyyy-MM-ddTHH:mm:ss.fffffff}Z,{values}\n");
        }

        var kept = new HashSet<long>();
        for (var i = 0; i < KeptPerBody; i++)
        {
            values += 2;
            var (time, value) = random.Next(2) == 0 ? (Today.AddDays(-20), values) : (Today.AddDays(-40), values + 1);
            body.Append(CultureInfo.InvariantCulture, $"{entity},kept,{time.AddMilliseconds(values):yyyy-MM-ddTHH:mm:ss.fff}Z,{value}\n");
            kept.Add(value);
        }

        return (entity, SampledPerBody, sum, kept);
    }

    private async Task DeleteAsync(HttpClient http, CancellationToken cancellationToken)
    {
        deleting = entities.Keys.ElementAt(random.Next(Entities));
        using var answer = await http.DeleteAsync("/ngsi-ld/v1/temporal/entities/" + deleting, cancellationToken);
        Assert.Equal(entities[deleting].IsEmpty ? HttpStatusCode.NotFound : HttpStatusCode.NoContent, answer.StatusCode);
        entities[deleting].Clear();
        deleting = null;
    }

    private async Task EraseAsync(HttpClient http, CancellationToken cancellationToken)
    {
        deleting = entities.Keys.ElementAt(random.Next(Entities));
        using var body = new StringContent($$"""{"entity":"{{deleting}}"}""", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/history/erasures", body, cancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        // Durable from here on, whatever happens; what comes until it is removed may go with it.
        Erased++;
        entities[deleting].Clear();
        await ErasedAsync(http, cancellationToken);
        deleting = null;
    }

    /// <summary>Waits until what was to be erased is not answered any more.</summary>
    private static async Task ErasedAsync(HttpClient http, CancellationToken cancellationToken) => Assert.True(await Eventually.HoldsAsync(
        async () =>
        {
            // As a text: a kill in the middle of it is the same as one before.
            using var erasures = JsonDocument.Parse(await http.GetStringAsync("/history/erasures", cancellationToken));
            return erasures.RootElement.EnumerateArray().All(static one => one.GetProperty("state").GetString() != "requested");
        },
        60,
        cancellationToken));

    private static async Task<EntityPoints> ReadAsync(HttpClient http, string entity, CancellationToken cancellationToken)
    {
        var found = new EntityPoints();
        using var answer = await http.GetAsync($"/ngsi-ld/v1/temporal/entities/{entity}?attrs=number,kept&options=temporalValues", cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return found;
        }

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        foreach (var pair in Values(json, "number"))
        {
            // Twice the same time would be a doubled point, and throws.
            found.Numbers.Add((int)(pair[1].GetDateTime().ToUniversalTime() - Start).TotalSeconds, pair[0].GetInt64());
        }

        foreach (var pair in Values(json, "kept"))
        {
            Assert.True(found.Kept.Add(pair[0].GetInt64()));
        }

        using var sums = await http.GetAsync(
            $"/ngsi-ld/v1/temporal/entities/{entity}?attrs=sampled&timerel=after&timeAt=2000-01-01T00:00:00Z&format=aggregatedValues&aggrMethods=totalCount,sum&aggrPeriodDuration=PT0S", cancellationToken);
        if (sums.StatusCode == HttpStatusCode.OK && (await sums.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).TryGetProperty("sampled", out var sampled))
        {
            found.Add(sampled.GetProperty("totalCount")[0][0].GetInt64(), sampled.GetProperty("sum")[0][0].GetInt64(), []);
        }

        return found;
    }

    private static JsonElement.ArrayEnumerator Values(JsonElement entity, string attribute) =>
        entity.TryGetProperty(attribute, out var one) ? one.GetProperty("values").EnumerateArray() : default;

    /// <summary>What is known or found of one entity.</summary>
    private sealed class EntityPoints
    {
        /// <summary>Values by their second.</summary>
        public Dictionary<int, long> Numbers { get; } = [];

        /// <summary>How many points were sent of which steps are made.</summary>
        public long Count { get; private set; }

        /// <summary>Their sum.</summary>
        public long Sum { get; private set; }

        /// <summary>Values of the attribute that has a rule of retention.</summary>
        public HashSet<long> Kept { get; } = [];

        public bool IsEmpty => Numbers.Count == 0 && Count == 0 && Kept.Count == 0;

        public void Add(long count, long sum, IEnumerable<long> kept)
        {
            (Count, Sum) = (Count + count, Sum + sum);
            Kept.UnionWith(kept);
        }

        public void Clear()
        {
            Numbers.Clear();
            Kept.Clear();
            (Count, Sum) = (0, 0);
        }
    }
}
