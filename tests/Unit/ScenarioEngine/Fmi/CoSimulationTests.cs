using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Fmi;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Fmi;

/// <summary>Co-simulation of an FMU of our own, well and badly behaved, as FMI 2 and as FMI 3.</summary>
public sealed class CoSimulationTests
{
    private static readonly FmuTimes FiveSteps = new(0, 0.1, 5);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_FMU_gives_the_trajectory_of_its_equation(int fmi)
    {
        using var fmu = TinyFmu.Open(fmi);
        var result = await RunAsync(fmu, mode: 0);
        var x = result.Series["tiny"]["x"];
        var record = new ValidationRecord("fmi");
        double[] expected = [1, 0.9, 0.81, 0.729, 0.6561, 0.59049];
        for (var k = 0; k < expected.Length; k++)
        {
            record.Near($"FMI {fmi}, der(x) = -x by explicit Euler of 0.1 s, x({k / 10.0:0.0})", x[k], expected[k], 1e-15, "1", "arithmetic: 0.9 to the power of the step (Dahlquist_out.csv of the Reference FMUs: 0.9, 0.81)");
        }

        Assert.Equal([0, 0.1, 0.2, 3 * 0.1, 0.4, 0.5], result.Times);
    }

    [Theory]
    [InlineData(2, 1, FmuFailure.TimedOut, "a step of 0.1 s at t = 0.2 s: no answer within 2 s; its process was ended")]
    [InlineData(3, 1, FmuFailure.TimedOut, "no answer within 2 s")]
    [InlineData(2, 2, FmuFailure.Crashed, "a step of 0.1 s at t = 0.2 s: its process ended")]
    [InlineData(3, 2, FmuFailure.Crashed, "its process ended")]
    [InlineData(2, 3, FmuFailure.Incomplete, "was made until t = 0.25 s only")]
    [InlineData(3, 3, FmuFailure.Incomplete, "was made until t = 0.25 s only")]
    [InlineData(3, 10, FmuFailure.Incomplete, "was made until t = 0.25 s only")]
    [InlineData(2, 4, FmuFailure.Failed, "fmi2DoStep answered Error. It logged: [Error] step 3 of tiny at t=0.20 failed: 1 2 3 4 0.5 0.25 end")]
    [InlineData(3, 4, FmuFailure.Failed, "fmi3DoStep answered Error. It logged: [Error] step 3 of tiny at t=0.20 failed: 1 2 3 4 0.5 0.25 end")]
    [InlineData(2, 5, FmuFailure.Failed, "'x' is NaN")]
    [InlineData(3, 8, FmuFailure.Crashed, "tiny gives up")]
    [InlineData(3, 9, FmuFailure.Crashed, "its process ended with exit code 7")]
    public async Task What_an_FMU_does_wrong_is_told_with_the_step_in_which_it_did_it(int fmi, int mode, FmuFailure failure, string says)
    {
        using var fmu = TinyFmu.Open(fmi, new FmuBounds { StepDeadline = mode == 1 ? TimeSpan.FromSeconds(2) : TimeSpan.FromSeconds(30) });
        var fault = await Assert.ThrowsAsync<FmuException>(() => RunAsync(fmu, mode));
        Assert.Equal(failure, fault.Failure);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        Assert.Equal("tiny", fault.Component);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_FMU_gets_no_more_memory_than_it_may_have(int fmi)
    {
        using var fmu = TinyFmu.Open(fmi, new FmuBounds { MostMemoryBytes = 64 << 20 });
        var fault = await Assert.ThrowsAsync<FmuException>(() => RunAsync(fmu, mode: 6));
        var said = Assert.Single(fault.Messages).Text;
        var held = int.Parse(said.Split(' ')[3], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(held, 30, 64);
    }

    [Fact]
    public async Task What_an_FMU_prints_and_reads_does_not_disturb_its_answers()
    {
        using var fmu = TinyFmu.Open(2);
        var result = await RunAsync(fmu, mode: 7);
        Assert.Equal(0.59049, result.Series["tiny"]["x"][5], 12);
    }

    [Fact]
    public async Task An_FMU_sees_nothing_of_the_environment()
    {
        Environment.SetEnvironmentVariable("TWIN_TEST_SECRET", "password");
        using var fmu = TinyFmu.Open(3);
        await using var process = await FmuProcess.StartAsync(fmu, "tiny", TimeProvider.System, TestContext.Current.CancellationToken);
        var values = await process.InitialiseAsync(0, 1, [new FmuSetting(new FmuHandle(5, FmuType.Text, true), new FmuValue(0, "étoile"))], [], [new FmuHandle(6, FmuType.Text, true), new FmuHandle(5, FmuType.Text, true)], TestContext.Current.CancellationToken);
        Assert.Equal(["none", "étoile"], values.Select(value => value.Text));
    }

    [Fact]
    public async Task Cancelling_ends_the_process_at_once()
    {
        using var fmu = TinyFmu.Open(2);
        await using var process = await FmuProcess.StartAsync(fmu, "tiny", TimeProvider.System, TestContext.Current.CancellationToken);
        await process.InitialiseAsync(0, 1, [new FmuSetting(new FmuHandle(4, FmuType.Int32, true), 1)], [], [], TestContext.Current.CancellationToken);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var step = process.StepAsync(0.2, 0.1, [], [], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => step);
        Assert.False(Directory.Exists($"/proc/{process.ProcessId}/fd") && Directory.GetFiles($"/proc/{process.ProcessId}/fd").Length > 0);
    }

    [Fact]
    public async Task A_run_that_takes_too_long_in_all_is_ended()
    {
        using var fmu = TinyFmu.Open(2, new FmuBounds { RunDeadline = TimeSpan.FromSeconds(1) });
        var fault = await Assert.ThrowsAsync<FmuException>(() => RunAsync(fmu, mode: 1));
        Assert.Equal(FmuFailure.TimedOut, fault.Failure);
        Assert.Contains("the simulation", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Units_convert_by_the_definitions_of_the_FMU()
    {
        using var fmu = TinyFmu.Open(3);
        var result = await CoSimulation.RunAsync(
            [new FmuComponent { Name = "tiny", Fmu = fmu, Parameters = [new("k", "1/h", 3600)], Inputs = [Zero(5)], Outputs = [new("x", "K"), new("k", "1/h")] }], [], FiveSteps, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(0.9, result.Series["tiny"]["x"][1], 12);
        Assert.Equal(3600, result.Series["tiny"]["k"][0], 9);
        var celsius = await CoSimulation.RunAsync(
            [new FmuComponent { Name = "tiny", Fmu = fmu, Inputs = [Zero(5)], Outputs = [new("x", "degC")] }], [], FiveSteps, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(-272.15, celsius.Series["tiny"]["x"][0], 10);
    }

    [Fact]
    public async Task Connected_FMUs_step_together_and_what_is_connected_arrives_one_step_later()
    {
        // FMI 2 and FMI 3 in one loop: a' = -a + b, b' = -b + a needs units that fit; the sum of both is kept by Euler.
        static string Coupled(string xml) => xml.Replace("unit=\"K/s\" start", "unit=\"K\" start", StringComparison.Ordinal);
        using var a = TinyFmu.Open(2, change: Coupled);
        using var b = TinyFmu.Open(3, change: Coupled);
        FmuComponent[] components =
        [
            new() { Name = "a", Fmu = a, Parameters = [new("x", "K", 3)], Outputs = [new("x", "K")] },
            new() { Name = "b", Fmu = b, Outputs = [new("x", "mK")] },
        ];
        FmuConnection[] connections = [new("a", "x", "b", "u"), new("b", "x", "a", "u")];
        var first = await CoSimulation.RunAsync(components, connections, new FmuTimes(0, 0.1, 40), TimeProvider.System, TestContext.Current.CancellationToken);
        var second = await CoSimulation.RunAsync([.. components.Reverse()], [.. connections.Reverse()], new FmuTimes(0, 0.1, 40), TimeProvider.System, TestContext.Current.CancellationToken);
        var (expectedA, expectedB) = (3.0, 1.0);
        for (var k = 0; k <= 40; k++)
        {
            Assert.Equal(expectedA, first.Series["a"]["x"][k], 12);
            Assert.Equal(expectedB, first.Series["b"]["x"][k] / 1000, 12);
            (expectedA, expectedB) = (expectedA + (0.1 * (expectedB - expectedA)), expectedB + (0.1 * (expectedA - expectedB)));
        }

        Assert.Equal(first.Series["a"]["x"], second.Series["a"]["x"]);
        Assert.Equal(first.Series["b"]["x"], second.Series["b"]["x"]);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_its_name_before_anything_runs()
    {
        using var fmu = TinyFmu.Open(2);
        var good = new FmuComponent { Name = "tiny", Fmu = fmu, Inputs = [Zero(5)], Outputs = [new("x", "K")] };
        Refused(good with { Inputs = [] }, "tiny.u", "neither a series nor a connection (unit: K/s)");
        Refused(good with { Inputs = [Zero(4)] }, "u", "it has 4 values; there are 5 steps");
        Refused(good with { Inputs = [new("u", "W", [0, 0, 0, 0, 0])] }, "u", "the unit given is 'W', that of the FMU is 'K/s'");
        Refused(good with { Inputs = [new("u", "", [0, 0, 0, 0, 0])] }, "u", "no unit is said");
        Refused(good with { Inputs = [new("u", "K/s", [0, 0, double.NaN, 0, 0])] }, "u[2]", "no finite number");
        Refused(good with { Inputs = [Zero(5), Zero(5)] }, "tiny.u", "given twice");
        Refused(good with { Inputs = [new("v", "K/s", [0, 0, 0, 0, 0])] }, "v", "has no variable of this name");
        Refused(good with { Parameters = [new("k", "1/s", -1)] }, "k", "outside of what the FMU takes, 0 to 100");
        Refused(good with { Parameters = [new("mode", "1", 0.5)] }, "mode", "is no Int32");
        Refused(good with { Parameters = [new("story", "1", 1)] }, "story", "it takes a text");
        Refused(good with { Outputs = [new("x", "J")] }, "x", "the unit given is 'J'");
        Refused(good with { Outputs = [new("secret", "1")] }, "secret", "a text makes no series");
        Refused(good, "stepSize", "no positive number", FiveSteps with { StepSize = 0 });
        Refused(good, "steps", "1 to 10,000,000", FiveSteps with { Steps = 0 });

        void Refused(FmuComponent component, string input, string fault, FmuTimes? times = null)
        {
            var refused = Assert.Throws<ModelInputException>(() => CoSimulationPlan.Of([component], [], times ?? FiveSteps));
            Assert.Equal(input, refused.Input);
            Assert.Contains(fault, refused.Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_connection_between_units_that_measure_different_things_is_refused()
    {
        using var fmu = TinyFmu.Open(2);
        var component = new FmuComponent { Name = "a", Fmu = fmu };
        var refused = Assert.Throws<ModelInputException>(() => CoSimulationPlan.Of([component, component with { Name = "b", Inputs = [Zero(5)] }], [new("b", "x", "a", "u")], FiveSteps));
        Assert.Contains("'x' is in 'K', which measures something else than 'K/s'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Units_there_and_back_are_the_same_number()
    {
        Gen.Select(Gen.Double[-1e6, 1e6], Gen.Double[1e-3, 1e3], Gen.Double[-1e3, 1e3]).Sample((value, factor, offset) =>
        {
            var conversion = new UnitConversion(factor, offset);
            Assert.Equal(value, conversion.Inverse.Of(conversion.Of(value)), 1e-4);
            Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(UnitConversion.None.Inverse.Of(value)));
        });
    }

    private static FmuSeries Zero(int steps) => new("u", "K/s", new double[steps]);

    private static Task<CoSimulationResult> RunAsync(FmuArchive fmu, int mode) => CoSimulation.RunAsync(
        [new FmuComponent { Name = "tiny", Fmu = fmu, Parameters = [new("mode", "1", mode)], Inputs = [Zero(5)], Outputs = [new("x", "K")] }], [], FiveSteps, TimeProvider.System, TestContext.Current.CancellationToken);
}
