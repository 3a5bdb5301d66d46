using System.Text;
using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Keeping;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Temporal;

/// <summary>Changes temporal evolutions (GS CIM 009 5.6.11 to 5.6.16); each change is durable when its task ends.</summary>
internal sealed class TemporalWriter(
    SeriesDirectory directory, TailWriter tail, Sealer sealer, SeriesReader reader, LatestTeller teller, ChangeGate gate, Deletions deletions, MonotonicStamps stamps,
    TimeProvider clock)
{
    /// <summary>The attribute that holds the history of an entity's scopes.</summary>
    public static string ScopeAttribute { get; } = Terms.Iri(CoreTerms.Scope);

    /// <summary>Adds the instances of a body, and what it says of types and scopes.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">The entity.</param>
    /// <param name="body">Its attributes.</param>
    /// <param name="cancel">Ends the waiting; what was handed over is committed all the same.</param>
    public async Task AddAsync(Tenant tenant, string id, EntityNode body, CancellationToken cancel)
    {
        var isNew = tenant.FindEntity(id) is null;
        var entity = directory.GetOrCreateEntity(tenant, id);
        var now = stamps.Next();
        var batch = new PointBatch(tenant, Math.Max(1, body.Attributes.Count + 1)) { Announces = !isNew };
        foreach (var node in body.Attributes)
        {
            RefuseMembers(node);
            var time = node.ObservedAt is { } observedAt ? Instance.Ticks(observedAt) : stamps.Next();
            var deleted = (node.Removed & RemovedMembers.Value) != 0 ? node.ObservedAt is null ? time : now : 0;
            InstanceCodec.Add(batch, Series(entity, node), node, time, new InstanceCodec.Origin(now, now, deleted));
        }

        if (body.Scopes is { } scopes && !scopes.SequenceEqual(entity.Scopes, StringComparer.Ordinal))
        {
            InstanceCodec.Add(batch, Series(entity, ScopeNode(scopes)), ScopeNode(scopes), stamps.Next(), new InstanceCodec.Origin(now, now));
        }

        Describe(entity, body, now);
        batch.ChangedEntities.Add(entity);
        try
        {
            await tail.WriteAsync(batch, cancel);
        }
        catch (TailUnavailableException) when (isNew)
        {
            directory.Remove(entity, entity.Series, whole: true);
            throw;
        }

        if (isNew && await teller.TellAsync(entity, cancel))
        {
            entity.Made = true;
            var noted = new PointBatch(tenant, 1);
            noted.ChangedEntities.Add(entity);
            await tail.WriteAsync(noted, cancel);
        }
    }

    /// <summary>Deletes the whole evolution of an entity.</summary>
    public async Task DeleteAsync(SeriesEntity entity, CancellationToken cancel)
    {
        using (await gate.CloseAsync(cancel))
        {
            await RemoveAsync(entity, entity.Series, whole: true, Gone(entity, null, null), cancel);
        }

        await teller.WithdrawAsync(entity, cancel);
    }

    /// <summary>Deletes the evolution of an attribute.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="attribute">The attribute's IRI.</param>
    /// <param name="dataset">The dataset; null deletes all of them.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <exception cref="NgsiLdException">ResourceNotFound.</exception>
    public async Task DeleteAttributeAsync(SeriesEntity entity, string attribute, string? dataset, CancellationToken cancel)
    {
        using var closed = await gate.CloseAsync(cancel);
        TimeSeries[] gone = [.. entity.Series.Where(series => series.Attribute == attribute && (dataset is null || series.Dataset == dataset))];
        if (gone.Length == 0)
        {
            throw NgsiLdException.NotFound($"The entity {entity.Id} has no history of this attribute{(dataset is { Length: > 0 } ? " and dataset" : "")}.");
        }

        await RemoveAsync(entity, gone, whole: false, Gone(entity, attribute, dataset), cancel);
    }

    /// <summary>Removes series, and remembers it: changes of before that are under way do not bring them back.</summary>
    private async Task RemoveAsync(SeriesEntity entity, IReadOnlyList<TimeSeries> gone, bool whole, Deletion deletion, CancellationToken cancel)
    {
        await sealer.RemoveAsync(entity, gone, whole, (transaction, _, _) => Deletions.StoreAsync(transaction, [deletion]), cancel);
        deletions.Take(deletion);
    }

    private Deletion Gone(SeriesEntity entity, string? attribute, string? dataset, long from = 0, long until = long.MaxValue) =>
        deletions.Of(entity.Tenant, entity.Id, attribute, dataset, from, until, clock.GetUtcNow());

    /// <summary>Remembers that an instance is not what changes of before say, before it is changed.</summary>
    private Task NoteAsync(TimeSeries series, params ReadOnlySpan<long> times)
    {
        var some = new Deletion[times.Length];
        for (var i = 0; i < times.Length; i++)
        {
            some[i] = Gone(series.Entity, series.Attribute, series.Dataset, times[i], times[i] + 1);
        }

        return deletions.NoteAsync(some);
    }

    /// <summary>Takes one instance back.</summary>
    public async Task DeleteInstanceAsync(Instance instance, CancellationToken cancel)
    {
        using var closed = await gate.CloseAsync(cancel);
        await NoteAsync(instance.Series, instance.Time);
        var batch = new PointBatch(instance.Series.Entity.Tenant, 1);
        batch.Add(instance.Series, instance.Time, PointForm.Erased, 0, null);
        await tail.WriteAsync(batch, cancel);
    }

    /// <summary>Puts another instance in the place of one; it keeps its id and createdAt.</summary>
    public async Task ReplaceInstanceAsync(Instance instance, AttributeNode node, CancellationToken cancel)
    {
        RefuseMembers(node);
        if (instance.Extra?.Step is not null)
        {
            throw new NgsiLdException(NgsiLdErrorType.OperationNotSupported, "The instance stands for all points of a step (Twin:Telemetry:DownSampling); it can be deleted, not changed.", "instanceId");
        }

        var now = stamps.Next();
        var time = node.ObservedAt is { } observedAt ? Instance.Ticks(observedAt) : instance.Observed ? now : instance.Time;
        var target = Series(instance.Series.Entity, node);
        using var closed = await gate.CloseAsync(cancel);
        await NoteAsync(instance.Series, instance.Time);
        if (time != instance.Time || !ReferenceEquals(target, instance.Series))
        {
            await NoteAsync(target, time);
        }

        var batch = new PointBatch(instance.Series.Entity.Tenant, 2) { Announces = true };
        if (time != instance.Time || !ReferenceEquals(target, instance.Series))
        {
            batch.Add(instance.Series, instance.Time, PointForm.Erased, 0, null);
        }

        var id = instance.Id;
        InstanceCodec.Add(
            batch, target, node, time,
            new InstanceCodec.Origin(instance.Facts is { CreatedAt: > 0 } facts ? facts.CreatedAt : instance.Time, now, 0, id == InstanceIds.Of(target.Key, time) ? null : id));
        await tail.WriteAsync(batch, cancel);
    }

    /// <summary>The instance of an id.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound.</exception>
    public async Task<Instance> FindAsync(SeriesEntity entity, string attribute, string instanceId, CancellationToken cancel)
    {
        TimeSeries[] all = [.. entity.Series.Where(series => series.Attribute == attribute)];
        if (InstanceIds.TryParse(instanceId, out var key, out var time)
            && Array.Find(all, series => series.Key == key) is { } named
            && await FindAsync(named, time, time + 1, instanceId, cancel) is { } there)
        {
            return there;
        }

        // An id stays with its instance wherever that moves.
        foreach (var series in all)
        {
            if (await FindAsync(series, 0, long.MaxValue, instanceId, cancel) is { } found)
            {
                return found;
            }
        }

        throw NgsiLdException.NotFound($"The attribute has no instance {instanceId}.");
    }

    private async Task<Instance?> FindAsync(TimeSeries series, long from, long until, string instanceId, CancellationToken cancel)
    {
        await foreach (var run in reader.ScanAsync(series, from, until, cancel))
        {
            for (var i = run.Start; i < run.Start + run.Length; i++)
            {
                var instance = new Instance(series, run.Points.Times[i], run.Points.Forms[i], run.Points.Bits[i], run.Points.ExtraAt(i));
                if (instance.Id == instanceId)
                {
                    return instance;
                }
            }
        }

        return null;
    }

    private static void RefuseMembers(AttributeNode node)
    {
        if ((node.Removed & ~RemovedMembers.Value) != 0)
        {
            throw NgsiLdException.BadRequest("urn:ngsi-ld:null stands for a value alone in a temporal evolution (4.5.7, 5.5.4).");
        }

        if (node.Name == CoreTerms.Scope && (node.Removed & RemovedMembers.Value) == 0)
        {
            _ = Scopes(node.Value.Span) ?? throw NgsiLdException.BadRequest("The value of a scope instance is a scope such as /Mulhouse/DMC, or an array of them (4.5.6).", "/scope");
        }
    }

    /// <summary>The scopes that a scope instance says; null when it says something else.</summary>
    public static List<string>? Scopes(ReadOnlySpan<byte> json)
    {
        var scopes = new List<string>();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                scopes.Add(reader.GetString()!);
            }
            else if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.EndArray) || reader.CurrentDepth > 1)
            {
                return null;
            }
        }

        return scopes.TrueForAll(static scope => scope.Length > 0 && !scope.Contains(' ', StringComparison.Ordinal)) ? scopes : null;
    }

    /// <summary>A scope as an instance.</summary>
    public static AttributeNode ScopeNode(IReadOnlyList<string> scopes) => new()
    {
        Name = CoreTerms.Scope,
        Value = Encoding.UTF8.GetBytes(scopes.Count == 1 ? Quoted(scopes[0]) : $"[{string.Join(',', scopes.Select(Quoted))}]"),
    };

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private TimeSeries Series(SeriesEntity entity, AttributeNode node) =>
        directory.GetOrCreate(entity.Tenant, entity.Id, Terms.Iri(node.Name), node.DatasetId ?? "");

    private static void Describe(SeriesEntity entity, EntityNode body, long now)
    {
        entity.Types = [.. entity.Types.Union(body.Types.Select(Terms.Iri), StringComparer.Ordinal)];
        if (body.Scopes is { } scopes)
        {
            entity.Scopes = [.. scopes];
        }

        var newest = body.Attributes.Where(static node => node.Name == CoreTerms.Scope).MaxBy(static node => node.ObservedAt ?? long.MaxValue);
        if (newest is not null)
        {
            entity.Scopes = (newest.Removed & RemovedMembers.Value) != 0 ? [] : [.. Scopes(newest.Value.Span)!];
        }

        entity.CreatedAt = entity.CreatedAt == 0 ? now : entity.CreatedAt;
        entity.ModifiedAt = now;
    }
}
