using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Hosting.Problems;

namespace Twin.Hosting.Authentication;

/// <summary>The one authentication scheme of a process: asks its <see cref="CallerAuthenticator"/>, refuses with problems.</summary>
internal sealed class TwinAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    CallerAuthenticator authenticator,
    IProblemDetailsService problems)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Twin";

    /// <summary>How a caller signs in. A service behind the gateway says it too: its answer is the caller's, who signs in at the gateway.</summary>
    public const string Bearer = "Bearer realm=\"twin\"";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var result = await authenticator.AuthenticateAsync(Context);
        if (result.Failure is not null)
        {
            Context.Features.Set(new RefusedCredentials());
        }

        return result;
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        if (result.Failure is SignInUnavailableException unavailable)
        {
            Response.Headers.RetryAfter = "5";
            await WriteAsync(StatusCodes.Status503ServiceUnavailable, ProblemTypes.Of(ProblemTypes.SignInUnavailable), "Sign-in unavailable", "Whether the token holds cannot be told: " + unavailable.Message);
            return;
        }

        var forged = result.Failure is not null;
        Response.Headers.WWWAuthenticate = forged ? Bearer + ", error=\"invalid_token\"" : Bearer;
        await WriteAsync(
            StatusCodes.Status401Unauthorized,
            ProblemTypes.Of(ProblemTypes.OfStatus(StatusCodes.Status401Unauthorized).Name),
            "Sign-in required",
            forged
                ? "The credentials do not hold: " + result.Failure!.Message
                : "Send a bearer token of an issuer that this node trusts.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => WriteAsync(
        StatusCodes.Status403Forbidden,
        ProblemTypes.Of(ProblemTypes.OfStatus(StatusCodes.Status403Forbidden).Name),
        "Not allowed",
        "None of the caller's roles allows this. Ask an administrator of the node for the role that does.");

    private async Task WriteAsync(int status, string type, string title, string detail)
    {
        Response.StatusCode = status;
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = Context,
            ProblemDetails = new ProblemDetails { Status = status, Type = type, Title = title, Detail = detail },
        });
    }
}

/// <summary>On a request whose credentials do not hold.</summary>
internal sealed class RefusedCredentials;
