using System.Diagnostics;
using System.Globalization;

namespace Twin.Node.Bench;

/// <summary>
/// RC_BuildingSimulator (ETH Zürich, MIT), the Python program of the same model, run beside us: its own example of a year,
/// timed in its process without the interpreter's start.
/// </summary>
internal static class RcBuildingSimulator
{
    private const string Program = """
        import os, sys, time, runpy, io, contextlib
        root = sys.argv[1]
        sys.path.insert(0, os.path.join(root, 'rc_simulator'))
        os.chdir(os.path.join(root, 'rc_simulator', 'examples') if os.path.isdir(os.path.join(root, 'rc_simulator', 'examples')) else root)
        try:
            import matplotlib; matplotlib.use('Agg')
        except ImportError:
            pass
        import numpy, pandas
        script = os.path.join(os.getcwd(), 'annualSimulation.py')
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(script)
            began = time.perf_counter()
            runpy.run_path(script)
            took = time.perf_counter() - began
        print(took * 1e6)
        """;

    /// <summary>Microseconds of its year.</summary>
    /// <param name="folder">A checkout of architecture-building-systems/RC_BuildingSimulator.</param>
    /// <exception cref="BenchException">It did not run.</exception>
    public static async Task<double> MicrosecondsAsync(string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("python3", ["-c", Program, Path.GetFullPath(folder)]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var python = Process.Start(start) ?? throw new BenchException("python3 did not start.");
        var (output, errors) = (python.StandardOutput.ReadToEndAsync(cancellationToken), python.StandardError.ReadToEndAsync(cancellationToken));
        await python.WaitForExitAsync(cancellationToken);
        return python.ExitCode == 0 && double.TryParse((await output).Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var took)
            ? took
            : throw new BenchException($"RC_BuildingSimulator did not run: {await errors}");
    }
}
