using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Core;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Twin.Hosting.Authentication;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Problems;

/// <summary>Turns what an endpoint throws on purpose into a problem. All else is a bug: logged, and answered with 500.</summary>
internal sealed partial class ExceptionProblems(IProblemDetailsService problems, ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer, and nothing went wrong here.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        if (Of(exception) is not { } problem)
        {
            return false;
        }

        if (exception is RpcException { StatusCode: not StatusCode.NotFound } call && problem.Status >= 500)
        {
            CallFailed(call.StatusCode, call.Status.Detail, httpContext.Request.Path);
        }

        if (problem.Name == ProblemTypes.StoreUnavailable)
        {
            StoreFailed(exception, httpContext.Request.Path);
        }

        httpContext.Response.StatusCode = problem.Status;
        if (problem.RetryAfter is { } wait)
        {
            httpContext.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            // RFC 9110 15.5.2: how to do better.
            httpContext.Response.Headers.WWWAuthenticate = TwinAuthenticationHandler.Bearer;
        }

        await problems.WriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = Details(problem) });
        return true;
    }

    private static ProblemException? Of(Exception exception) => exception switch
    {
        ProblemException own => own,
        RpcException call => GrpcProblems.FromStatus(call),
        BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => Unreadable(bad),
        BadHttpRequestException bad => OfStatus(bad.StatusCode, null),
        _ when StoreFaults.Reason(exception) is { } reason => new ProblemException(
            StatusCodes.Status503ServiceUnavailable,
            ProblemTypes.StoreUnavailable,
            "The store does not work now",
            $"The store that this needs does not work now: {reason}. Nothing has changed; try again later.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        },
        _ => null,
    };

    /// <summary>A parameter of a handler that is not of its type is named; else the framework's words have to do.</summary>
    private static ProblemException Unreadable(BadHttpRequestException bad) =>
        Binding().Match(bad.Message) is { Success: true } match
            ? new ProblemException(bad.StatusCode, ProblemTypes.BadParameter, "Bad parameter", $"'{match.Groups["value"].Value}' is not what {match.Groups["name"].Value} takes.")
            {
                Member = match.Groups["name"].Value,
            }
            : OfStatus(bad.StatusCode, bad.Message);

    [GeneratedRegex("""^Failed to bind parameter "\S+ (?<name>\w+)" from "(?<value>.*)"\.$""", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Binding();

    private static ProblemException OfStatus(int status, string? detail)
    {
        var general = ProblemTypes.OfStatus(status);
        return new ProblemException(status, general.Name, general.Title, detail ?? general.Detail);
    }

    private static ProblemDetails Details(ProblemException problem)
    {
        var details = new ProblemDetails
        {
            Status = problem.Status,
            Type = ProblemTypes.Of(problem.Name),
            Title = problem.Title,
            Detail = problem.Message,
        };
        if (problem.Member is not null)
        {
            details.Extensions["member"] = problem.Member;
        }

        return details;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A store did not work under {Path}.")]
    private partial void StoreFailed(Exception exception, PathString path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A call to another service of the node failed with {Code} ({Detail}) under {Path}.")]
    private partial void CallFailed(StatusCode code, string detail, PathString path);
}
