using System.Globalization;
using System.Runtime.InteropServices;

namespace Twin.Node.Bench;

/// <summary>The machine that was measured, without which no figure means anything.</summary>
/// <param name="Processor">The model of the processor.</param>
/// <param name="Cores">Logical processors that this process may use.</param>
/// <param name="MemoryMegabytes">Physical memory.</param>
/// <param name="Kernel">Operating system and version.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="FsyncMicroseconds">The median time of a 4 KiB append and fsync where the node stores its data.</param>
internal sealed record BenchMachine(
    string Processor, int Cores, long MemoryMegabytes, string Kernel, string Runtime, double FsyncMicroseconds)
{
    /// <summary>Looks at the machine; writes and removes a small file in <paramref name="folder"/>.</summary>
    public static BenchMachine Look(string folder, TimeProvider time) => new(
        Fact("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        long.Parse((Fact("/proc/meminfo", "MemTotal") ?? "0 kB").Split(' ')[0], CultureInfo.InvariantCulture) / 1024,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        Fsync(folder, time));

    /// <summary>How many processors everything on the machine keeps busy, over a quarter of a second.</summary>
    public static async Task<double> BusyCoresAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var (busy, all) = Ticks();
        await Task.Delay(TimeSpan.FromMilliseconds(250), time, cancellationToken);
        var (busyAfter, allAfter) = Ticks();
        return Environment.ProcessorCount * (busyAfter - busy) / Math.Max(1.0, allAfter - all);
    }

    private static double Fsync(string folder, TimeProvider time)
    {
        var path = Path.Combine(folder, "fsync");
        var times = new double[50];
        var block = new byte[4096];
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            for (var i = 0; i < times.Length; i++)
            {
                var began = time.GetTimestamp();
                RandomAccess.Write(file, block, (long)i * block.Length);
                RandomAccess.FlushToDisk(file);
                times[i] = time.GetElapsedTime(began).TotalMicroseconds;
            }
        }

        File.Delete(path);
        return times.Order().ElementAt(times.Length / 2);
    }

    private static string? Fact(string file, string name) => File.ReadLines(file)
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(':') + 1)..].Trim())
        .FirstOrDefault();

    private static (long Busy, long All) Ticks()
    {
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4], ticks.Sum());
    }
}
