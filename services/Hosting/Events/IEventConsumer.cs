using System.Data.Common;

namespace Twin.Hosting.Events;

/// <summary>
/// Does something about events. Registered with <see cref="EventRegistration.AddEventConsumer"/>; runs in the database
/// of its service.
/// </summary>
public interface IEventConsumer
{
    /// <summary>
    /// Names the consumer for good, in kebab case, unique within its service: its inbox, its offsets and its Kafka
    /// consumer group go by it.
    /// </summary>
    string Name { get; }

    /// <summary>The topics it reads.</summary>
    IReadOnlyCollection<string> Topics { get; }

    /// <summary>
    /// Handles events that this consumer has not handled yet: its changes belong into <paramref name="transaction"/>, with
    /// which the inbox commits them once. Anything it does beside that may happen again. An exception rolls all back;
    /// then each event is tried alone, and one that keeps failing is set aside as a dead letter. The handler holds the
    /// write turn of its database and must not ask for it again.
    /// </summary>
    /// <param name="events">In order per subject.</param>
    /// <param name="transaction">Of a connection to the consumer's service database.</param>
    /// <param name="cancellationToken">Cancelled when the process stops.</param>
    Task HandleAsync(IReadOnlyList<TwinEvent> events, DbTransaction transaction, CancellationToken cancellationToken);
}
