using BenchmarkDotNet.Attributes;

namespace Twin.Tests.Benchmarks;

/// <summary>Time and bytes of one retrieve, one page of 20, one batch of 100, without a socket.</summary>
[MemoryDiagnoser]
public class RegistryBenchmarks
{
    private RegistryWorkload workload = null!;
    private int next;

    /// <summary>Fills a registry with 10,000 entities.</summary>
    [GlobalSetup]
    public async Task StartAsync() => workload = await RegistryWorkload.StartAsync();

    /// <summary>Removes it.</summary>
    [GlobalCleanup]
    public async Task StopAsync() => await workload.DisposeAsync();

    /// <summary>One entity by id; the request itself is part of it.</summary>
    [Benchmark]
    public Task Retrieve() => workload.Retrieve(next++).RunAsync();

    /// <summary>One query by type, limit 20.</summary>
    [Benchmark]
    public Task QueryOf20() => workload.Query().RunAsync();

    /// <summary>One batch upsert of 100, durable.</summary>
    [Benchmark(OperationsPerInvoke = RegistryWorkload.BatchSize)]
    public Task BatchedEntity() => workload.Upsert(next++).RunAsync();
}
