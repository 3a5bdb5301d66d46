using System.Globalization;
using System.IO.Compression;
using Twin.ScenarioEngine.Fmi;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Fmi;

/// <summary>
/// The Reference FMUs of the Modelica Association (github.com/modelica/Reference-FMUs), built with cmake into
/// <c>fmu/2.0</c> and <c>fmu/3.0</c> of the shared folder, against the trajectories that they carry themselves.
/// </summary>
public sealed class ReferenceFmuTests
{
    private const string Source = "the trajectory in the FMU itself (Reference FMUs, extra/org.fmi-standard.fmi-ls-ref)";

    [Theory]
    [InlineData("2.0", "Dahlquist", 0.1)]
    [InlineData("3.0", "Dahlquist", 0.1)]
    [InlineData("2.0", "BouncingBall", 0.01)]
    [InlineData("3.0", "BouncingBall", 0.01)]
    [InlineData("2.0", "VanDerPol", 0.1)]
    [InlineData("3.0", "VanDerPol", 0.1)]
    [InlineData("2.0", "Stair", 0.2, 8.8)]
    [InlineData("3.0", "Stair", 0.2, 8.8)]
    public async Task The_trajectory_is_the_one_that_the_FMU_carries(string fmi, string name, double step, double until = double.MaxValue)
    {
        var path = SharedTools.Find($"fmu/{fmi}/{name}.fmu");
        Assert.SkipWhen(path is null, $"fmu/{fmi}/{name}.fmu is not offered here");
        using var file = File.OpenRead(path!);
        using var fmu = FmuArchive.Open(file, Path.GetTempPath(), new FmuBounds());
        var (names, rows) = Trajectory(path!, name);
        var steps = (int)Math.Round(Math.Min(until, rows[^1][0]) / step);
        var result = await CoSimulation.RunAsync(
            [new FmuComponent { Name = name, Fmu = fmu, Outputs = [.. names.Select(column => new FmuWanted(column, fmu.Description.Variable(column).Unit ?? "1"))] }],
            [],
            new FmuTimes(0, step, steps),
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        var compared = 0;
        var worst = 0.0;
        foreach (var row in rows)
        {
            var k = (int)Math.Round(row[0] / step);
            if (k > steps || Math.Abs((k * step) - row[0]) > 1e-9)
            {
                continue;
            }

            for (var column = 0; column < names.Length; column++)
            {
                var reference = row[column + 1];
                worst = Math.Max(worst, Math.Abs(result.Series[name][names[column]][k] - reference) / Math.Max(1, Math.Abs(reference)));
                compared++;
            }
        }

        Assert.True(compared > steps / 2, $"{compared} values compared");
        new ValidationRecord("fmi").Near($"FMI {fmi}, {name}, worst of {compared} values, relative", worst, 0, 1e-12, "1", Source);
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("3.0")]
    public async Task An_FMU_that_asks_to_end_is_told_and_no_shorter_series_is_given(string fmi)
    {
        var path = SharedTools.Find($"fmu/{fmi}/Stair.fmu");
        Assert.SkipWhen(path is null, $"fmu/{fmi}/Stair.fmu is not offered here");
        using var file = File.OpenRead(path!);
        using var fmu = FmuArchive.Open(file, Path.GetTempPath(), new FmuBounds());
        var fault = await Assert.ThrowsAsync<FmuException>(() => CoSimulation.RunAsync(
            [new FmuComponent { Name = "stair", Fmu = fmu, Outputs = [new("counter", "1")] }], [], new FmuTimes(0, 0.2, 50), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal(FmuFailure.Incomplete, fault.Failure);
        Assert.Contains("asked to end the simulation", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_type_of_FMI_3_goes_in_and_comes_out()
    {
        var path = SharedTools.Find("fmu/3.0/Feedthrough.fmu");
        Assert.SkipWhen(path is null, "fmu/3.0/Feedthrough.fmu is not offered here");
        using var file = File.OpenRead(path!);
        using var fmu = FmuArchive.Open(file, Path.GetTempPath(), new FmuBounds());
        (string Name, double Value)[] given =
        [
            ("Float32_continuous", 0.5), ("Float32_discrete", -2.25), ("Float64_continuous", Math.PI), ("Float64_discrete", 1e300), ("Int8", -128), ("UInt8", 255), ("Int16", -32768), ("UInt16", 65535),
            ("Int32", int.MinValue), ("UInt32", uint.MaxValue), ("Int64", -9007199254740992), ("UInt64", 9007199254740992), ("Boolean", 1), ("Enumeration", 2),
        ];
        var result = await CoSimulation.RunAsync(
            [new FmuComponent
            {
                Name = "f",
                Fmu = fmu,
                Parameters = [new("String_input", "1", new FmuValue(0, "ça va"))],
                Inputs = [.. given.Select(pair => new FmuSeries(pair.Name + "_input", "1", [0 * pair.Value + (pair.Name == "Enumeration" ? 1 : 0), pair.Value, pair.Value]))],
                Outputs = [.. given.Select(pair => new FmuWanted(pair.Name + "_output", "1"))],
            }],
            [],
            new FmuTimes(0, 0.1, 3),
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        foreach (var (name, value) in given)
        {
            Assert.Equal(value, result.Series["f"][name + "_output"][3]);
        }
    }

    [Fact]
    public async Task Resources_are_found_by_the_library()
    {
        foreach (var fmi in (string[])["2.0", "3.0"])
        {
            var path = SharedTools.Find($"fmu/{fmi}/Resource.fmu");
            Assert.SkipWhen(path is null, $"fmu/{fmi}/Resource.fmu is not offered here");
            using var file = File.OpenRead(path!);
            using var fmu = FmuArchive.Open(file, Path.GetTempPath(), new FmuBounds());
            var result = await CoSimulation.RunAsync([new FmuComponent { Name = "r", Fmu = fmu, Outputs = [new("y", "1")] }], [], new FmuTimes(0, 1, 1), TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.Equal('a', result.Series["r"]["y"][1]);
        }
    }

    private static (string[] Names, List<double[]> Rows) Trajectory(string path, string name)
    {
        using var zip = ZipFile.OpenRead(path);
        using var reader = new StreamReader(zip.GetEntry($"extra/org.fmi-standard.fmi-ls-ref/{name}_out.csv")!.Open());
        var names = reader.ReadLine()!.Split(',').Skip(1).Select(column => column.Trim('"')).ToArray();
        var rows = new List<double[]>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            rows.Add([.. line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))]);
        }

        return (names, rows);
    }
}
