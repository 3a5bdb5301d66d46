using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Twin.Node.Bench;

/// <summary>Whether a broker answers the scenarios rightly: a wrong answer is quick, and no figure.</summary>
internal static class BenchChecks
{
    /// <summary>Asks each scenario once.</summary>
    /// <exception cref="BenchException">An answer is wrong; the message says which and how.</exception>
    public static async Task RunAsync(Uri api, int entities, CancellationToken cancellationToken)
    {
        using var connection = await RawHttpConnection.OpenAsync(api, cancellationToken);
        var path = api.AbsolutePath.TrimEnd('/');
        using (var last = await AskAsync(connection, BenchScenario.Get(api, $"{path}/entities/{BenchEntities.Id(entities - 1)}"), cancellationToken))
        {
            var position = last.RootElement.GetProperty("location").GetProperty("value").GetProperty("coordinates");
            var (longitude, latitude) = BenchEntities.Location(entities - 1);
            Expect("retrieve", position[0].GetDouble() == longitude && position[1].GetDouble() == latitude, last);
        }

        using (var byType = await AskAsync(connection, BenchScenario.Get(api, path + "/entities?type=Building&limit=20"), cancellationToken))
        {
            Expect("type", byType.RootElement.GetArrayLength() == Math.Min(20, entities), byType);
        }

        using (var byQ = await AskAsync(connection, Request("q", api, entities), cancellationToken))
        {
            Expect("q", byQ.RootElement.GetArrayLength() == 20 && byQ.RootElement.EnumerateArray().All(Matches), byQ);
        }

        var nearby = Enumerable.Range(0, entities).Count(number => BenchEntities.Distance(BenchEntities.Location(number), BenchEntities.Centre) <= 500);
        var near = BenchScenario.Get(api, path + BenchScenario.Near(BenchEntities.Centre.Longitude, BenchEntities.Centre.Latitude));
        using (var around = await AskAsync(connection, near, cancellationToken))
        {
            // One more or less: spheres and ellipsoids differ by less than one per cent.
            Expect("near", Math.Abs(around.RootElement.GetArrayLength() - Math.Min(20, nearby)) <= 1, around);
        }

        await WriteAsync(connection, Request("upsert", api, entities), cancellationToken);
        await WriteAsync(
            connection,
            BenchScenario.WithBody(api, "PATCH", $"{path}/entities/{BenchEntities.Id(1)}/attrs", """{"temperature":{"type":"Property","value":25.5,"unitCode":"CEL"}}"""),
            cancellationToken);
        using var patched = await AskAsync(connection, BenchScenario.Get(api, $"{path}/entities/{BenchEntities.Id(1)}"), cancellationToken);
        Expect("patch", patched.RootElement.GetProperty("temperature").GetProperty("value").GetDouble() == 25.5, patched);
    }

    private static bool Matches(JsonElement entity) =>
        entity.GetProperty("temperature").GetProperty("value").GetDouble() > 20
        && entity.GetProperty("status").GetProperty("value").GetString() == "ok";

    private static byte[] Request(string scenario, Uri api, int entities) =>
        (BenchScenario.All.Single(one => one.Name == scenario) with { Distinct = 1 }).Requests(api, entities)[0];

    private static async Task<JsonDocument> AskAsync(RawHttpConnection connection, byte[] request, CancellationToken cancellationToken)
    {
        var (status, body) = await connection.SendAsync(request, cancellationToken);
        return status == 200 ? JsonDocument.Parse(body.ToArray()) : throw Refused(request, status, body);
    }

    private static async Task WriteAsync(RawHttpConnection connection, byte[] request, CancellationToken cancellationToken)
    {
        var (status, body) = await connection.SendAsync(request, cancellationToken);
        if (status is not (200 or 201 or 204))
        {
            throw Refused(request, status, body);
        }
    }

    private static BenchException Refused(byte[] request, int status, ReadOnlyMemory<byte> body) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{Encoding.UTF8.GetString(request).Split('\r')[0]} was answered with {status}: {Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, 500)])}"));

    private static void Expect(string scenario, bool right, JsonDocument answer)
    {
        if (!right)
        {
            var text = answer.RootElement.GetRawText();
            throw new BenchException($"The answer to '{scenario}' is wrong: {text[..Math.Min(text.Length, 1000)]}");
        }
    }
}
