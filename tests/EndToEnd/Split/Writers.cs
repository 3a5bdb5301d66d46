using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>
/// Callers that write without a pause through the front door, each an entity of its own with a number that counts up, and
/// note what was acknowledged.
/// </summary>
internal sealed class Writers : IAsyncDisposable
{
    private const int Count = 3;

    private readonly HttpClient http;
    private readonly string[] ids;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> failures = new();
    private readonly Task[] running;
    private long acknowledged;
    private long slowest;

    private Writers(HttpClient http, string[] ids)
    {
        (this.http, this.ids) = (http, ids);
        Last = new long[Count];
        running = [.. Enumerable.Range(0, Count).Select(RunAsync)];
    }

    /// <summary>Writes that were acknowledged so far.</summary>
    public long Acknowledged => Interlocked.Read(ref acknowledged);

    /// <summary>The last acknowledged number of each entity: all from 1 to it were.</summary>
    public long[] Last { get; }

    /// <summary>What was answered to a write that was not acknowledged.</summary>
    public IReadOnlyCollection<string> Failures => failures;

    /// <summary>The longest time that a write took.</summary>
    public TimeSpan Slowest => TimeSpan.FromTicks(Interlocked.Read(ref slowest));

    /// <summary>The entities written, in the order of <see cref="Last"/>.</summary>
    public IReadOnlyList<string> Ids => ids;

    /// <summary>Begins.</summary>
    /// <param name="gateway">The front door.</param>
    /// <param name="token">An operator's or administrator's bearer token.</param>
    /// <param name="name">Part of the entities' ids.</param>
    public static Writers Start(Uri gateway, string token, string name)
    {
        var client = new HttpClient { BaseAddress = gateway };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new Writers(client, [.. Enumerable.Range(0, Count).Select(number => $"urn:ngsi-ld:Counter:{name}:{number}")]);
    }

    /// <summary>Ends, after the write that each has under way.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        http.Dispose();
        stop.Dispose();
    }

    private async Task RunAsync(int number)
    {
        for (long value = 1; !stop.IsCancellationRequested; value++)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                using var content = new StringContent(
                    string.Create(CultureInfo.InvariantCulture, $$"""[{"id":"{{ids[number]}}","type":"Counter","number":{"type":"Property","value":{{value}} } }]"""), Encoding.UTF8, "application/json");
                using var response = await http.PostAsync("/ngsi-ld/v1/entityOperations/upsert", content, CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                {
                    failures.Enqueue($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                    return;
                }
            }
            catch (HttpRequestException fault)
            {
                failures.Enqueue(fault.Message);
                return;
            }

            Last[number] = value;
            Interlocked.Increment(ref acknowledged);
            var took = Stopwatch.GetElapsedTime(begun).Ticks;
            // Only ever raised, and a lost race between two writers costs a statistic.
            if (took > Interlocked.Read(ref slowest))
            {
                Interlocked.Exchange(ref slowest, took);
            }
        }
    }
}
