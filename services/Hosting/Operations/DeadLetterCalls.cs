using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Twin.Contracts.Operations.V1;
using Twin.Hosting.Composition;
using Twin.Hosting.Events;
using Twin.Hosting.Problems;
using Letter = Twin.Contracts.Operations.V1.DeadLetter;

namespace Twin.Hosting.Operations;

/// <summary>The dead letters of the services in this process, by gRPC.</summary>
internal sealed class DeadLetterCalls(IServiceProvider services, TwinProcess process) : DeadLetterOperations.DeadLetterOperationsBase
{
    private const int DefaultPage = 100;

    public override async Task<ListDeadLettersResponse> ListDeadLetters(ListDeadLettersRequest request, ServerCallContext context)
    {
        var letters = LettersOf(request.Service);
        if (request.Limit is < 0 or > DeadLetters.MaxPage || request.After < 0)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, ProblemTypes.OutOfRange, "Out of range", $"limit is 1 to {DeadLetters.MaxPage}, after the id of a letter.")
            {
                Member = request.After < 0 ? "after" : "limit",
            };
        }

        var filter = Of(request.Filter);
        var page = await letters.ListAsync(filter, request.After, request.Limit == 0 ? DefaultPage : request.Limit, context.CancellationToken);
        var response = new ListDeadLettersResponse { Count = await letters.CountAsync(filter, context.CancellationToken) };
        response.Letters.AddRange(page.Select(static letter => Of(letter, withData: false)));
        return response;
    }

    public override async Task<Letter> GetDeadLetter(DeadLetterRequest request, ServerCallContext context) =>
        await LettersOf(request.Service).FindAsync(request.Id, context.CancellationToken) is { } letter
            ? Of(letter, withData: true)
            : throw NotFound(request);

    public override async Task<ReplayDeadLetterResponse> ReplayDeadLetter(DeadLetterRequest request, ServerCallContext context)
    {
        var outcome = await Replaying(() => LettersOf(request.Service).ReplayAsync(request.Id, context.CancellationToken));
        return outcome.Found ? new ReplayDeadLetterResponse { Error = outcome.Error ?? "" } : throw NotFound(request);
    }

    public override async Task<ReplayDeadLettersResponse> ReplayDeadLetters(ReplayDeadLettersRequest request, ServerCallContext context)
    {
        var (succeeded, failed) = await Replaying(() => LettersOf(request.Service).ReplayAllAsync(Of(request.Filter), context.CancellationToken));
        return new ReplayDeadLettersResponse { Succeeded = succeeded, Failed = failed };
    }

    public override async Task<DiscardDeadLetterResponse> DiscardDeadLetter(DeadLetterRequest request, ServerCallContext context) =>
        await LettersOf(request.Service).DiscardAsync(request.Id, context.CancellationToken)
            ? new DiscardDeadLetterResponse()
            : throw NotFound(request);

    private DeadLetters LettersOf(string service) =>
        (process.Holds(service) ? services.GetKeyedService<DeadLetters>(service) : null)
        ?? throw new ProblemException(
            StatusCodes.Status404NotFound,
            ProblemTypes.ServiceWithoutEvents,
            "No events there",
            $"No service of this node is called '{service}' and consumes or produces events.")
        {
            Member = "service",
        };

    private static async Task<T> Replaying<T>(Func<Task<T>> replay)
    {
        try
        {
            return await replay();
        }
        catch (InvalidOperationException absent) when (absent.Message.Contains("not part of this process", StringComparison.Ordinal))
        {
            throw new ProblemException(StatusCodes.Status409Conflict, ProblemTypes.ConsumerAbsent, "The consumer is not there", absent.Message);
        }
    }

    private static ProblemException NotFound(DeadLetterRequest request) => new(
        StatusCodes.Status404NotFound,
        ProblemTypes.DeadLetterNotFound,
        "No such dead letter",
        $"{request.Service} has no dead letter {request.Id.ToString(CultureInfo.InvariantCulture)}: it was replayed or discarded, or never was.")
    {
        Member = "id",
    };

    private static Events.DeadLetterFilter Of(Contracts.Operations.V1.DeadLetterFilter? filter) => filter is null
        ? new Events.DeadLetterFilter()
        : new Events.DeadLetterFilter(Asked(filter.Consumer), Asked(filter.Topic), Asked(filter.Type), Asked(filter.Subject));

    private static string? Asked(string value) => value.Length == 0 ? null : value;

    private static Letter Of(Events.DeadLetter letter, bool withData) => new()
    {
        Id = letter.Id,
        Consumer = letter.Consumer,
        Topic = letter.Topic,
        Attempts = letter.Attempts,
        Error = letter.Error,
        FailedAt = Timestamp.FromDateTimeOffset(letter.FailedAt),
        Event = new Letter.Types.Event
        {
            Id = letter.Event.Id.ToString(),
            Source = letter.Event.Source,
            Type = letter.Event.Type,
            Subject = letter.Event.Subject,
            Time = Timestamp.FromDateTimeOffset(letter.Event.Time),
            Tenant = letter.Event.Tenant ?? "",
            DataContentType = letter.Event.DataContentType,
            Data = withData ? ByteString.CopyFrom(letter.Event.Data.Span) : ByteString.Empty,
        },
    };
}
