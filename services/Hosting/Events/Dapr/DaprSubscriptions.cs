using System.Security.Cryptography;
using System.Text;
using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Hosting.Authentication;

namespace Twin.Hosting.Events.Dapr;

/// <summary>
/// Where the sidecar delivers: one endpoint for each topic that the process consumes. It answers 200 only after the effect;
/// what a consumer cannot handle lies with its dead letters by then, so that RETRY means that the store is away.
/// </summary>
internal sealed partial class DaprSubscriptions(
    IEnumerable<ConsumerRunner> runners, IOptions<DaprOptions> daprOptions, IOptions<EventOptions> eventOptions, EventLag lag, ILogger<DaprSubscriptions> logger)
{
    private readonly byte[] token = Encoding.UTF8.GetBytes(daprOptions.Value.AppToken);
    private readonly List<ConsumerRunner> runners = [.. runners];

    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").RequireAuthorization(TwinPolicies.Anyone).ExcludeFromDescription();
        group.AddEndpointFilter(async (context, next) =>
            IsSidecar(context.HttpContext) ? await next(context) : TypedResults.StatusCode(StatusCodes.Status401Unauthorized));
        foreach (var topic in runners.SelectMany(runner => runner.Consumer.Topics).Distinct(StringComparer.Ordinal))
        {
            group.MapPost($"{EventEndpoints.DaprPath}/events/{topic}", (Delegate)((HttpContext context) => HandleAsync(topic, context)))
                .WithTopic(daprOptions.Value.PubSub, TopicNames.AtBroker(eventOptions.Value, topic));
        }

        // It lists the topics of all endpoints, and is no secret: names alone.
        routes.MapSubscribeHandler().RequireAuthorization(TwinPolicies.Anyone).ExcludeFromDescription();
    }

    private async Task<IResult> HandleAsync(string topic, HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellationToken);
        var (one, fault) = CloudEventJson.Read(body.ToArray());
        try
        {
            foreach (var runner in runners.Where(runner => runner.Consumer.Topics.Contains(topic)))
            {
                var delivered = new TopicEvent(topic, one);
                await (fault is null
                    ? runner.HandleAsync([delivered], null, cancellationToken)
                    : runner.SetAsideAsync(delivered, fault, cancellationToken));
                lag.Set(runner.Database.Service, runner.Consumer.Name, 0, null);
            }

            return Status("SUCCESS");
        }
#pragma warning disable CA1031 // The store is away: the sidecar is told to come again, and readiness says why.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            foreach (var runner in runners.Where(runner => runner.Consumer.Topics.Contains(topic)))
            {
                lag.Failed(runner.Database.Service, runner.Consumer.Name, e.Message);
            }

            Log.HandlingFailed(logger, topic, e);
            return Status("RETRY");
        }
    }

    private bool IsSidecar(HttpContext context) =>
        context.Request.Headers["dapr-api-token"] is [{ Length: > 0 } sent]
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), token);

    private static Microsoft.AspNetCore.Http.HttpResults.ContentHttpResult Status(string status) =>
        TypedResults.Text($$"""{"status":"{{status}}"}""", "application/json");

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "An event of {Topic} cannot be handled now; the sidecar will bring it again")]
        public static partial void HandlingFailed(ILogger logger, string topic, Exception error);
    }
}
