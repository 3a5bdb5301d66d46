using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Twin.Node.Districts;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary>Fills a city of the demo with its district, and makes it known to the other.</summary>
internal static class DemoDistrict
{
    /// <summary>The seed of the demo's districts: every demo shows the same.</summary>
    public const ulong Seed = 20260618;

    private const int BatchSize = 200;

    /// <summary>One, so that every demo creates its entities in the same order, and answers in it.</summary>
    private const int LaneCount = 1;

    /// <summary>Loads the district unless it is there.</summary>
    /// <returns>How many entities were loaded; 0 when they were there.</returns>
    /// <exception cref="NodeException">The node refuses the district.</exception>
    public static async Task<int> LoadAsync(DistrictPlan plan, string data, NodeClient node, int scale, Action<int> loaded, CancellationToken cancellationToken)
    {
        var marker = Path.Combine(data, "district.txt");
        var content = string.Create(CultureInfo.InvariantCulture, $"{plan.Key} seed {Seed} scale {scale}");
        if (File.Exists(marker) && await File.ReadAllTextAsync(marker, cancellationToken) == content && await HasDistrictAsync(plan, node, cancellationToken))
        {
            return 0;
        }

        await KeepWeatherAsync(plan, node, cancellationToken);
        var count = 0;
        var lanes = new Lanes(node, LaneCount, BatchSize, (batch, refused) =>
        {
            if (refused.Count > 0)
            {
                throw new NodeException($"{plan.City} refused {refused[0].Id}: {refused[0].Reason}");
            }

            loaded(Interlocked.Add(ref count, batch.Rows.Count));
        });
        var sending = lanes.RunAsync(cancellationToken);
        try
        {
            long row = 0;
            foreach (var entity in DistrictGenerator.Generate(plan with { Scale = scale }, Seed))
            {
                await lanes.AddAsync(new(++row, entity.Id, entity.Json, false), cancellationToken);
            }

            await lanes.FlushAsync(cancellationToken);
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            // The cause is in the lane, awaited below.
        }

        lanes.Complete();
        await sending;
        await File.WriteAllTextAsync(marker, content, cancellationToken);
        return count;
    }

    /// <summary>Sends the weather year that the district names.</summary>
    private static async Task KeepWeatherAsync(DistrictPlan plan, NodeClient node, CancellationToken cancellationToken)
    {
        var (status, body) = await node.PostAsync($"scenarios/weather?zone={SyntheticWeather.ZoneHours}", Encoding.UTF8.GetBytes(plan.Weather(Seed).Epw), "text/plain", cancellationToken);
        if (status is not (HttpStatusCode.Created or HttpStatusCode.OK))
        {
            throw new NodeException($"{plan.City} refused its weather year: {NodeClient.Explain(status, body)}");
        }
    }

    /// <summary>Registers <paramref name="peer"/> with a city as a source of the districts' types; a registration of an earlier demo is replaced.</summary>
    /// <exception cref="NodeException">The node refuses the registration.</exception>
    public static async Task IntroduceAsync(NodeClient node, DistrictPlan peer, Uri address, CancellationToken cancellationToken)
    {
        var id = $"urn:ngsi-ld:ContextSourceRegistration:demo:{peer.Key}";
        await node.DeleteAsync($"ngsi-ld/v1/csourceRegistrations/{id}", cancellationToken);
        var (status, body) = await node.PostAsync("ngsi-ld/v1/csourceRegistrations", Registration(id, peer, address), NodeClient.Json, cancellationToken);
        if (status != HttpStatusCode.Created)
        {
            throw new NodeException($"{node.Node} refused the registration of {peer.City}: {NodeClient.Explain(status, body)}");
        }
    }

    private static ReadOnlyMemory<byte> Registration(string id, DistrictPlan peer, Uri address)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("type", "ContextSourceRegistration");
            json.WriteString("registrationName", peer.City);
            json.WriteString("mode", "inclusive");
            json.WriteStartArray("operations");
            json.WriteStringValue("retrieveOps");
            json.WriteEndArray();
            json.WriteStartArray("information");
            json.WriteStartObject();
            json.WriteStartArray("entities");
            foreach (var type in DistrictGenerator.Types)
            {
                json.WriteStartObject();
                json.WriteString("type", type);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("endpoint", address.GetLeftPart(UriPartial.Authority));
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static Task<bool> HasDistrictAsync(DistrictPlan plan, NodeClient node, CancellationToken cancellationToken) => node.GetAsync(
        $"ngsi-ld/v1/entities/urn:ngsi-ld:AdministrativeArea:{plan.Key}:district?local=true",
        "application/json",
        static (response, _) => Task.FromResult(response.StatusCode == HttpStatusCode.OK),
        cancellationToken);
}
