using System.Text.Json.Serialization;

namespace Twin.Node.Bench;

/// <summary>What one run of a load generator counted.</summary>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="Microseconds">How long it took.</param>
/// <param name="Bytes">Bytes received.</param>
/// <param name="Refused">Answers with a status of 400 or more.</param>
/// <param name="Broken">Connections that failed, and requests that were never answered.</param>
/// <param name="P50Microseconds">The median time to an answer.</param>
/// <param name="P99Microseconds">The time within which 99 of 100 were answered (closed loop: not corrected for requests that waited to be sent).</param>
internal sealed record LoadResult(
    long Requests, long Microseconds, long Bytes, long Refused, long Broken, double P50Microseconds, double P99Microseconds)
{
    /// <summary>Answers a second.</summary>
    [JsonIgnore]
    public double Rate => Requests * 1e6 / Math.Max(1, Microseconds);
}
