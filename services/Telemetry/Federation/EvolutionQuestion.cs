using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Federation;

/// <summary>Which part of what matches is asked for.</summary>
/// <param name="Limit">Entities at most.</param>
/// <param name="Offset">Entities before them.</param>
internal readonly record struct EvolutionPage(int Limit, int Offset = 0)
{
    /// <summary>Whether they are to come in the order of ids, and in which direction; null is any order.</summary>
    public bool? Descending { get; init; }

    /// <summary>The entities that are asked for; null is all that match.</summary>
    public IReadOnlyList<string>? Ids { get; init; }
}

/// <summary>
/// A temporal query in the words in which other sources are asked it (GS CIM 009 5.7.3, 5.7.4): for instances with their system
/// attributes, with those filters that a source can judge alone.
/// </summary>
internal sealed class EvolutionQuestion(EntityQuery query, JsonLdContext context)
{
    private const string QueryPath = "/temporal/entityOperations/query";

    /// <summary>Servers commonly refuse request lines of 8 KB and more.</summary>
    private const int LongestUrl = 4_000;

    private static readonly string[] Filters = ["q", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "expandValues", "jsonKeys"];
    private static readonly string[] Members = ["id", "type", "scope"];

    /// <summary>The time of a query, with which registrations are compared; null is any.</summary>
    public static TimeAsked? TimeOf(TemporalQuery temporal)
    {
        if (temporal.Relation == TimeRelation.None)
        {
            return null;
        }

        return new TimeAsked
        {
            Timerel = Name(temporal.Relation),
            TimeAt = Text(temporal.Relation == TimeRelation.Before ? temporal.Until : temporal.From),
            EndTimeAt = temporal.Relation == TimeRelation.Between ? Text(temporal.Until) : "",
            Timeproperty = Name(temporal.Property),
        };
    }

    /// <summary>Asks for one entity.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="temporal">Of which time.</param>
    /// <param name="aggregates">Whether aggregates are wanted, and not instances.</param>
    public SourceText Entity(string id, TemporalQuery temporal, bool aggregates = false)
    {
        var url = new StringBuilder("/temporal/entities/").Append(Uri.EscapeDataString(id).Replace("%3A", ":", StringComparison.Ordinal)).Append(Form(aggregates));
        foreach (var (name, value) in Projected().Concat(Times(temporal, aggregates)))
        {
            Add(url, name, value);
        }

        return new SourceText(url.ToString(), null, temporal.Zone is not null && aggregates);
    }

    /// <summary>Asks for the entities that match, or for some of them.</summary>
    /// <param name="page">Which of them.</param>
    /// <param name="temporal">Of which time.</param>
    /// <param name="aggregates">Whether aggregates are wanted, and not instances.</param>
    public SourceText Entities(EvolutionPage page, TemporalQuery temporal, bool aggregates = false)
    {
        var paging = string.Create(CultureInfo.InvariantCulture, $"{Form(aggregates)}&limit={page.Limit}{(page.Offset > 0 ? $"&offset={page.Offset}" : "")}");
        var refusable = page.Descending is not null || (temporal.Zone is not null && aggregates);
        var named = context.Url is not null || context.Json.Length == 0 || ReferenceEquals(context, JsonLdContext.Core);
        // Entities without a type can be named in a URL alone (5.2.33).
        if (named && query.Selectors.Count <= 1 && Url(paging, page, temporal, aggregates) is var url && (url.Length <= LongestUrl || query.Selectors is [] or [{ Type: null }]))
        {
            return new SourceText(url, null, refusable);
        }

        return new SourceText(QueryPath + paging, Body(page, temporal, aggregates), refusable);
    }

    private static string Form(bool aggregates) => aggregates ? "?format=aggregatedValues" : "?options=sysAttrs";

    private string Url(string paging, EvolutionPage page, TemporalQuery temporal, bool aggregates)
    {
        var url = new StringBuilder("/temporal/entities").Append(paging);
        var selector = query.Selectors.Count == 0 ? null : query.Selectors[0];
        Add(url, "type", selector?.Type?.Text);
        var ids = page.Ids ?? selector?.Id?.Ids;
        Add(url, "id", ids is null ? null : string.Join(',', ids));
        Add(url, "idPattern", ids is null ? selector?.Id?.Pattern : null);
        Add(url, "orderBy", Order(page));
        foreach (var (name, value) in Filtered(page).Concat(Projected()).Concat(Times(temporal, aggregates)))
        {
            Add(url, name, value);
        }

        return url.ToString();
    }

    private static string? Order(EvolutionPage page) => page.Descending switch { null => null, false => "id", true => "id;desc" };

    /// <summary>
    /// What is known to match somewhere is asked for whole, whoever holds a part of it; but a query stays narrow (5.7.2.4), and
    /// scopes say which instances count.
    /// </summary>
    private IEnumerable<KeyValuePair<string, string>> Filtered(EvolutionPage page)
    {
        var narrow = query.Projection.Attributes is not null || (query.Selectors.Count > 0 && query.Selectors.All(static one => one.Type is not null));
        var judged = !narrow || (page.Ids is null && !query.SplitsEntities);
        return query.Texts.Where(one => Filters.Contains(one.Key, StringComparer.Ordinal) && (judged || one.Key == "scopeQ"));
    }

    /// <summary>The members that are answered; those by which an answer is read are not left out.</summary>
    private IEnumerable<KeyValuePair<string, string>> Projected()
    {
        foreach (var (name, value) in query.Texts)
        {
            if (name is "attrs" or "datasetId")
            {
                yield return KeyValuePair.Create(name, value);
            }
            else if (name == "pick")
            {
                yield return KeyValuePair.Create(name, string.Join(',', Members.Concat(value.Split(',')).Distinct(StringComparer.Ordinal)));
            }
            else if (name == "omit" && string.Join(',', value.Split(',').Except(Members, StringComparer.Ordinal)) is { Length: > 0 } omitted)
            {
                yield return KeyValuePair.Create(name, omitted);
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Times(TemporalQuery temporal, bool aggregates)
    {
        if (TimeOf(temporal) is { } time)
        {
            yield return KeyValuePair.Create("timerel", time.Timerel);
            yield return KeyValuePair.Create("timeAt", time.TimeAt);
            if (time.EndTimeAt.Length > 0)
            {
                yield return KeyValuePair.Create("endTimeAt", time.EndTimeAt);
            }
        }

        if (temporal.NamesProperty)
        {
            yield return KeyValuePair.Create("timeproperty", Name(temporal.Property));
        }

        if (temporal.LastN is { } last && !aggregates)
        {
            yield return KeyValuePair.Create("lastN", last.ToString(CultureInfo.InvariantCulture));
        }

        if (!aggregates)
        {
            yield break;
        }

        yield return KeyValuePair.Create("aggrMethods", string.Join(',', temporal.AggregationMethods));
        if (!temporal.Period.IsZero)
        {
            yield return KeyValuePair.Create("aggrPeriodDuration", Text(temporal.Period));
        }

        if (temporal.Zone is { } zone)
        {
            yield return KeyValuePair.Create("timeZone", zone.Id);
        }
    }

    private byte[] Body(EvolutionPage page, TemporalQuery temporal, bool aggregates)
    {
        var body = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(body, NgsiLdResponse.JsonOptions);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "Query"u8);
        WriteSelectors(writer, page.Ids);
        if (Order(page) is { } order)
        {
            writer.WriteStartObject("ordering"u8);
            WriteList(writer, "orderBy", [order]);
            writer.WriteEndObject();
        }

        var filters = Filtered(page).Concat(Projected()).ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in filters)
        {
            if (name is "q" or "scopeQ")
            {
                writer.WriteString(name, value);
            }
            else if (name is "attrs" or "pick" or "omit" or "datasetId" or "expandValues" or "jsonKeys")
            {
                WriteList(writer, name, value.Split(','));
            }
        }

        if (filters.ContainsKey("georel"))
        {
            writer.WriteStartObject("geoQ"u8);
            foreach (var (name, value) in filters.Where(static one => one.Key is "georel" or "geometry" or "geoproperty"))
            {
                writer.WriteString(name, value);
            }

            writer.WritePropertyName("coordinates"u8);
            writer.WriteRawValue(filters["coordinates"]);
            writer.WriteEndObject();
        }

        WriteTimes(writer, temporal, aggregates);
        writer.WritePropertyName("@context"u8);
        writer.WriteRawValue(context.Json.Length == 0 ? JsonLdContext.Core.Json : context.Json, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenSpan.ToArray();
    }

    private void WriteSelectors(Utf8JsonWriter writer, IReadOnlyList<string>? ids)
    {
        if (query.Selectors.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("entities"u8);
        foreach (var selector in query.Selectors)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, selector.Type?.Text);
            if ((ids ?? (IEnumerable<string>?)selector.Id?.Ids) is { } wanted)
            {
                WriteList(writer, "id", wanted);
            }
            else if (selector.Id?.Pattern is { } pattern)
            {
                writer.WriteString("idPattern"u8, pattern);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteTimes(Utf8JsonWriter writer, TemporalQuery temporal, bool aggregates)
    {
        var times = Times(temporal, aggregates).ToLookup(static one => one.Key.StartsWith("aggr", StringComparison.Ordinal));
        if (times[false].Any())
        {
            writer.WriteStartObject("temporalQ"u8);
            foreach (var (name, value) in times[false])
            {
                if (name == "lastN")
                {
                    writer.WriteNumber(name, temporal.LastN!.Value);
                }
                else
                {
                    writer.WriteString(name, value);
                }
            }

            writer.WriteEndObject();
        }

        if (times[true].Any())
        {
            writer.WriteStartObject("aggrParams"u8);
            foreach (var (name, value) in times[true])
            {
                if (name == "aggrMethods")
                {
                    WriteList(writer, name, value.Split(','));
                }
                else
                {
                    writer.WriteString(name, value);
                }
            }

            writer.WriteEndObject();
        }
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static void Add(StringBuilder url, string name, string? value)
    {
        if (value is not null)
        {
            url.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }

    private static string Name(TimeRelation relation) => relation switch
    {
        TimeRelation.Before => "before",
        TimeRelation.After => "after",
        _ => "between",
    };

    private static string Name(TimeProperty property) => property switch
    {
        TimeProperty.CreatedAt => "createdAt",
        TimeProperty.ModifiedAt => "modifiedAt",
        TimeProperty.DeletedAt => "deletedAt",
        _ => "observedAt",
    };

    private static string Text(long ticks) => Timestamps.Format(Instance.Micros(ticks));

    private static string Text(Period period)
    {
        var text = new StringBuilder("P");
        _ = period.Months > 0 ? text.Append(CultureInfo.InvariantCulture, $"{period.Months}M") : text;
        _ = period.Days > 0 ? text.Append(CultureInfo.InvariantCulture, $"{period.Days}D") : text;
        return (period.Ticks > 0 ? text.Append(CultureInfo.InvariantCulture, $"T{(decimal)period.Ticks / TimeSpan.TicksPerSecond:0.#######}S") : text).ToString();
    }
}
