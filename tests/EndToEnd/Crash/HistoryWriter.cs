using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary>
/// One writer of history among several. It owns some entities, whose points it sends in bodies: new ones, late ones, other
/// values of old ones; now and then it deletes an entity whole. No two points that it sends have the same value.
/// </summary>
internal sealed class HistoryWriter(int number, Random random)
{
    private const int Entities = 4;
    private const int PointsPerBody = 150;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly Dictionary<string, Dictionary<int, long>> points = Enumerable.Range(0, Entities)
        .ToDictionary(i => string.Create(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Crash:{number}:{i}"), _ => new Dictionary<int, long>());

    private readonly List<(string Entity, int Second, long Value)> underWay = [];
    private string? deleting;
    private long values = number * 1_000_000_000_000L;
    private int newest;

    /// <summary>Bodies and deletions that were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Points that are there.</summary>
    public int Points => points.Values.Sum(static one => one.Count);

    /// <summary>Writes until the node is gone.</summary>
    public async Task WriteAsync(HttpClient http, Action acknowledged, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await (random.Next(40) == 0 ? DeleteAsync(http, cancellationToken) : SendAsync(http, cancellationToken));
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
        var happened = new HashSet<bool>();
        foreach (var (entity, known) in points)
        {
            var found = await ReadAsync(http, entity, cancellationToken);
            foreach (var (_, second, value) in underWay.Where(one => one.Entity == entity))
            {
                happened.Add(found.TryGetValue(second, out var there) && there == value);
            }

            if (deleting == entity)
            {
                deleting = null;
                if (found.Count == 0)
                {
                    known.Clear();
                }
            }

            if (happened.Contains(true))
            {
                foreach (var (_, second, value) in underWay.Where(one => one.Entity == entity))
                {
                    known[second] = value;
                }
            }

            Assert.Equal(known.OrderBy(static one => one.Key), found.OrderBy(static one => one.Key));
        }

        Assert.True(happened.Count <= 1, "A body that was under way is there in part.");
        underWay.Clear();
    }

    private async Task SendAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var body = new StringBuilder("entity,attribute,observedAt,value\n");
        var seconds = new HashSet<(string, int)>();
        for (var i = 0; i < PointsPerBody; i++)
        {
            var entity = points.Keys.ElementAt(random.Next(Entities));
            // Mostly new, sometimes among the old ones or in the place of one.
            var second = random.Next(8) > 0 ? newest += random.Next(1, 4) : random.Next(Math.Max(1, newest));
            if (seconds.Add((entity, second)))
            {
                underWay.Add((entity, second, ++values));
                body.Append(CultureInfo.InvariantCulture, $"{entity},number,{Start.AddSeconds(second):yyyy-MM-ddTHH:mm:ss}Z,{values}\n");
            }
        }

        using var content = new StringContent(body.ToString(), Encoding.UTF8, "text/csv");
        using var answer = await http.PostAsync("/ingest", content, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var (entity, second, value) in underWay)
        {
            points[entity][second] = value;
        }

        underWay.Clear();
    }

    private async Task DeleteAsync(HttpClient http, CancellationToken cancellationToken)
    {
        deleting = points.Keys.ElementAt(random.Next(Entities));
        using var answer = await http.DeleteAsync("/ngsi-ld/v1/temporal/entities/" + deleting, cancellationToken);
        Assert.Equal(points[deleting].Count == 0 ? HttpStatusCode.NotFound : HttpStatusCode.NoContent, answer.StatusCode);
        points[deleting].Clear();
        deleting = null;
    }

    private static async Task<Dictionary<int, long>> ReadAsync(HttpClient http, string entity, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync($"/ngsi-ld/v1/temporal/entities/{entity}?options=temporalValues", cancellationToken);
        var found = new Dictionary<int, long>();
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return found;
        }

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(cancellationToken));
        foreach (var pair in json.RootElement.GetProperty("number").GetProperty("values").EnumerateArray())
        {
            // Twice the same time would be a doubled point, and throws.
            found.Add((int)(pair[1].GetDateTime().ToUniversalTime() - Start).TotalSeconds, pair[0].GetInt64());
        }

        return found;
    }
}
