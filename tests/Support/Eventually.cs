using System.Diagnostics;

namespace Twin.Tests.Support;

/// <summary>Waits for what happens in another thread or process.</summary>
public static class Eventually
{
    /// <summary>Asks until the condition holds or the time is up; says which.</summary>
    public static async Task<bool> HoldsAsync(Func<Task<bool>> condition, int seconds, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(seconds))
            {
                return false;
            }

            await Task.Delay(20, cancellationToken);
        }

        return true;
    }
}
