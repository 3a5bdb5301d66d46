using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Twin.Hosting.Composition;

namespace Twin.Hosting;

/// <summary>Logs of a process: on stderr, since stdout is for scripts.</summary>
internal static class Logging
{
    private const string FormatKey = "Twin:Logging:Format";

    /// <summary><c>Twin:Logging:Format</c> is <c>text</c> or <c>json</c>; levels come from the usual <c>Logging:LogLevel</c>.</summary>
    public static void AddTwinLogging(this IHostApplicationBuilder builder, TwinProcess process)
    {
        var format = builder.Configuration[FormatKey] ?? "text";
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("System", LogLevel.Warning);
        // Says of each request who was let in; what matters to the caller is in the answer.
        builder.Logging.AddFilter("Twin.Hosting.Authentication.TwinAuthenticationHandler", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Warning);
        // The host logs what a start fails with, and throws it: whoever started the process says it once.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => process.Http is not null && level >= LogLevel.Warning);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddConsole(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        switch (format)
        {
            case "text":
                builder.Logging.AddSimpleConsole(static options =>
                {
                    options.SingleLine = true;
                    options.UseUtcTimestamp = true;
                    options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                    options.ColorBehavior = LoggerColorBehavior.Default;
                });
                break;
            case "json":
                builder.Logging.AddJsonConsole(static options =>
                {
                    options.UseUtcTimestamp = true;
                    options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                });
                break;
            default:
                throw SettingException.Of(FormatKey, $"'{format}' is no format of logs; set text or json.");
        }
    }
}
