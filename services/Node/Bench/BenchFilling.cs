using System.Text;

namespace Twin.Node.Bench;

/// <summary>Fills a broker with the entities of the measurement.</summary>
internal static class BenchFilling
{
    private const int BatchSize = 100;
    private const int Connections = 4;

    /// <summary>Creates the entities 0 to <paramref name="entities"/> in batches of 100.</summary>
    /// <param name="progress">Told how many more are there.</param>
    /// <returns>Entities a second.</returns>
    /// <exception cref="BenchException">The broker refused a batch.</exception>
    public static async Task<double> FillAsync(Uri api, int entities, Action<int> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var next = 0;
        var began = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            await Task.Yield();
            using var connection = await RawHttpConnection.OpenAsync(api, cancellationToken);
            int from;
            while ((from = Interlocked.Add(ref next, BatchSize) - BatchSize) < entities)
            {
                var count = Math.Min(BatchSize, entities - from);
                var request = BenchScenario.Upsert(api, api.AbsolutePath.TrimEnd('/'), from, count);
                var (status, body) = await connection.SendAsync(request, cancellationToken);
                if (status is not (200 or 201 or 204))
                {
                    throw new BenchException($"{api} refused a batch with {status}: {Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, 500)])}");
                }

                progress(count);
            }
        }));
        return entities / time.GetElapsedTime(began).TotalSeconds;
    }
}
