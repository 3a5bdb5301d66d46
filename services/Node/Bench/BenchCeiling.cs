using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Twin.Hosting;
using Twin.Hosting.Authentication;

namespace Twin.Node.Bench;

/// <summary>
/// What the platform can do at most: endpoints that answer a number of bytes and do nothing. They exist only in the
/// process that <c>twin bench</c> starts (<c>Twin__Bench__Static=true</c>).
/// </summary>
internal sealed class BenchCeiling : ITwinService
{
    /// <summary>Answers <c>?bytes=N</c> bytes.</summary>
    public const string StaticPath = "/bench/static";

    /// <summary>Reads the body to its end and answers <c>?bytes=N</c> bytes; 204 when that is none.</summary>
    public const string EchoPath = "/bench/echo";

    /// <summary>The setting that switches the endpoints on.</summary>
    public const string Setting = "Twin__Bench__Static";

    private const int Most = 4 * 1024 * 1024;

    private static readonly byte[] Filling = [.. Enumerable.Repeat((byte)'x', Most)];

    /// <summary>Whether this process was started to be measured.</summary>
    public static bool Wanted => Environment.GetEnvironmentVariable(Setting) == "true";

    /// <inheritdoc />
    public static string Name => "bench";

    /// <inheritdoc />
    public static void Add(IHostApplicationBuilder builder)
    {
    }

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(StaticPath, AnswerAsync).RequireAuthorization(TwinPolicies.Anyone).ExcludeFromDescription();
        routes.MapPost(EchoPath, EchoAsync).RequireAuthorization(TwinPolicies.Anyone).ExcludeFromDescription();
    }

    private static async Task EchoAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        await AnswerAsync(http);
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        if (!int.TryParse(http.Request.Query["bytes"], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes > Most)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (bytes == 0)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes;
        await http.Response.BodyWriter.WriteAsync(Filling.AsMemory(0, bytes), http.RequestAborted);
    }
}
