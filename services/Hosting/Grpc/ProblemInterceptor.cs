using Grpc.Core;
using Grpc.Core.Interceptors;
using Twin.Hosting.Problems;

namespace Twin.Hosting.Grpc;

/// <summary>Lets a gRPC service throw a <see cref="ProblemException"/>: its caller gets the status that stands for it.</summary>
internal sealed class ProblemInterceptor : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Translate(continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        Translate(continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        Translate(continuation(request, responseStream, context));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        Translate(continuation(requestStream, responseStream, context));

    private static async Task<T> Translate<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (ProblemException problem)
        {
            throw GrpcProblems.ToStatus(problem);
        }
    }

    private static async Task Translate(Task call)
    {
        try
        {
            await call;
        }
        catch (ProblemException problem)
        {
            throw GrpcProblems.ToStatus(problem);
        }
    }
}
