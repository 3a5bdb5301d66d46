using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Gateway.Accounts;
using Twin.Gateway.Issuer;
using Twin.Gateway.Limits;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Storage;

namespace Twin.Gateway.SignIn;

/// <summary>Registers what a node needs that asks who calls.</summary>
internal static class SignInServices
{
    public static void Add(IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);

        // OpenIddict tells every request with its parameters, the code verifier among them.
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Warning);
        Options<SignInSettings, SignInSettingsValidator>(services, SignInSettings.Section);
        Options<EdgeOptions, EdgeOptionsValidator>(services, EdgeOptions.Section);
        Options<RateLimitOptions, RateLimitOptionsValidator>(services, RateLimitOptions.Section);

        builder.AddServiceDatabase(GatewayService.Name, typeof(GatewayService).Assembly);
        services.AddSingleton<AccountStore>();
        services.AddSingleton<ClientStore>();
        services.AddSingleton<Passwords>();
        services.AddHostedService<FirstAdministrator>();
        services.ConfigureHttpJsonOptions(static json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, AccountJson.Default));
        services.Configure<OpenApiOptions>(TwinOpenApi.DocumentName, static document => document.AddSchemaTransformer(AccountSchemas.NarrowAsync));
        services.AddSingleton<AccountEndpoints>();
        services.AddSingleton<ClientEndpoints>();
        services.AddSingleton<KeyEndpoints>();

        services.AddSingleton(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<SignInSettings>>().Value;
            var data = provider.GetRequiredService<IConfiguration>()[StorageOptions.DataDirectoryKey] ?? ".";
            return new SigningKeys(
                options.KeyDirectory ?? SigningKeys.DirectoryIn(data), provider.GetRequiredService<TimeProvider>(), TimeSpan.FromDays(options.KeyRotationDays));
        });
        services.AddSingleton<TokenCache>();
        services.AddSingleton<IssuerHost>();
        services.Replace(ServiceDescriptor.Singleton<CallerAuthenticator, BearerAuthenticator>());
        services.AddHttpClient(GatewayService.IssuerClient, static client => client.Timeout = TimeSpan.FromSeconds(5))
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(3),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            });

        services.AddSingleton<FrontDoor>();
        if (builder.Configuration.GetSection(RateLimitOptions.Section).GetValue(nameof(RateLimitOptions.Enabled), true))
        {
            services.AddSingleton<CallerQuotas>();
            services.AddSingleton(static provider => new SignedInStage(provider.GetRequiredService<CallerQuotas>().InvokeAsync));
        }
    }

    private static void Options<T, TValidator>(IServiceCollection services, string section)
        where T : class
        where TValidator : class, IValidateOptions<T>
    {
        services.AddSingleton<IValidateOptions<T>, TValidator>();
        services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
    }
}
