using System.Text;
using System.Text.Json.Nodes;
using Twin.Contracts.Telemetry.V1;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Scenarios;
using HistoryClient = Twin.Contracts.Telemetry.V1.History.HistoryClient;

namespace Twin.ScenarioEngine.State;

/// <summary>What the trained models of the history say of a time to come.</summary>
internal sealed class ForecastTwin(HistoryClient history, TimeProvider clock)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="NgsiLdException">Conflict: the time has come. OperationNotSupported: this node keeps no history.</exception>
    public async Task<ForecastValues> ReadAsync(ScenarioBase twin, CancellationToken cancel)
    {
        var now = Timestamps.FromInstant(clock.GetUtcNow());
        if (twin.Time <= now)
        {
            throw new NgsiLdException(NgsiLdErrorType.Conflict, $"The time of the forecast, {Timestamps.Format(twin.Time)}, has come. Begin the scenario anew, on that time of the past or on another forecast.", "/base/forecast");
        }

        using var call = history.ForecastAt(new ForecastAtRequest { Tenant = twin.Tenant, At = twin.Time }, cancellationToken: cancel);
        var values = new List<ForecastValue>();
        while (await HistoryCalls.NextAsync(call.ResponseStream, twin.Tenant, cancel))
        {
            values.Add(call.ResponseStream.Current);
        }

        return new ForecastValues(values.ToLookup(static value => value.Entity, StringComparer.Ordinal), twin.Time, now);
    }
}

/// <summary>Forecasts of one time, by entity.</summary>
internal sealed class ForecastValues(ILookup<string, ForecastValue> values, long time, long now)
{
    /// <summary>
    /// The entity with the median in the place of each number that has a forecast: observedAt is the time of the forecast,
    /// and the sub-attribute <c>forecastBy</c> names the model.
    /// </summary>
    public EntityDocument Apply(EntityDocument entity)
    {
        foreach (var value in values[entity.Id])
        {
            var term = Terms.Intern(value.Attribute);
            if (!IsNumber(entity, term, value.Dataset))
            {
                continue;
            }

            var body = new JsonObject
            {
                ["type"] = "Property",
                ["value"] = JsonValue.Create(value.Median),
                ["observedAt"] = Timestamps.Format(time),
                ["forecastBy"] = new JsonObject { ["type"] = "Relationship", ["object"] = value.Model },
            };
            if (value.Dataset.Length > 0)
            {
                body["datasetId"] = value.Dataset;
            }

            entity = EntityOperations.UpdateAttribute(entity, EntityParser.ParseAttribute(Encoding.UTF8.GetBytes(body.ToJsonString()), term, JsonLdContext.Core, ParseOptions.Patch), now).Next ?? entity;
        }

        return entity;
    }

    private static bool IsNumber(EntityDocument entity, int term, string dataset)
    {
        foreach (var one in entity.Instances(term))
        {
            if (one.Kind == AttributeKind.Property && one.DatasetId.SequenceEqual(Encoding.UTF8.GetBytes(dataset)) && one.TryGetNumber(out _))
            {
                return true;
            }
        }

        return false;
    }
}
