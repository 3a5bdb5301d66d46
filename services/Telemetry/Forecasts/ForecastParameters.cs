using System.Globalization;
using System.Text;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Forecasts.Models;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Forecasts;

/// <summary>What is asked for, by name: the parameters of a URL or the members of a body.</summary>
/// <param name="named">The values; what is not there takes its default.</param>
internal sealed class ForecastParameters(IReadOnlyDictionary<string, string> named)
{
    private const int MostHorizon = 10_000;

    private static readonly Dictionary<string, ModelKind> Kinds = new(StringComparer.Ordinal)
    {
        ["naive"] = ModelKind.Naive,
        ["drift"] = ModelKind.Drift,
        ["seasonalNaive"] = ModelKind.SeasonalNaive,
        ["exponentialSmoothing"] = ModelKind.ExponentialSmoothing,
        ["holtWinters"] = ModelKind.HoltWinters,
        ["holtWintersMultiplicative"] = ModelKind.HoltWintersMultiplicative,
        ["stl"] = ModelKind.Stl,
    };

    private static readonly Dictionary<string, EtsTrend> Trends = new(StringComparer.Ordinal)
    {
        ["none"] = EtsTrend.None,
        ["additive"] = EtsTrend.Additive,
        ["damped"] = EtsTrend.Damped,
    };

    /// <summary>The series: entity, attribute and dataset as they were written.</summary>
    public (string Entity, string Attribute, string Dataset) Series
    {
        get
        {
            var entity = Required("entity", "the entity of the series: a URI");
            var attribute = Required("attribute", "the attribute of the series: a name of the @context, or an IRI");
            var dataset = Text("dataset") ?? "";
            if (!Uris.IsAbsolute(entity))
            {
                throw Bad("entity", "An entity id is a URI, such as urn:ngsi-ld:Device:1.");
            }

            if (!Uris.IsName(Encoding.UTF8.GetBytes(attribute)))
            {
                throw Bad("attribute", $"'{attribute}' names no attribute.");
            }

            return dataset.Length == 0 || dataset == "@none" ? (entity, attribute, "")
                : Uris.IsAbsolute(dataset) ? (entity, attribute, dataset)
                : throw Bad("dataset", "dataset is a URI, or @none.");
        }
    }

    /// <summary>Steps ahead.</summary>
    public int Horizon => Number("horizon", 24, 1, MostHorizon);

    /// <summary>The method; null chooses the best.</summary>
    public ModelKind? Kind => Text("model") is not { } name || name == "auto" ? null
        : Kinds.TryGetValue(name, out var kind) ? kind
        : throw Bad("model", $"There is no model '{name}'. There are: auto, {string.Join(", ", Kinds.Keys)}.");

    /// <summary>The trend.</summary>
    public EtsTrend Trend => Text("trend") is not { } name ? EtsTrend.Damped
        : Trends.TryGetValue(name, out var trend) ? trend
        : throw Bad("trend", $"There is no trend '{name}'. There are: {string.Join(", ", Trends.Keys)}.");

    /// <summary>The levels of the intervals, in percent, ascending.</summary>
    public double[] Levels
    {
        get
        {
            if (Text("levels") is not { } text)
            {
                return [80, 95];
            }

            double[] levels = [.. text.Split(',', 9).Select(Level).Distinct().Order()];
            return levels.Length <= 8 ? levels : throw Bad("levels", "At most 8 levels are told.");

            static double Level(string one) =>
                double.TryParse(one, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var level) && level is >= 1 and <= 99.9
                    ? level
                    : throw Bad("levels", "levels are numbers from 1 to 99.9, separated by commas.");
        }
    }

    /// <summary>Where the series is read.</summary>
    public SampleWindow Window
    {
        get
        {
            var (from, until) = (Time("from"), Time("until"));
            if (from is not null && until is not null && from >= until)
            {
                throw Bad("until", "until is later than from.");
            }

            return new SampleWindow(Step, Zone, from, until, Text("maxGap") is null ? null : Number("maxGap", 0, 0, SampleReader.MostSteps));
        }
    }

    /// <summary>Seasons in steps, ascending: those that are asked for, or the usual ones that the series is long enough for.</summary>
    /// <param name="samples">The series.</param>
    /// <param name="times">How often each must be in it.</param>
    public int[] Seasons(SeriesSamples samples, int times = 2)
    {
        var text = Text("season");
        if (text == "none")
        {
            return [];
        }

        if (text is null or "auto")
        {
            return [.. samples.Grid.UsualSeasons().Where(season => ((long)season * times) + 4 <= samples.Values.Length).Distinct().Order()];
        }

        int[] seasons = [.. text.Split(',', 4).Select(one => Season(one, samples.Grid)).Distinct().Order()];
        return seasons.Length > 3 ? throw Bad("season", "At most 3 seasons are taken.")
            : ((long)seasons[^1] * times) + 4 > samples.Values.Length ? throw Bad("season", $"The series has {samples.Values.Length} steps of {samples.Grid.StepText}, and a season of {seasons[^1]} needs {((long)seasons[^1] * times) + 4}. Take season=none, a shorter season, or more time (from).")
            : seasons;
    }

    /// <summary>A number.</summary>
    public int Number(string name, int otherwise, int least, int most) => Text(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw Bad(name, $"{name} is a whole number from {least} to {most}.");

    /// <summary>A number with decimals.</summary>
    public double Decimal(string name, double otherwise, double least, double most) => Text(name) is not { } text ? otherwise
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw Bad(name, $"{name} is a number from {least} to {most}.");

    /// <summary>True or false.</summary>
    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Bad(name, $"{name} is true or false."),
    };

    /// <summary>A duration; null when it is not given.</summary>
    public Period? Duration(string name) => Text(name) is not { } text ? null
        : Period.TryParse(text, out var period) && !period.IsZero ? period
        : throw Bad(name, $"{name} is an ISO 8601 duration such as PT1H or P7D.");

    /// <summary>A text; null when it is not given.</summary>
    public string? Text(string name) => named.TryGetValue(name, out var text) && text.Length > 0 ? text : null;

    /// <summary>The name of a method in parameters and answers.</summary>
    public static string NameOf(ModelKind kind) => Kinds.First(one => one.Value == kind).Key;

    /// <summary>The name of a trend in parameters and answers.</summary>
    public static string NameOf(EtsTrend trend) => Trends.First(one => one.Value == trend).Key;

    /// <summary>Refuses a parameter.</summary>
    public static NgsiLdException Bad(string name, string detail) => NgsiLdException.BadRequest(detail, name);

    private Period? Step
    {
        get
        {
            if (Text("step") is null or "auto")
            {
                return null;
            }

            var step = Duration("step")!.Value;
            return StepGrid.Fits(step) ? step : throw Bad("step", "A step is a time that divides a day (from PT1S to PT12H), 1 to 31 days, or months that divide a year (P1M, P3M, P1Y).");
        }
    }

    private TimeZoneInfo Zone => Text("timeZone") is not { } name ? TimeZoneInfo.Utc
        : name.Length <= 64 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone
        : throw Bad("timeZone", $"There is no time zone '{name}'. Name one of the IANA database, such as Europe/Paris.");

    private static int Season(string text, StepGrid grid)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var steps) && steps > 1)
        {
            return steps;
        }

        if (!Period.TryParse(text, out var period) || period.IsZero)
        {
            throw Bad("season", "season is auto, none, or up to three durations or numbers of steps, separated by commas: P1D,P7D.");
        }

        return grid.StepsIn(period) is > 1 and var found ? found : throw Bad("season", $"A season of {text} has no whole number of steps of {grid.StepText}, or less than two.");
    }

    private long? Time(string name) => Text(name) is not { } text ? null
        : Timestamps.TryParse(text.AsSpan(), out var micros) ? Instance.Ticks(micros)
        : throw Bad(name, $"{name} is a date-time in UTC such as 2026-01-01T00:00:00Z.");

    private string Required(string name, string what) => Text(name) ?? throw Bad(name, $"{name} is {what}.");
}
