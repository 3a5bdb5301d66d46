using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Twin.Tests.Benchmarks;

// `allocations FILE` measures allocated bytes and writes them where the contract test compares them; anything else goes
// to BenchmarkDotNet. In process, since its generated projects know nothing of our lock files.
if (args is ["allocations", var file])
{
    var measured = await Allocations.MeasureAsync();
    measured.Write(file);
    Console.WriteLine(measured);
    return 0;
}

var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(RegistryBenchmarks).Assembly).Run(args, config);
return 0;
