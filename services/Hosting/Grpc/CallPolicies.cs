using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Twin.Hosting.Problems;

namespace Twin.Hosting.Grpc;

/// <summary>
/// How often a service that does not answer is called: a circuit breaker for each service, shared by all of its clients,
/// and retries for idempotent methods. Made of gRPC statuses: below them, every answer is HTTP 200.
/// </summary>
internal sealed class CallPolicies(IOptions<GrpcOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (ResiliencePipeline Once, ResiliencePipeline Again)> pipelines = new(StringComparer.Ordinal);

    /// <summary>The interceptor for a client of the service; the names are of methods that may be called again.</summary>
    public ResilientCalls For(string service, IReadOnlySet<string> idempotent)
    {
        var (once, again) = pipelines.GetOrAdd(service, _ => Create());
        return new ResilientCalls(once, again, idempotent, TimeSpan.FromSeconds(options.Value.DeadlineSeconds), time);
    }

    /// <summary>The status of a call that was not made because the circuit is open.</summary>
    public static RpcException Broken(BrokenCircuitException fault) => new(
        new Status(StatusCode.Unavailable, "The service failed at its last calls and is left alone for a while.", fault),
        new Metadata { { GrpcProblems.PushbackTrailer, ((long)(fault.RetryAfter ?? TimeSpan.FromSeconds(1)).TotalMilliseconds).ToString(CultureInfo.InvariantCulture) } });

    private (ResiliencePipeline Once, ResiliencePipeline Again) Create()
    {
        var breaker = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Exception is RpcException { StatusCode: StatusCode.Unavailable }),
                FailureRatio = 0.5,
                MinimumThroughput = 8,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(options.Value.BreakSeconds),
            })
            .Build();
        if (options.Value.Retries == 0)
        {
            return (breaker, breaker);
        }

        var again = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Exception is RpcException { StatusCode: StatusCode.Unavailable }),
                MaxRetryAttempts = options.Value.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(50),
            })
            .AddPipeline(breaker)
            .Build();
        return (breaker, again);
    }
}
