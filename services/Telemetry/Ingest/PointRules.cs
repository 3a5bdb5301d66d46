using Microsoft.Extensions.Options;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.Telemetry.Ingest.Units;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Ingest;

/// <summary>What the settings say of points that come in: it is told beside the value, and no point is dropped for it.</summary>
internal sealed class PointRules
{
    private readonly Dictionary<int, (double Least, double Most)> ranges = [];
    private readonly Dictionary<int, string> units = [];
    private readonly Dictionary<int, StuckLimit> stuck = [];
    private readonly TimeSpan ahead;
    private readonly TimeProvider clock;

    /// <exception cref="OptionsValidationException">A rule is none.</exception>
    public PointRules(IOptions<TelemetryOptions> options, TimeProvider clock)
    {
        (this.clock, ahead) = (clock, TimeSpan.FromSeconds(options.Value.MostAheadSeconds));
        foreach (var (at, rule) in options.Value.Ranges.Index())
        {
            var (least, most) = (rule.Least ?? double.NegativeInfinity, rule.Most ?? double.PositiveInfinity);
            Refuse(rule.Attribute.Length == 0 || !(least <= most), $"Ranges:{at}", "names an Attribute, and a Least that is not above Most.");
            ranges[Term(rule.Attribute)] = (least, most);
        }

        foreach (var (at, rule) in options.Value.Units.Index())
        {
            Refuse(rule.Attribute.Length == 0 || !UnitCodes.IsKnown(rule.Unit), $"Units:{at}", $"names an Attribute, and a Unit of UN/CEFACT Recommendation 20 such as CEL; '{rule.Unit}' is not known.");
            units[Term(rule.Attribute)] = rule.Unit;
        }

        foreach (var (at, rule) in options.Value.Stuck.Index())
        {
            var time = default(Period);
            Refuse(
                rule.Attribute.Length == 0 || rule is { For: null, Points: null } or { Points: < 1 } || (rule.For is { } text && (!Period.TryParse(text, out time) || time is { Months: > 0 } or { IsZero: true })),
                $"Stuck:{at}",
                "names an Attribute, and For, an ISO 8601 duration without months such as PT6H, or Points, at least 1, or both.");
            stuck[Term(rule.Attribute)] = new StuckLimit((time.Days * TimeSpan.TicksPerDay) + time.Ticks, rule.Points ?? 0);
        }
    }

    /// <summary>Whether any attribute has a rule for numbers that stay the same.</summary>
    public bool HasStuck => stuck.Count > 0;

    /// <summary>The rule of a series for numbers that stay the same; null when there is none.</summary>
    public StuckLimit? StuckOf(TimeSeries series) => stuck.GetValueOrDefault(series.Term);

    /// <summary>Whether numbers of any attribute are kept in one unit.</summary>
    public bool HasUnits => units.Count > 0;

    /// <summary>The unit in which numbers of the series are kept; null when they may have any.</summary>
    public string? UnitOf(TimeSeries series) => units.GetValueOrDefault(series.Term);

    /// <summary>The latest time, in ticks UTC, that the clock of a source may say now.</summary>
    public long Latest => ahead > TimeSpan.Zero ? clock.GetUtcNow().UtcTicks + ahead.Ticks : long.MaxValue;

    /// <summary>How far a point can be trusted; what its source says is not asked here, and wins.</summary>
    /// <param name="series">Its series.</param>
    /// <param name="time">Its time.</param>
    /// <param name="latest">See <see cref="Latest"/>; asked once for many points.</param>
    /// <param name="form">What the bits mean.</param>
    /// <param name="bits">The value.</param>
    public PointQuality Of(TimeSeries series, long time, long latest, byte form, long bits)
    {
        // The run of equal numbers goes on whatever else is wrong with one, but not into a future that will not come.
        var isStuck = stuck.Count > 0 && form < PointForm.Boolean && time <= latest && stuck.TryGetValue(series.Term, out var limit) && series.StuckRun().Take(time, form, bits, limit);
        if (ranges.Count > 0 && form < PointForm.Boolean && ranges.TryGetValue(series.Term, out var range)
            && PointValue.ToDouble(form, bits) is var value && (value < range.Least || value > range.Most))
        {
            return PointQuality.OutOfRange;
        }

        return time > latest ? PointQuality.ClockSkew : isStuck ? PointQuality.Stuck : PointQuality.Good;
    }

    private static int Term(string attribute) => Terms.Intern(JsonLdContext.Core.ExpandTerm(attribute));

    private static void Refuse(bool wrong, string rule, string what)
    {
        if (wrong)
        {
            var name = $"{TelemetryOptions.Section}:{rule}";
            throw new OptionsValidationException(name, typeof(TelemetryOptions), [$"{name} {what}"]);
        }
    }
}
