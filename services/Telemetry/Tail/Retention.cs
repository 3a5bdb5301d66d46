using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.NgsiLd.Contexts;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Tail;

/// <summary>Forgets what is older than the settings keep: whole chunks, a few series at a time, so that nobody waits for it.</summary>
internal sealed partial class Retention : BackgroundService
{
    private const int SeriesAtOnce = 200;
    private static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly SeriesDirectory directory;
    private readonly Sealer sealer;
    private readonly TimeProvider clock;
    private readonly ILogger<Retention> log;
    private readonly List<(string? Type, string? Attribute, Period Keep)> rules = [];

    /// <exception cref="OptionsValidationException">A rule is none.</exception>
    public Retention(SeriesDirectory directory, Sealer sealer, IOptions<TelemetryOptions> options, TimeProvider clock, ILogger<Retention> log)
    {
        (this.directory, this.sealer, this.clock, this.log) = (directory, sealer, clock, log);
        foreach (var (at, rule) in options.Value.Retention.Index())
        {
            if (!Period.TryParse(rule.Keep, out var keep) || keep.IsZero)
            {
                var name = $"{TelemetryOptions.Section}:Retention:{at}:Keep";
                throw new OptionsValidationException(name, typeof(TelemetryOptions), [$"{name}: '{rule.Keep}' is no ISO 8601 duration such as P2Y or P90D."]);
            }

            rules.Add((Iri(rule.Type), Iri(rule.Attribute), keep));
        }
    }

    /// <summary>Forgets now.</summary>
    /// <returns>How many points.</returns>
    public async Task<long> RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        long points = 0;
        var done = 0;
        foreach (var some in directory.Tenants.SelectMany(static tenant => tenant.Entities).SelectMany(entity => Due(entity, now)).Chunk(SeriesAtOnce))
        {
            points += await sealer.ForgetAsync(some, cancel);
            done += some.Length;
            Log.Progress(log, points, done);
        }

        return points;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (rules.Count == 0)
        {
            return;
        }

        try
        {
            for (var pause = FirstAfter; ; pause = Interval)
            {
                await Task.Delay(pause, clock, stoppingToken);
                await TryRunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest is forgotten after the next start.
        }
    }

    private async Task TryRunAsync(CancellationToken cancel)
    {
        try
        {
            await RunAsync(cancel);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or OutOfMemoryException))
        {
            Log.Failed(log, fault);
        }
    }

    private IEnumerable<(TimeSeries Series, long Before)> Due(SeriesEntity entity, DateTime now)
    {
        foreach (var series in entity.Series)
        {
            var rule = rules.FindIndex(one => (one.Type is null || entity.Types.Contains(one.Type)) && (one.Attribute is null || one.Attribute == series.Attribute));
            if (rule >= 0 && Before(now, rules[rule].Keep) is var before && series.SealedCount > 0 && series.SealedStart < before)
            {
                yield return (series, before);
            }
        }
    }

    private static long Before(DateTime now, Period keep)
    {
        var days = ((long)keep.Months * 31) + keep.Days;
        return days < (now - DateTime.MinValue).TotalDays ? now.AddMonths(-keep.Months).AddDays(-keep.Days).Ticks - keep.Ticks : 0;
    }

    private static string? Iri(string? name) => string.IsNullOrEmpty(name) ? null : JsonLdContext.Core.ExpandTerm(name);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Points} points were forgotten, as the settings say; {Series} series so far")]
        public static partial void Progress(ILogger logger, long points, int series);

        [LoggerMessage(Level = LogLevel.Error, Message = "What is older than the settings keep could not be forgotten; it is tried again in an hour")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
