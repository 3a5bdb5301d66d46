using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Twin.Hosting.Events;

namespace Twin.Hosting.Authentication;

/// <summary>
/// Who calls, in a process without the gateway: whom the internal identity names. A request without one came around the
/// gateway; it is refused, not taken for an anonymous one.
/// </summary>
internal sealed class InternalIdentityAuthenticator(InternalIdentity identity) : CallerAuthenticator
{
    public override async ValueTask<AuthenticateResult> AuthenticateAsync(HttpContext context)
    {
        if (context.Request.Headers[InternalIdentity.Header] is not [{ Length: > 0 and < 8192 } sent])
        {
            return IsHealth(context) || EventEndpoints.IsDelivery(context)
                ? AuthenticateResult.NoResult()
                : AuthenticateResult.Fail("this service answers only what comes through the node's gateway.");
        }

        var (caller, refusal) = await identity.ReadAsync(sent);
        return caller switch
        {
            null => AuthenticateResult.Fail(refusal!),
            // Nobody in particular: where that is not enough, the answer is to sign in, as the gateway itself would say.
            { Identity.IsAuthenticated: false } => AuthenticateResult.NoResult(),
            _ => AuthenticateResult.Success(new AuthenticationTicket(caller, TwinAuthenticationHandler.SchemeName)),
        };
    }

    /// <summary>An orchestrator asks each process for its health, and has no identity.</summary>
    private static bool IsHealth(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/grpc.health.v1.Health");
}
