using Grpc.Core;
using Grpc.Core.Interceptors;
using Twin.Hosting.Problems;

namespace Twin.Hosting.Grpc;

/// <summary>
/// Lets a gRPC service throw a <see cref="ProblemException"/>: its caller gets the status that stands for it. Whatever a
/// call fails with is marked as said by the service, so that its caller can tell it from what a sidecar between them says.
/// </summary>
internal sealed class ProblemInterceptor : Interceptor
{
    /// <summary>The trailer of a status that a service of the node gave itself.</summary>
    internal const string OwnTrailer = "twin-status";

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Translate(continuation(request, context), context);

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        Translate(continuation(requestStream, context), context);

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        Translate(continuation(request, responseStream, context), context);

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        Translate(continuation(requestStream, responseStream, context), context);

    private static async Task<T> Translate<T>(Task<T> call, ServerCallContext context)
    {
        try
        {
            return await call;
        }
        catch (ProblemException problem)
        {
            Mark(context);
            throw GrpcProblems.ToStatus(problem);
        }
        catch
        {
            Mark(context);
            throw;
        }
    }

    private static async Task Translate(Task call, ServerCallContext context)
    {
        try
        {
            await call;
        }
        catch (ProblemException problem)
        {
            Mark(context);
            throw GrpcProblems.ToStatus(problem);
        }
        catch
        {
            Mark(context);
            throw;
        }
    }

    private static void Mark(ServerCallContext context) => context.ResponseTrailers.Add(OwnTrailer, "own");
}
