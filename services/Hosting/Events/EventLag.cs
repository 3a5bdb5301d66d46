using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Twin.Hosting.Events;

/// <summary>How far readers and consumers are behind, as metrics of the meter <c>Twin.Events</c> and for readiness.</summary>
public sealed class EventLag
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string MeterName = "Twin.Events";

    private readonly ConcurrentDictionary<(string Service, string Reader), Standing> standings = new();
    private readonly TimeProvider time;
    private readonly Counter<long> handled;
    private readonly Counter<long> duplicates;
    private readonly Counter<long> retries;
    private readonly Counter<long> deadLetters;

    /// <summary>Creates the instruments.</summary>
    public EventLag(IMeterFactory meters, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meters);
        this.time = time;
        var meter = meters.Create(MeterName);
        handled = meter.CreateCounter<long>("twin.events.handled", "{event}", "Events whose effect has been committed.");
        duplicates = meter.CreateCounter<long>("twin.events.duplicates", "{event}", "Events that the inbox knew already.");
        retries = meter.CreateCounter<long>("twin.events.retries", "{attempt}", "Attempts after a failure.");
        deadLetters = meter.CreateCounter<long>("twin.events.dead_letters", "{event}", "Events set aside.");
        meter.CreateObservableGauge("twin.events.lag", () => Observe(standing => standing.Events), "{event}", "Events that wait to be read.");
        meter.CreateObservableGauge("twin.events.lag.age", () => Observe(standing => Age(standing).TotalSeconds), "s", "Age of the oldest event that waits.");
    }

    internal static ActivitySource Activities { get; } = new(MeterName);

    /// <summary>Every reader and consumer of the process, and how far it is behind.</summary>
    public IEnumerable<ReaderLag> Readers => standings.Select(entry =>
        new ReaderLag(entry.Key.Service, entry.Key.Reader, entry.Value.Events, Age(entry.Value), entry.Value.Error));

    internal void Set(string service, string reader, long events, DateTimeOffset? oldest) =>
        standings[(service, reader)] = new Standing(events, oldest, null);

    /// <summary>A reader cannot go on: it is behind by as much as before, and growing older.</summary>
    internal void Failed(string service, string reader, string error)
    {
        var now = time.GetUtcNow();
        standings.AddOrUpdate(
            (service, reader),
            _ => new Standing(0, now, error),
            (_, standing) => standing with { Oldest = standing.Oldest ?? now, Error = error });
    }

    internal void Handled(string service, string consumer, int fresh, int known)
    {
        handled.Add(fresh, Tags(service, consumer));
        if (known > 0)
        {
            duplicates.Add(known, Tags(service, consumer));
        }
    }

    internal void Retried(string service, string consumer) => retries.Add(1, Tags(service, consumer));

    internal void SetAside(string service, string consumer) => deadLetters.Add(1, Tags(service, consumer));

    private static TagList Tags(string service, string reader) => new() { { "service", service }, { "reader", reader } };

    private TimeSpan Age(Standing standing) =>
        standing.Oldest is { } oldest && time.GetUtcNow() - oldest is { Ticks: > 0 } age ? age : TimeSpan.Zero;

    private IEnumerable<Measurement<T>> Observe<T>(Func<Standing, T> value)
        where T : struct =>
        standings.Select(entry => new Measurement<T>(value(entry.Value), Tags(entry.Key.Service, entry.Key.Reader)));

    private sealed record Standing(long Events, DateTimeOffset? Oldest, string? Error);
}

/// <summary>How far one reader is behind.</summary>
/// <param name="Service">The service it belongs to.</param>
/// <param name="Reader">A consumer, or the relay to a broker.</param>
/// <param name="Events">Events that wait.</param>
/// <param name="Age">How old the oldest of them is.</param>
/// <param name="Error">Why the reader cannot go on; null when it can.</param>
public sealed record ReaderLag(string Service, string Reader, long Events, TimeSpan Age, string? Error);
