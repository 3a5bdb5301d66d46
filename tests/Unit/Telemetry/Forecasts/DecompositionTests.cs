using Twin.Telemetry.Forecasts.Models;
using Xunit;

namespace Twin.Tests.Unit.Telemetry.Forecasts;

/// <summary>STL against the authors' own program, and what it finds.</summary>
public sealed class DecompositionTests
{
    /// <summary>
    /// netlib's Fortran on the CO2 series with n_p 12, n_s 35, n_t 19, n_l 13, jumps 4, 2, 2, two robust passes: the scenario
    /// "baseline" of statsmodels' stl_test_results.csv.
    /// </summary>
    [Theory]
    [InlineData(0, -0.13125464336066284, 315.55193972532356, 0.94748803176461716)]
    [InlineData(1, 0.51706942811097434, 315.64448157233920, 0.88239070760993688)]
    [InlineData(9, -2.8785633048873667, 316.39895719429785, 0.99007288070955068)]
    [InlineData(17, 2.2439065462740442, 317.00910734971956, 0.59183799131206560)]
    [InlineData(35, -0.96062646825631948, 318.21018924393161, 0.98932044967118837)]
    [InlineData(52, 2.7659535008909888, 319.06784812442260, 0.50441999057188136)]
    [InlineData(76, 2.7853003578919644, 320.27460130438686, 0.49590170877395456)]
    [InlineData(93, -3.0192920742255533, 321.38591076938843, 0.18203278005122117)]
    [InlineData(96, -0.10025114980937715, 321.53941170055418, 0.28248399546546282)]
    [InlineData(118, -1.9979843506041424, 323.27963681112232, 0.64694642030618166)]
    [InlineData(147, 2.3800185233733959, 326.32393967871712, 0.10460030870706755)]
    [InlineData(332, -3.1010259953836288, 347.11142561396395, 0.53604535847752643)]
    [InlineData(346, -2.1426375825597082, 349.49521437302110, 0.98284553390023988)]
    [InlineData(347, -0.94898196289088432, 349.70269160292088, 0.98071842215379312)]
    public void Robust_decomposition_is_that_of_the_authors(int index, double season, double trend, double weight)
    {
        var options = new StlOptions(12, new Loess(35, 1, 4), new Loess(19, 1, 2), new Loess(13, 1, 2), 1, 2);

        var stl = StlDecomposition.Of(PublishedSeries.MaunaLoaTo1987, options, TestContext.Current.CancellationToken);

        Assert.Equal(season, stl.Season[index], 1e-9);
        Assert.Equal(trend, stl.Trend[index], 1e-9);
        Assert.Equal(weight, stl.Weights[index], 1e-7);
    }

    [Fact]
    public void Two_seasons_are_told_apart()
    {
        var random = new Random(3);
        var y = new double[24 * 7 * 8];
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = 20 + (i * 0.002) + Day(i) + Week(i) + (0.1 * (random.NextDouble() - 0.5));
        }

        var found = Decomposition.Of(y, [24, 168], robust: true, TestContext.Current.CancellationToken);

        for (var i = 200; i < y.Length - 200; i++)
        {
            Assert.Equal(20 + (i * 0.002) + Day(i) + Week(i), found.At(i), 0.2);
        }

        // The next season is as the last one.
        Assert.Equal(Day(y.Length + 30) + Week(y.Length + 30), found.SeasonAt(y.Length + 30), 0.3);

        static double Day(int i) => 5 * Math.Sin(2 * Math.PI * i / 24);
        static double Week(int i) => i / 24 % 7 >= 5 ? -3.0 * 5 / 7 : 3.0 * 2 / 7;
    }

    [Fact]
    public void Spikes_and_a_day_that_stands_still_are_anomalies_and_the_season_is_not()
    {
        var random = new Random(5);
        var y = new double[24 * 60];
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = 15 + (6 * Math.Sin(2 * Math.PI * i / 24)) + (0.5 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5));
        }

        y[500] += 9;
        y[900] -= 7;
        for (var i = 1200; i < 1224; i++)
        {
            y[i] = 15;
        }

        var found = Anomalies.Of(y, [.. y.Select(static _ => true)], [24], TestContext.Current.CancellationToken);

        Assert.True(found.Scores[500] > 10, $"{found.Scores[500]}");
        Assert.True(found.Scores[900] < -8, $"{found.Scores[900]}");
        Assert.InRange(found.Scale, 0.15, 0.4);
        // Noon and midnight of the day that stood still lie off by six; its zero crossings do not.
        Assert.True(Math.Abs(found.Scores[1206]) > 8 && Math.Abs(found.Scores[1218]) > 8);
        var others = Enumerable.Range(0, y.Length).Where(i => i is not (500 or 900 or >= 1190 and < 1234)).Count(i => Math.Abs(found.Scores[i]) > 4);
        Assert.True(others < 5, $"{others}");
    }

    [Fact]
    public void A_constant_series_has_no_anomaly()
    {
        var y = new double[200];
        Array.Fill(y, 21.5);
        var found = Anomalies.Of(y, [.. y.Select(static _ => true)], [24], TestContext.Current.CancellationToken);
        Assert.All(found.Scores, static score => Assert.Equal(0, score));
    }
}
