using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary>
/// One writer among several. It owns some entities, which it creates, patches and deletes; a group that it writes by
/// batches only; and one attribute of an entity that all writers share.
/// </summary>
internal sealed class CrashClient(int number, Random random)
{
    /// <summary>The entity that every client writes an attribute of.</summary>
    public const string Shared = "urn:ngsi-ld:Crash:shared";

    private const int Own = 8;
    private const int Group = 10;

    private static long values;

    /// <summary>The ledgers of the entities written one by one, by entity id.</summary>
    public Dictionary<string, CrashLedger> Singles { get; } = Enumerable.Range(0, Own)
        .ToDictionary(i => string.Create(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Crash:{number}:{i}"), _ => new CrashLedger());

    /// <summary>The ids of the entities that are only written together.</summary>
    public IReadOnlyList<string> Batch { get; } = [.. Enumerable.Range(0, Group)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Crash:{number}:batch:{i}"))];

    /// <summary>What happened to all of <see cref="Batch"/>.</summary>
    public CrashLedger BatchLedger { get; } = new();

    /// <summary>This client's attribute of the shared entity.</summary>
    public string SharedAttribute { get; } = string.Create(CultureInfo.InvariantCulture, $"client{number}");

    /// <summary>What happened to <see cref="SharedAttribute"/>.</summary>
    public CrashLedger SharedLedger { get; } = new();

    /// <summary>Requests that were acknowledged, over all rounds.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Writes until the node is gone.</summary>
    /// <param name="http">A client with the address of the node.</param>
    /// <param name="acknowledged">Called after each acknowledgement.</param>
    public async Task WriteAsync(HttpClient http, Action acknowledged, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await StepAsync(http, cancellationToken);
                Acknowledged++;
                acknowledged();
            }
        }
        catch (HttpRequestException)
        {
            // The node was killed; what was under way stays so in its ledger.
        }
    }

    private Task StepAsync(HttpClient http, CancellationToken cancellationToken) => random.Next(10) switch
    {
        < 5 => SingleAsync(http, cancellationToken),
        < 8 => BatchAsync(http, cancellationToken),
        _ => SendAsync(
            http, SharedLedger, Interlocked.Increment(ref values), HttpMethod.Post, $"entities/{Shared}/attrs", value => $"{{{Property(SharedAttribute, value)}}}", cancellationToken),
    };

    private Task SingleAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var (id, ledger) = Singles.ElementAt(random.Next(Own));
        if (ledger.Last is null)
        {
            return SendAsync(http, ledger, Interlocked.Increment(ref values), HttpMethod.Post, "entities", value => Entity(id, value), cancellationToken);
        }

        return random.Next(6) == 0
            ? SendAsync(http, ledger, null, HttpMethod.Delete, "entities/" + id, null, cancellationToken)
            : SendAsync(http, ledger, Interlocked.Increment(ref values), HttpMethod.Patch, $"entities/{id}/attrs", value => $"{{{Property("number", value)}}}", cancellationToken);
    }

    private Task BatchAsync(HttpClient http, CancellationToken cancellationToken) => random.Next(8) == 0 && BatchLedger.Last is not null
        ? SendAsync(
            http, BatchLedger, null, HttpMethod.Post, "entityOperations/delete", _ => JsonSerializer.Serialize(Batch), cancellationToken)
        : SendAsync(
            http,
            BatchLedger,
            Interlocked.Increment(ref values),
            HttpMethod.Post,
            "entityOperations/upsert",
            value => $"[{string.Join(',', Batch.Select(id => Entity(id, value)))}]",
            cancellationToken);

    private static async Task SendAsync(
        HttpClient http, CrashLedger ledger, long? value, HttpMethod method, string path, Func<long?, string>? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body(value), Encoding.UTF8, "application/json");
        }

        ledger.Begin(value);
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent))
        {
            throw new InvalidOperationException(
                $"{method} {path} was answered with {response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }

        ledger.Acknowledge();
    }

    private static string Entity(string id, long? value) => $$"""{"id":"{{id}}","type":"Crash",{{Property("number", value)}}}""";

    private static string Property(string name, long? value) =>
        string.Create(CultureInfo.InvariantCulture, $$$"""
        "{{{name}}}":{"type":"Property","value":{{{value}}}}
        """);
}
