using Microsoft.Extensions.Hosting;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Ingest;

/// <summary>
/// Finds out at the start with which equal numbers the series end that have a rule for it, from their newest stored points:
/// a sensor that was stuck is stuck after a restart. Of a series that moves this reads one chunk.
/// </summary>
internal sealed class StuckMemory(PointRules rules, SeriesDirectory directory, SeriesReader reader, TailWriter tail) : IHostedService
{
    private const int FirstPage = 256;
    private const int NextPage = 16 * 1024;

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!rules.HasStuck)
        {
            return;
        }

        await tail.Replayed.WaitAsync(cancellationToken);
        foreach (var series in directory.Tenants.SelectMany(static tenant => tenant.Entities).SelectMany(static entity => entity.Series))
        {
            if (series.Newest != TimeSeries.Never && rules.StuckOf(series) is { } limit)
            {
                await RememberAsync(series, limit, cancellationToken);
            }
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RememberAsync(TimeSeries series, StuckLimit limit, CancellationToken cancel)
    {
        var run = series.StuckRun();
        var until = long.MaxValue;
        for (var page = FirstPage; ; page = NextPage)
        {
            var points = await reader.LastAsync(series, page, 0, until, cancel);
            for (var i = points.Count - 1; i >= 0; i--)
            {
                if (IsJudged(points.Forms[i], points.ExtraAt(i)) && !run.TakeOlder(points.Times[i], points.Forms[i], points.Bits[i], limit))
                {
                    return;
                }
            }

            if (points.Count < page)
            {
                return;
            }

            until = points.Times[0];
        }
    }

    /// <summary>Whether a point is one that the rule has seen when it came: a number in the unit of its series, and not of a clock that is off.</summary>
    private static bool IsJudged(byte form, PointExtra? extra) =>
        form < PointForm.Boolean && extra is not { Quality: PointQuality.ClockSkew or PointQuality.UnitMismatch };
}
