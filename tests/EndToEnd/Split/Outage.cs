using System.Diagnostics;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>Something on the way of the events is killed while callers write, stays away for a while, and comes back.</summary>
/// <param name="What">What is killed, and part of the ids of the entities that are written.</param>
/// <param name="Reader">The reader of the outbox that cannot go on meanwhile.</param>
/// <param name="Gateway">The city's front door.</param>
/// <param name="Registry">The process whose readiness says how far behind the events are.</param>
/// <param name="Token">A token of somebody who may write.</param>
/// <param name="Kill">Kills it.</param>
/// <param name="Start">Starts it again.</param>
internal sealed record Outage(string What, string Reader, Uri Gateway, Uri Registry, string Token, Func<Task> Kill, Func<CancellationToken, Task> Start)
{
    private const int Patience = 40;

    /// <summary>
    /// Writes are acknowledged all the while, the registry says how far behind it is, and afterwards every acknowledged
    /// write has its event.
    /// </summary>
    /// <param name="bootstrapServers">The broker where the events arrive.</param>
    /// <param name="topic">The topic of the city's entities.</param>
    /// <param name="meanwhile">What else holds while it is away.</param>
    public async Task AssertNothingIsLostAsync(string bootstrapServers, string topic, Func<Task> meanwhile, CancellationToken cancellationToken)
    {
        await using var writers = Writers.Start(Gateway, Token, What);
        await WriteAsync(100);

        await Kill();
        var away = Stopwatch.StartNew();
        var before = writers.Acknowledged;
        await SaysAsync("Degraded", $"{Reader} of entity-registry is");
        await meanwhile();
        await WriteAsync(300);
        await Start(cancellationToken);
        var (seconds, during) = (away.Elapsed.TotalSeconds, writers.Acknowledged - before);
        await WriteAsync(100);
        await writers.StopAsync();

        var found = await Proof.AssertWritesAsync(writers, bootstrapServers, topic, cancellationToken);
        await SaysAsync("Healthy", "");
        TestContext.Current.TestOutputHelper!.WriteLine($"{What} away {seconds:F1} s, {during} writes acknowledged meanwhile; {found}");

        async Task WriteAsync(int more)
        {
            var now = writers.Acknowledged;
            Assert.True(
                await Eventually.HoldsAsync(() => Task.FromResult(writers.Acknowledged > now + more || writers.Failures.Count > 0), Patience, cancellationToken),
                $"{writers.Acknowledged - now} writes were acknowledged.");
            Assert.Empty(writers.Failures);
        }

        async Task SaysAsync(string state, string description)
        {
            var told = "";
            Assert.True(
                await Eventually.HoldsAsync(async () => (told = await Readiness.EventsAsync(Registry, cancellationToken)).StartsWith(state, StringComparison.Ordinal), Patience, cancellationToken),
                told);
            Assert.Contains(description, told, StringComparison.Ordinal);
        }
    }
}
