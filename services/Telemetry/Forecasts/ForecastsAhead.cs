using System.Runtime.CompilerServices;
using Twin.Contracts.Telemetry.V1;
using Twin.EntityRegistry.Entities;
using Twin.NgsiLd;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Forecasts.Models;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Forecasts;

/// <summary>What the trained models of a tenant say of one time to come.</summary>
internal sealed class ForecastsAhead(ModelStore store, SampleReader reader, ForecastGate gate, TimeProvider clock)
{
    /// <summary>Models that are used for one time.</summary>
    private const int MostModels = 1000;

    private const int MostHorizon = 10_000;

    /// <summary>The narrowest interval: its middle is the median, whatever the distribution is.</summary>
    private static readonly double[] Median = [1];

    /// <summary>The medians, of the newest model of each series; of a series that no model reaches so far ahead there is none.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="at">The time, in ticks UTC.</param>
    /// <param name="cancel">Ends it.</param>
    public async IAsyncEnumerable<ForecastValue> AtAsync(Tenant tenant, long at, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var cards = await store.ListAsync(tenant.Name.Length > 0 ? tenant.Name : null, 0, MostModels, new EvaluationContext(Timestamps.FromInstant(now), AccessScope.Everything), cancel);
        foreach (var card in cards.GroupBy(static card => (card.Entity, card.Attribute, card.Dataset)).Select(static models => models.Last()))
        {
            var valid = Timestamps.TryParse(card.ValidUntil.AsSpan(), out var until) && Instance.Ticks(until) > now.UtcTicks;
            if (valid && tenant.FindEntity(card.Entity) is { } entity && tenant.Find(entity, card.Attribute, card.Dataset) is { } series
                && await MedianAsync(card, series, at, cancel) is { } median)
            {
                yield return new ForecastValue { Entity = card.Entity, Attribute = card.Attribute, Dataset = card.Dataset, Median = median, Model = card.Id };
            }
        }
    }

    private async Task<double?> MedianAsync(ModelCard card, TimeSeries series, long at, CancellationToken cancel)
    {
        try
        {
            var samples = await reader.ReadAsync(series, new SampleWindow(card.Step, card.Zone, null, null, card.MostGap, card.Points), cancel);
            var steps = samples.Grid.Of(at) - samples.End + 1;
            if (steps is < 1 or > MostHorizon)
            {
                return null;
            }

            return await gate.ComputeAsync(
                stop =>
                {
                    ModelFitting.CheckUse(card.Specification, samples, (int)steps);
                    var interval = card.Specification.Fit(samples.Values, stop).Ahead((int)steps, Median, new Simulation(1, 2000)).Intervals[0];
                    return (interval.Lower[^1] + interval.Upper[^1]) / 2;
                },
                cancel);
        }
        catch (NgsiLdException)
        {
            // The model says nothing of that time: its series has changed, or it lies too far ahead.
            return null;
        }
    }
}
