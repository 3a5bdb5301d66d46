using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Dapper;
using Twin.Hosting.Events;

namespace Twin.Tests.Contract.Events;

/// <summary>Writes each event into a table of its service, unless the test makes it fail.</summary>
public sealed class RecordingConsumer : IEventConsumer
{
    public const string Topic = "things";

    public string Name => "recorder";

    public IReadOnlyCollection<string> Topics => [Topic];

    /// <summary>Fails the handling of an event when it returns an exception.</summary>
    public Func<TwinEvent, Exception?> Fault { get; set; } = _ => null;

    /// <summary>The trace that each event was handled in, by the event's value.</summary>
    public ConcurrentDictionary<long, string?> Traces { get; } = new();

    public async Task HandleAsync(IReadOnlyList<TwinEvent> events, DbTransaction transaction, CancellationToken cancellationToken)
    {
        foreach (var one in events)
        {
            var value = long.Parse(Encoding.ASCII.GetString(one.Data.Span), CultureInfo.InvariantCulture);
            await transaction.Connection!.ExecuteAsync(
                "INSERT INTO effects (subject, value) VALUES (@subject, @value)", new { subject = one.Subject, value }, transaction);
            Traces[value] = Activity.Current?.TraceId.ToString();
            // After the effect, so that only a rollback can take it back.
            if (Fault(one) is { } fault)
            {
                throw fault;
            }
        }
    }
}
