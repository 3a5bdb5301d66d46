using Grpc.Net.ClientFactory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Twin.Contracts.Operations.V1;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Twin.Hosting.Grpc;
using Twin.Hosting.Problems;
using Client = Twin.Contracts.Operations.V1.DeadLetterOperations.DeadLetterOperationsClient;

namespace Twin.Hosting.Operations;

/// <summary>
/// <c>/operations/dead-letters/{service}</c>, at the front door: the dead letters of any service of the node, wherever it
/// runs.
/// </summary>
internal static class DeadLetterEndpoints
{
    public static void AddDeadLetterOperations(this IHostApplicationBuilder builder, TwinProcess process)
    {
        if (!process.HasFrontDoor)
        {
            return;
        }

        builder.Services.ConfigureHttpJsonOptions(static json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, OperationsJson.Default));
        foreach (var service in process.KnownServices)
        {
            builder.AddTwinGrpcClient<Client>(service, DeadLetterOperations.Descriptor);
        }
    }

    public static void MapDeadLetterOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapTwinGrpcService<DeadLetterCalls>();
        if (!routes.ServiceProvider.GetRequiredService<TwinProcess>().HasFrontDoor)
        {
            return;
        }

        var letters = routes.MapGroup("/operations/dead-letters/{service}").RequireAuthorization(TwinPolicies.Operate).WithTags("Operations")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout);
        letters.MapGet("", ListAsync).WithName("listDeadLetters").WithSummary("Lists the events that a consumer could not process");
        letters.MapPost("/replay", ReplayAllAsync).WithName("replayDeadLetters").WithSummary("Hands all dead letters of the service to their consumers again").ProducesProblem(StatusCodes.Status409Conflict);
        letters.MapGet("/{id:long}", GetAsync).WithName("getDeadLetter").WithSummary("Shows a dead letter with its payload and last error");
        letters.MapPost("/{id:long}/replay", ReplayAsync).WithName("replayDeadLetter").WithSummary("Hands a dead letter to its consumer again").ProducesProblem(StatusCodes.Status409Conflict);
        letters.MapDelete("/{id:long}", DiscardAsync).WithName("discardDeadLetter").WithSummary("Discards a dead letter");
    }

    private static async Task<Ok<DeadLetterPage>> ListAsync(
        string service, string? consumer, string? topic, string? type, string? subject, long? after, int? limit, ServiceClients clients, CancellationToken cancellationToken)
    {
        var request = new ListDeadLettersRequest
        {
            Service = service,
            Filter = Filter(consumer, topic, type, subject),
            After = after ?? 0,
            // 0 is the contract's word for "not said"; a caller who says it means a page of none.
            Limit = limit is 0 ? -1 : limit ?? 0,
        };
        var page = await clients.Of(service).ListDeadLettersAsync(request, cancellationToken: cancellationToken);
        var full = page.Letters.Count > 0 && page.Letters.Count == (limit ?? 100);
        return TypedResults.Ok(new DeadLetterPage(
            page.Count, full ? page.Letters[^1].Id : null, [.. page.Letters.Select(static letter => DeadLetterView.Of(letter, withData: false))]));
    }

    private static async Task<Ok<DeadLetterView>> GetAsync(string service, long id, ServiceClients clients, CancellationToken cancellationToken) =>
        TypedResults.Ok(DeadLetterView.Of(
            await clients.Of(service).GetDeadLetterAsync(new DeadLetterRequest { Service = service, Id = id }, cancellationToken: cancellationToken), withData: true));

    private static async Task<Ok<Replayed>> ReplayAsync(string service, long id, ServiceClients clients, CancellationToken cancellationToken)
    {
        var response = await clients.Of(service).ReplayDeadLetterAsync(new DeadLetterRequest { Service = service, Id = id }, cancellationToken: cancellationToken);
        return TypedResults.Ok(new Replayed(response.Error.Length == 0, response.Error.Length == 0 ? null : response.Error));
    }

    private static async Task<Ok<ReplayedMany>> ReplayAllAsync(
        string service, string? consumer, string? topic, string? type, string? subject, ServiceClients clients, TimeProvider time, CancellationToken cancellationToken)
    {
        // Thousands of letters take longer than the usual deadline, and the caller can end the wait.
        var response = await clients.Of(service).ReplayDeadLettersAsync(
            new ReplayDeadLettersRequest { Service = service, Filter = Filter(consumer, topic, type, subject) },
            deadline: time.GetUtcNow().AddMinutes(10).UtcDateTime,
            cancellationToken: cancellationToken);
        return TypedResults.Ok(new ReplayedMany(response.Succeeded, response.Failed));
    }

    private static async Task<NoContent> DiscardAsync(string service, long id, ServiceClients clients, CancellationToken cancellationToken)
    {
        await clients.Of(service).DiscardDeadLetterAsync(new DeadLetterRequest { Service = service, Id = id }, cancellationToken: cancellationToken);
        return TypedResults.NoContent();
    }

    private static DeadLetterFilter Filter(string? consumer, string? topic, string? type, string? subject) =>
        new() { Consumer = consumer ?? "", Topic = topic ?? "", Type = type ?? "", Subject = subject ?? "" };

    /// <summary>The client of the service that the path names. Bound as a parameter of the handlers.</summary>
    private readonly struct ServiceClients(GrpcClientFactory factory, TwinProcess process)
    {
        public static ValueTask<ServiceClients> BindAsync(HttpContext context) => ValueTask.FromResult(new ServiceClients(
            context.RequestServices.GetRequiredService<GrpcClientFactory>(), context.RequestServices.GetRequiredService<TwinProcess>()));

        public Client Of(string service) => process.KnownServices.Contains(service, StringComparer.Ordinal)
            ? factory.CreateClient<Client>(GrpcClients.NameOf<Client>(service))
            : throw new ProblemException(
                StatusCodes.Status404NotFound,
                ProblemTypes.UnknownService,
                "Unknown service",
                $"The services of this node are {string.Join(", ", process.KnownServices)}.")
            {
                Member = "service",
            };
    }
}
