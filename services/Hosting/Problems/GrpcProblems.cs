using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Twin.Hosting.Problems;

/// <summary>
/// gRPC statuses and problems, one to the other. A service that refuses says the problem's name, title and member in the
/// trailers; the edge gives the same problem to the caller.
/// </summary>
internal static class GrpcProblems
{
    private const string NameTrailer = "twin-problem";
    private const string TitleTrailer = "twin-problem-title-bin";
    private const string MemberTrailer = "twin-problem-member-bin";

    /// <summary>Milliseconds after which a caller may try again (gRFC A6).</summary>
    internal const string PushbackTrailer = "grpc-retry-pushback-ms";

    /// <summary>The status by which a gRPC service gives the problem to its caller.</summary>
    public static RpcException ToStatus(ProblemException problem)
    {
        var trailers = new Metadata
        {
            { NameTrailer, problem.Name },
            { TitleTrailer, System.Text.Encoding.UTF8.GetBytes(problem.Title) },
        };
        if (problem.Member is { } member)
        {
            trailers.Add(MemberTrailer, System.Text.Encoding.UTF8.GetBytes(member));
        }

        if (problem.RetryAfter is { } wait)
        {
            trailers.Add(PushbackTrailer, ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        }

        return new RpcException(new Status(CodeOf(problem.Status), problem.Message), trailers);
    }

    /// <summary>
    /// The problem for a call of one service of this node to another that failed. Only what a service said to the caller
    /// on purpose is passed on; the detail of anything else stays in the log.
    /// </summary>
    public static ProblemException FromStatus(RpcException fault)
    {
        var status = StatusOf(fault);
        var wait = Wait(fault);
        if (fault.Trailers.GetValue(NameTrailer) is { } name)
        {
            return new ProblemException(status, name, Text(fault, TitleTrailer) ?? ProblemTypes.OfStatus(status).Title, fault.Status.Detail)
            {
                Member = Text(fault, MemberTrailer),
                RetryAfter = wait,
            };
        }

        var general = ProblemTypes.OfStatus(status);
        return new ProblemException(status, general.Name, general.Title, general.Detail) { RetryAfter = wait };
    }

    /// <summary>The codes that google.rpc.Code gives for each, but for those that blame the caller for our own mistakes.</summary>
    private static int StatusOf(RpcException fault) => fault.StatusCode switch
    {
        StatusCode.InvalidArgument or StatusCode.OutOfRange or StatusCode.FailedPrecondition => StatusCodes.Status400BadRequest,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.AlreadyExists or StatusCode.Aborted => StatusCodes.Status409Conflict,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.ResourceExhausted => IsTooLarge(fault) ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status429TooManyRequests,
        StatusCode.Cancelled => StatusCodes.Status499ClientClosedRequest,
        StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        StatusCode.Unimplemented => StatusCodes.Status501NotImplemented,
        // The services of a node know each other: one that does not is set up wrongly, which is no fault of the caller.
        StatusCode.Unauthenticated => StatusCodes.Status502BadGateway,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static StatusCode CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => StatusCode.Unauthenticated,
        StatusCodes.Status403Forbidden => StatusCode.PermissionDenied,
        StatusCodes.Status404NotFound => StatusCode.NotFound,
        StatusCodes.Status409Conflict => StatusCode.Aborted,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests => StatusCode.ResourceExhausted,
        StatusCodes.Status501NotImplemented => StatusCode.Unimplemented,
        StatusCodes.Status503ServiceUnavailable => StatusCode.Unavailable,
        StatusCodes.Status504GatewayTimeout => StatusCode.DeadlineExceeded,
        >= 500 => StatusCode.Internal,
        _ => StatusCode.InvalidArgument,
    };

    /// <summary>What Grpc.Net says of a message over the limit; it has no code of its own for that.</summary>
    private static bool IsTooLarge(RpcException fault) =>
        fault.Status.Detail.Contains("message exceeds the maximum configured message size", StringComparison.Ordinal);

    private static TimeSpan? Wait(RpcException fault)
    {
        if (long.TryParse(fault.Trailers.GetValue(PushbackTrailer), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        return fault.StatusCode == StatusCode.Unavailable || (fault.StatusCode == StatusCode.ResourceExhausted && !IsTooLarge(fault))
            ? TimeSpan.FromSeconds(1)
            : null;
    }

    private static string? Text(RpcException fault, string trailer) =>
        fault.Trailers.GetValueBytes(trailer) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;
}
