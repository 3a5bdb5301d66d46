using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Twin.Hosting.Authentication;
using Twin.Hosting.Problems;

namespace Twin.Gateway.Limits;

/// <summary>
/// The first look at a request from outside, before routing: the true address behind trusted proxies, no internal
/// identity that a stranger made up, no query without end; and on every answer the headers that browsers guard by.
/// </summary>
internal sealed class FrontDoor(IOptions<EdgeOptions> options)
{
    public void Use(IApplicationBuilder app)
    {
        if (options.Value.TrustedProxies.Length > 0)
        {
            app.UseForwardedHeaders(Forwarded(options.Value.TrustedProxies));
        }

        app.Use(InvokeAsync);
    }

    private Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (InternalListener.Is(context))
        {
            return next(context);
        }

        context.Request.Headers.Remove(InternalIdentity.Header);
        var answer = context.Response.Headers;
        answer.XContentTypeOptions = "nosniff";
        answer["Referrer-Policy"] = "no-referrer";
        answer.ContentSecurityPolicy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
        if (context.Request.IsHttps)
        {
            answer.StrictTransportSecurity = "max-age=31536000";
        }

        var query = context.Request.QueryString.Value;
        return query is not null && query.AsSpan().Count('&') >= options.Value.MaxQueryParameters
            ? RefuseAsync(context, $"The query has more than {options.Value.MaxQueryParameters} parameters.")
            : next(context);
    }

    private static async Task RefuseAsync(HttpContext context, string detail)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails
            {
                Status = StatusCodes.Status400BadRequest,
                Type = ProblemTypes.Of(ProblemTypes.TooManyParameters),
                Title = "Too many parameters",
                Detail = detail,
                Extensions = { ["member"] = "query" },
            },
        });
    }

    private static ForwardedHeadersOptions Forwarded(string[] proxies)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
            {
                forwarded.KnownProxies.Add(address);
            }
            else
            {
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
        }

        return forwarded;
    }
}
