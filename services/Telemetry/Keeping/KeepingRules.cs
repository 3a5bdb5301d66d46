using Microsoft.Extensions.Options;
using Twin.NgsiLd.Contexts;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Keeping;

/// <summary>What the settings say of how long points are kept, and from which age on only their steps are.</summary>
internal sealed class KeepingRules
{
    private static readonly long LeastStep = TimeSpan.FromSeconds(1).Ticks;
    private static readonly long MostStep = TimeSpan.FromDays(366).Ticks;

    /// <exception cref="OptionsValidationException">A rule is none.</exception>
    public KeepingRules(IOptions<TelemetryOptions> options)
    {
        foreach (var (at, rule) in options.Value.Retention.Index())
        {
            var name = $"{TelemetryOptions.Section}:Retention:{at}";
            All.Add(new KeepingRule(rule.Type, rule.Attribute, Duration(rule.Keep, $"{name}:Keep"), rule.Keep, 0, null));
        }

        foreach (var (at, rule) in options.Value.DownSampling.Index())
        {
            var name = $"{TelemetryOptions.Section}:DownSampling:{at}";
            var step = Duration(rule.Step, $"{name}:Step");
            var ticks = (step.Days * TimeSpan.TicksPerDay) + step.Ticks;
            if (step.Months > 0 || ticks < LeastStep || ticks > MostStep)
            {
                throw Refused($"{name}:Step", $"'{rule.Step}' is no duration of weeks, days, hours, minutes or seconds from PT1S to P366D; years and months have no length of their own.");
            }

            All.Add(new KeepingRule(rule.Type, rule.Attribute, Duration(rule.After, $"{name}:After"), rule.After, ticks, rule.Step));
        }
    }

    /// <summary>The rules of retention, then those of down-sampling.</summary>
    public List<KeepingRule> All { get; } = [];

    /// <summary>What is to be done with a series as of a time; null when no rule fits it.</summary>
    public SeriesPlan? For(TimeSeries series, DateTime now)
    {
        int? retention = null;
        long before = 0;
        var steps = new List<StepPlan>();
        foreach (var (at, rule) in All.Index())
        {
            if (!rule.Fits(series))
            {
                continue;
            }

            var boundary = rule.Boundary(now);
            if (rule.Step > 0)
            {
                steps.Add(new StepPlan(at, StepPoints.Floor(boundary, rule.Step), rule.Step));
            }
            else if (retention is null)
            {
                (retention, before) = (at, boundary);
            }
        }

        return retention is null && steps.Count == 0 ? null : new SeriesPlan(series, retention, before, steps);
    }

    private static Period Duration(string text, string name) =>
        Period.TryParse(text, out var period) && !period.IsZero
            ? period
            : throw Refused(name, $"'{text}' is no ISO 8601 duration such as P2Y or P90D.");

    private static OptionsValidationException Refused(string name, string reason) => new(name, typeof(TelemetryOptions), [$"{name}: {reason}"]);
}

/// <summary>One rule of the settings.</summary>
/// <param name="type">The entity type as the settings name it; null for every one.</param>
/// <param name="attribute">The attribute likewise.</param>
/// <param name="age">From which age on it holds.</param>
/// <param name="ageText">The age as the settings write it.</param>
/// <param name="step">The length of a step in ticks; 0 for retention.</param>
/// <param name="stepText">The step as the settings write it.</param>
internal sealed class KeepingRule(string? type, string? attribute, Period age, string ageText, long step, string? stepText)
{
    private readonly string? typeIri = Iri(type);
    private readonly string? attributeIri = Iri(attribute);

    /// <summary>The entity type as the settings name it; null for every one.</summary>
    public string? Type { get; } = string.IsNullOrEmpty(type) ? null : type;

    /// <summary>The attribute likewise.</summary>
    public string? Attribute { get; } = string.IsNullOrEmpty(attribute) ? null : attribute;

    /// <summary>From which age on it holds, as the settings write it.</summary>
    public string Age { get; } = ageText;

    /// <summary>The length of a step in ticks; 0 for a rule of retention.</summary>
    public long Step { get; } = step;

    /// <summary>The step as the settings write it; null for a rule of retention.</summary>
    public string? StepText { get; } = stepText;

    /// <summary>Whether it is about a series.</summary>
    public bool Fits(TimeSeries series) =>
        (typeIri is null || series.Entity.Types.Contains(typeIri, StringComparer.Ordinal)) && (attributeIri is null || attributeIri == series.Attribute);

    /// <summary>What is older is what the rule is about, in ticks UTC.</summary>
    public long Boundary(DateTime now)
    {
        var days = ((long)age.Months * 31) + age.Days;
        return days < (now - DateTime.MinValue).TotalDays ? Math.Max(0, now.AddMonths(-age.Months).AddDays(-age.Days).Ticks - age.Ticks) : 0;
    }

    private static string? Iri(string? name) => string.IsNullOrEmpty(name) ? null : JsonLdContext.Core.ExpandTerm(name);
}

/// <summary>What is to be done with one series.</summary>
/// <param name="Series">The series.</param>
/// <param name="Retention">The number of the rule of retention; null when there is none.</param>
/// <param name="Before">Points before go, in ticks UTC.</param>
/// <param name="Steps">What becomes steps.</param>
internal sealed record SeriesPlan(TimeSeries Series, int? Retention, long Before, List<StepPlan> Steps)
{
    /// <summary>Nothing is to be done with points from here on.</summary>
    public long Until { get; } = Steps.Aggregate(Before, static (until, step) => Math.Max(until, step.Boundary));

    /// <summary>The steps in which a time is kept: the longest of the rules that hold for it; null for points as they were measured.</summary>
    public StepPlan? At(long time)
    {
        StepPlan? found = null;
        foreach (var step in Steps)
        {
            if (time < step.Boundary && step.Step > (found?.Step ?? 0))
            {
                found = step;
            }
        }

        return found;
    }

    /// <summary>The time after a given one at which other steps begin, or none.</summary>
    public long Next(long time)
    {
        var next = long.MaxValue;
        foreach (var step in Steps)
        {
            next = step.Boundary > time ? Math.Min(next, step.Boundary) : next;
        }

        return next;
    }
}

/// <summary>The steps of one rule.</summary>
/// <param name="Rule">The number of the rule.</param>
/// <param name="Boundary">Points before become steps: the start of a step.</param>
/// <param name="Step">The length of a step in ticks.</param>
internal sealed record StepPlan(int Rule, long Boundary, long Step);
