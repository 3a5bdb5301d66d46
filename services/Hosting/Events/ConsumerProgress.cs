using System.Data.Common;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>
/// Whether a consumer has dealt with what a service of the same process had appended at some moment, so that who writes
/// there and then asks here finds what it wrote.
/// </summary>
/// <param name="source">The database of the service that appends.</param>
/// <param name="own">The database of the service that consumes.</param>
/// <param name="consumer">The consumer's name.</param>
/// <param name="time">The clock.</param>
public sealed class ConsumerProgress(ServiceDatabase source, ServiceDatabase own, string consumer, TimeProvider time)
{
    private readonly Inbox inbox = new(own, time);

    /// <summary>The end of the outbox now.</summary>
    public async Task<AppendedPlace> EndAsync(CancellationToken cancellationToken)
    {
        var columns = source.Kind == StoreKind.Sqlite ? "position" : "tx, position";
        var order = source.Kind == StoreKind.Sqlite ? "position DESC" : "tx DESC, position DESC";
        await using var connection = await source.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Command($"SELECT {columns} FROM outbox ORDER BY {order} LIMIT 1");
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return new AppendedPlace(await rows.ReadAsync(cancellationToken) ? EventCommands.Position(rows, source.Kind) : default);
    }

    /// <summary>Whether the consumer has come to this place.</summary>
    public async Task<bool> HasReachedAsync(AppendedPlace place, CancellationToken cancellationToken) =>
        !(place.Position > await inbox.OffsetAsync(consumer, source.Service, cancellationToken));
}

/// <summary>A place in an outbox.</summary>
public readonly struct AppendedPlace
{
    internal AppendedPlace(OutboxPosition position) => Position = position;

    internal OutboxPosition Position { get; }
}
