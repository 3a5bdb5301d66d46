using System.Data.Common;
using Twin.Contracts;
using Twin.Hosting.Events;
using Twin.Telemetry.Keeping;

namespace Twin.Telemetry.Registry;

/// <summary>
/// Takes the entity registry's changes into the history. The events themselves go into the table <c>arrival</c> with the
/// inbox; the <see cref="ArrivalDrain"/> makes points of them, and each leaves the table in the commit of its points: a
/// change has its effect once, however often it is delivered and wherever the process ends.
/// </summary>
internal sealed class RegistryChanges(ArrivalSignal signal, Deletions deletions) : IEventConsumer
{
    /// <summary>The consumer's name.</summary>
    public const string ConsumerName = "history";

    /// <inheritdoc />
    public string Name => ConsumerName;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Topics { get; } = [EntityTopics.Entities];

    /// <inheritdoc />
    public async Task HandleAsync(IReadOnlyList<TwinEvent> events, DbTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO arrival (tenant, changed, data) VALUES (@tenant, @changed, @data)";
        var parameters = new[] { "@tenant", "@changed", "@data" }.Select(name =>
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
            return parameter;
        }).ToArray();
        foreach (var one in events.Where(one => !deletions.Covers(one.Tenant ?? "", one.Subject, one.Time.UtcTicks)))
        {
            parameters[0].Value = one.Tenant ?? "";
            parameters[1].Value = one.Time.UtcTicks;
            parameters[2].Value = one.Data.ToArray();
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        signal.Raise();
    }
}
