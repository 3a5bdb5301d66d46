using System.Globalization;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;
using Twin.Gateway.Accounts;

namespace Twin.Gateway.Issuer;

/// <summary><c>/connect/sign-in</c>: the form in which a person types name and password. Works without script and without anything from elsewhere.</summary>
internal sealed class SignInPage(Passwords passwords, IAntiforgery antiforgery, TimeProvider time)
{
    public const string Path = "/connect/sign-in";
    private const string SignedInAt = "at";

    private const string Style =
        "body{font:1rem/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;background:#f3f5f7;color:#16202a}"
        + "main{width:min(22rem,90vw);background:#fff;padding:2rem;border-radius:.5rem;border:1px solid #c5ccd3}"
        + "label{display:block;margin-top:1rem}input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #5a6773;border-radius:.25rem}"
        + "button{font:inherit;margin-top:1.5rem;width:100%;padding:.6rem;border:0;border-radius:.25rem;background:#0b5394;color:#fff}"
        + "input:focus,button:focus{outline:3px solid #e08a00;outline-offset:2px}[role=alert]{color:#a11111}";

    private static readonly string PolicyOfStyle = "default-src 'none'; style-src 'sha256-"
        + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Style)))
        + "'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Whether the sign-in of the session is so recent that <c>prompt=login</c> is answered by it: the form has just been here.</summary>
    public static bool IsFresh(AuthenticateResult session, TimeProvider time) =>
        long.TryParse(session.Principal?.FindFirst(SignedInAt)?.Value, CultureInfo.InvariantCulture, out var at)
        && time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(at) < TimeSpan.FromSeconds(30);

    public Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            return SignInAsync(context);
        }

        return Return(context.Request.Query["return"].ToString()) is { } target
            ? ShowAsync(context, target, "", null, StatusCodes.Status200OK)
            : ShowAsync(context, null, "", "Sign-in starts at the application that you want to use.", StatusCodes.Status400BadRequest);
    }

    private async Task SignInAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType || context.Request.ContentLength is null or > 16 * 1024 || !await antiforgery.IsRequestValidAsync(context))
        {
            await ShowAsync(context, Return(context.Request.Query["return"].ToString()), "", "The form was too old. Please try again.", StatusCodes.Status400BadRequest);
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (name, password) = (form["name"].ToString(), form["password"].ToString());
        if (Return(form["return"].ToString()) is not { } target)
        {
            await ShowAsync(context, null, "", "Sign-in starts at the application that you want to use.", StatusCodes.Status400BadRequest);
            return;
        }

        if (name.Length is 0 or > 64 || password.Length is 0 or > 256 || await passwords.CheckAsync(name, password, context.RequestAborted) is not { } account)
        {
            await ShowAsync(
                context, target, name.Length <= 64 ? name : "", "Name and password do not open an account. After several failures an account is locked for a while.", StatusCodes.Status401Unauthorized);
            return;
        }

        var identity = new ClaimsIdentity(CookieAuthenticationDefaults.AuthenticationScheme);
        identity.AddClaim(new Claim(OpenIddictConstants.Claims.Subject, account.Id));
        identity.AddClaim(new Claim(SignedInAt, time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity));
        context.Response.Redirect(target);
    }

    /// <summary>Back to the authorization endpoint, and nowhere else: the page is no open redirector.</summary>
    private static string? Return(string sent) =>
        sent.StartsWith(IssuerServer.AuthorizePath + "?", StringComparison.Ordinal) && sent.Length <= 8192 && !sent.Any(char.IsControl) ? sent : null;

    private async Task ShowAsync(HttpContext context, string? target, string name, string? message, int status)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = PolicyOfStyle;
        var alert = message is null ? "" : $"<p role=\"alert\" id=\"message\">{Text(message)}</p>";
        var form = target is null ? "" :
            $"""
            <form method="post" action="{Path}">
            <input type="hidden" name="{Text(tokens.FormFieldName)}" value="{Text(tokens.RequestToken!)}">
            <input type="hidden" name="return" value="{Text(target)}">
            <label for="name">Name</label>
            <input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required value="{Text(name)}">
            <label for="password">Password</label>
            <input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required>
            <button>Sign in</button>
            </form>
            """;
        await response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Sign in</title><style>{Style}</style></head>
            <body><main><h1>Sign in</h1>{alert}{form}</main></body>
            </html>
            """,
            context.RequestAborted);
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
