using Grpc.Core;
using Grpc.Core.Interceptors;
using Polly;
using Polly.CircuitBreaker;

namespace Twin.Hosting.Grpc;

/// <summary>Applies <see cref="CallPolicies"/> to the calls of one client.</summary>
internal sealed class ResilientCalls(
    ResiliencePipeline once, ResiliencePipeline again, IReadOnlySet<string> idempotent, TimeSpan deadline, TimeProvider time) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        // The deadline is a point in time: all attempts share it.
        var bounded = context.Options.Deadline is null
            ? new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithDeadline((time.GetUtcNow() + deadline).UtcDateTime))
            : context;
        var attempts = new UnaryAttempts<TResponse>(
            idempotent.Contains(context.Method.Name) ? again : once, () => continuation(request, bounded));
        return attempts.Start(context.Options.CancellationToken);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var stream = new GuardedStream<TResponse>(once, () => continuation(request, context));
        return new AsyncServerStreamingCall<TResponse>(stream, stream.HeadersAsync, stream.Status, stream.Trailers, stream.Dispose);
    }

    private sealed class UnaryAttempts<TResponse>(ResiliencePipeline pipeline, Func<AsyncUnaryCall<TResponse>> attempt)
    {
        private AsyncUnaryCall<TResponse>? current;
        private volatile bool disposed;

        public AsyncUnaryCall<TResponse> Start(CancellationToken cancellationToken)
        {
            var response = RunAsync(cancellationToken);
            return new AsyncUnaryCall<TResponse>(
                response,
                HeadersAsync(response),
                () => current?.GetStatus() ?? (response.Exception?.InnerException is RpcException fault ? fault.Status : Status.DefaultSuccess),
                () => current?.GetTrailers() ?? [],
                Dispose);
        }

        private async Task<TResponse> RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await pipeline.ExecuteAsync(static async (self, _) => await self.AttemptAsync(), this, cancellationToken);
            }
            catch (BrokenCircuitException fault)
            {
                throw CallPolicies.Broken(fault);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Cancelled between two attempts: the same as during one.
                throw new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled."));
            }
        }

        private async Task<TResponse> AttemptAsync()
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            current?.Dispose();
            current = attempt();
            return await current.ResponseAsync;
        }

        private async Task<Metadata> HeadersAsync(Task response)
        {
            await response.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return current is null ? [] : await current.ResponseHeadersAsync;
        }

        private void Dispose()
        {
            disposed = true;
            current?.Dispose();
        }
    }

    /// <summary>
    /// A stream that is asked for at its first read: whether it begins tells whether the service answers. What breaks
    /// later cannot be called again from here.
    /// </summary>
    private sealed class GuardedStream<TResponse>(ResiliencePipeline pipeline, Func<AsyncServerStreamingCall<TResponse>> begin)
        : IAsyncStreamReader<TResponse>
    {
        private readonly TaskCompletionSource<Metadata> headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private AsyncServerStreamingCall<TResponse>? call;

        public TResponse Current => call is null ? throw new InvalidOperationException("Read first.") : call.ResponseStream.Current;

        public Task<Metadata> HeadersAsync => headers.Task;

        public Status Status() => call?.GetStatus() ?? new Status(StatusCode.Unavailable, "The call was not made.");

        public Metadata Trailers() => call?.GetTrailers() ?? [];

        public void Dispose()
        {
            headers.TrySetCanceled();
            call?.Dispose();
        }

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (call is not null)
            {
                return await call.ResponseStream.MoveNext(cancellationToken);
            }

            try
            {
                return await pipeline.ExecuteAsync(static async (self, cancellation) => await self.BeginAsync(cancellation), this, cancellationToken);
            }
            catch (BrokenCircuitException fault)
            {
                throw CallPolicies.Broken(fault);
            }
        }

        private async Task<bool> BeginAsync(CancellationToken cancellationToken)
        {
            call = begin();
            var any = await call.ResponseStream.MoveNext(cancellationToken);
            headers.TrySetResult(await call.ResponseHeadersAsync);
            return any;
        }
    }
}
