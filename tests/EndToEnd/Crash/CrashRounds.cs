using System.Globalization;
using Twin.Tests.Support;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary>Rounds of writing to a node and killing it. <c>TWIN_CRASH_ROUNDS</c> sets how many (5).</summary>
internal static class CrashRounds
{
    /// <summary>How many.</summary>
    public static int Count { get; } = int.Parse(Environment.GetEnvironmentVariable("TWIN_CRASH_ROUNDS") ?? "5", CultureInfo.InvariantCulture);

    /// <summary>The same moments in every run; the operating system adds its own chance. <c>TWIN_CRASH_SEED</c> sets others.</summary>
    public static Random Random(int seed) => new(int.Parse(Environment.GetEnvironmentVariable("TWIN_CRASH_SEED") ?? seed.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>Kills a short while after a drawn number of acknowledgements, so that it hits other moments each time.</summary>
    /// <param name="node">The node.</param>
    /// <param name="writers">Each writes until the node is gone, and says after each acknowledgement that there was one.</param>
    /// <param name="acknowledgements">The least and the most of them before the kill.</param>
    /// <param name="random">Draws them.</param>
    /// <param name="look">Looks at the node just before the kill.</param>
    public static async Task WriteAndKillAsync(
        NodeProcess node, IEnumerable<Func<Action, CancellationToken, Task>> writers, (int Least, int Most) acknowledgements, Random random, Func<Task>? look,
        CancellationToken cancellationToken)
    {
        var left = random.Next(acknowledgements.Least, acknowledgements.Most);
        var pause = TimeSpan.FromMicroseconds(random.Next(0, 20_000));
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = writers.Select(write => write(
            () =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    enough.SetResult();
                }
            },
            cancellationToken)).ToArray();
        await Task.WhenAny([enough.Task, .. writing]);
        await Task.Delay(pause, cancellationToken);
        if (look is not null)
        {
            await look();
        }

        await node.KillAsync();
        await Task.WhenAll(writing);
    }
}
