using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Authentication;

/// <summary>Who may call what: the policies, and the middleware that applies them.</summary>
public static class TwinAuthorization
{
    /// <summary>
    /// Registers the policies of <see cref="TwinPolicies"/>, the open-data rules and, in a process without the gateway,
    /// the reading of internal identities. With <c>Twin:Open=true</c> nothing is asked of a request, and nothing spent on it.
    /// </summary>
    public static void AddTwinAuthorization(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<OpenDataOptions>().BindConfiguration(OpenDataOptions.Section);
        services.AddOptions<SignInOptions>().Configure<IConfiguration>(static (options, configuration) => options.Open = configuration.GetValue(SignInOptions.OpenKey, false));
        services.TryAddSingleton<CallerAccessRules>();
        services.AddProblemDetails();

        if (IsOpen(builder.Configuration))
        {
            // The policies stay on the endpoints, and no middleware reads them: said here, since routing would else
            // refuse to run an endpoint whose policy nobody applied.
            services.Configure<RouteOptions>(static options => options.SuppressCheckForUnhandledSecurityMetadata = true);
            return;
        }

        services.AddOptions<InternalIdentityOptions>().BindConfiguration(InternalIdentityOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<InternalIdentity>();
        services.TryAddSingleton<CallerAuthenticator, InternalIdentityAuthenticator>();
        // The core alone: AddAuthentication would bring data protection, which makes keys in the home directory at start.
        services.AddAuthenticationCore(static options =>
        {
            options.DefaultScheme = TwinAuthenticationHandler.SchemeName;
            options.AddScheme<TwinAuthenticationHandler>(TwinAuthenticationHandler.SchemeName, null);
        });
        services.AddTransient<TwinAuthenticationHandler>();
        services.AddWebEncoders();
        var authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(static _ => false).Build())
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().RequireAssertion(static _ => false).Build())
            .AddPolicy(TwinPolicies.Anyone, static policy => policy.RequireAssertion(static _ => true))
            .AddPolicy(TwinPolicies.ReadEntities, static policy => policy.RequireAssertion(static _ => true));
        foreach (var (name, roles) in TwinPolicies.Roles)
        {
            authorization.AddPolicy(name, policy => policy.RequireAuthenticatedUser().RequireRole(roles));
        }
    }

    /// <summary>Adds the middleware, after routing; nothing in an open node.</summary>
    public static void UseTwinAuthorization(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<SignInOptions>>().Value.Open)
        {
            return;
        }

        app.UseAuthentication();
        app.Use(static (context, next) =>
            // Credentials that do not hold are refused even where anonymous callers may pass: whoever sends a token
            // wants to be somebody, and would else take a restricted answer for the whole one.
            context.Features.Get<RefusedCredentials>() is null ? next(context) : context.ChallengeAsync());
        foreach (var stage in app.Services.GetServices<SignedInStage>())
        {
            app.Use(stage.Invoke);
        }

        app.Use(AnswerForRoutingAsync);
        app.UseAuthorization();
    }

    /// <summary>
    /// Where there is no endpoint, or not for this method, the caller learns so: no role would help. An endpoint that is
    /// there, and names no policy, goes on to be refused.
    /// </summary>
    private static Task AnswerForRoutingAsync(HttpContext context, RequestDelegate next)
    {
        switch (context.GetEndpoint())
        {
            case RouteEndpoint:
                return next(context);
            case { RequestDelegate: { } refusal }:
                return refusal(context);
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    /// <summary>Whether the settings switch sign-in off.</summary>
    public static bool IsOpen(IConfiguration configuration) => configuration.GetValue(SignInOptions.OpenKey, false);
}
