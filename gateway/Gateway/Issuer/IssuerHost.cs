using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Gateway.Accounts;
using Twin.Gateway.SignIn;

namespace Twin.Gateway.Issuer;

/// <summary>
/// The built-in issuer: OpenIddict's server in a container of its own, made at the first request that needs it. So the
/// node's start does not wait for it, the middleware with which it looks at every request sees only its own, and a
/// rotation of keys replaces it as a whole.
/// </summary>
internal sealed class IssuerHost(
    IServiceProvider node, SigningKeys keys, AccountStore accounts, ClientStore clients, Passwords passwords, IOptions<SignInSettings> options, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private Instance? current;

    /// <summary>Answers one request to <c>/connect/**</c> or a discovery document.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var instance = Current();
        await using var scope = instance.Services.CreateAsyncScope();
        var outer = context.RequestServices;
        var user = context.User;
        context.RequestServices = scope.ServiceProvider;
        try
        {
            await instance.Pipeline(context);
        }
        catch (Exception unreadable) when ((unreadable is InvalidDataException || unreadable.InnerException is InvalidDataException) && !context.Response.HasStarted)
        {
            // Whoever reads the form first throws: OpenIddict, or the check of its token.
            throw new BadHttpRequestException("The form cannot be read.", StatusCodes.Status400BadRequest, unreadable);
        }
        finally
        {
            context.RequestServices = outer;
            context.User = user;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (current is { } last)
        {
            await last.Services.DisposeAsync();
        }
    }

    private Instance Current()
    {
        var published = keys.Published();
        lock (gate)
        {
            if (current is null || !current.KeyIds.SequenceEqual(published.Select(static key => key.Id), StringComparer.Ordinal))
            {
                // The one before is left to the collector: requests may still be in it, and it holds nothing but memory.
                current = Build(published);
            }

            return current;
        }
    }

    private Instance Build(IReadOnlyList<SigningKey> published)
    {
        var services = new ServiceCollection();
        services.AddSingleton(node.GetRequiredService<ILoggerFactory>());
        services.AddLogging();
        services.AddSingleton(time);
        services.AddSingleton(accounts);
        services.AddSingleton(clients);
        services.AddSingleton(passwords);
        services.AddSingleton(options);
        services.AddSingleton<SignInPage>();
        services.AddSingleton<Authorization>();
        services.AddSingleton<ClientAuthentication>();

        var protection = Path.Combine(keys.Directory, "protection");
        Directory.CreateDirectory(protection, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        services.AddDataProtection().SetApplicationName("twin").PersistKeysToFileSystem(new DirectoryInfo(protection));
        services.Configure<KeyManagementOptions>(static management => management.XmlEncryptor = new NullXmlEncryptor());
        services.AddAntiforgery(static antiforgery =>
        {
            antiforgery.Cookie.Name = "twin-form";
            antiforgery.Cookie.Path = "/connect";
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(static cookie =>
        {
            cookie.Cookie.Name = "twin-session";
            cookie.Cookie.Path = "/connect";
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(1);
            cookie.SlidingExpiration = false;
        });
        IssuerServer.Add(services, published, keys.CodeKey(), options.Value);

        var provider = services.BuildServiceProvider();
        var app = new ApplicationBuilder(provider);
        app.UseAuthentication();
        var page = provider.GetRequiredService<SignInPage>();
        var authorization = provider.GetRequiredService<Authorization>();
        app.Run(context => context.Request.Path.Value?.ToLowerInvariant() switch
        {
            IssuerServer.AuthorizePath => authorization.AuthorizeAsync(context),
            IssuerServer.TokenPath => authorization.ExchangeAsync(context),
            SignInPage.Path => page.AnswerAsync(context),
            _ => NotFound(context),
        });
        return new Instance(provider, app.Build(), [.. published.Select(static key => key.Id)]);
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private sealed record Instance(ServiceProvider Services, RequestDelegate Pipeline, string[] KeyIds);
}
