using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Storage;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Registrations;

/// <summary>
/// The context sources of each tenant: durable in the store, matched from memory. Changes are rare and go one at a time;
/// readers take an immutable list.
/// </summary>
internal sealed class RegistrationDirectory(ServiceDatabase database) : IDisposable
{
    private readonly SemaphoreSlim _changing = new(1, 1);
    private ImmutableDictionary<int, ImmutableList<ContextSourceRegistration>> _byTenant =
        ImmutableDictionary<int, ImmutableList<ContextSourceRegistration>>.Empty;

    /// <summary>The registrations of a tenant in the order of their creation.</summary>
    public ImmutableList<ContextSourceRegistration> Of(Tenant tenant) =>
        Volatile.Read(ref _byTenant).GetValueOrDefault(tenant.Key, []);

    /// <summary>The registration of that id.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound: there is none, or it has expired.</exception>
    public ContextSourceRegistration Get(Tenant tenant, string id, long now) =>
        Of(tenant).Find(r => r.Id == id && !Expired(r, now)) ?? throw NgsiLdException.NotFound($"There is no registration {id}.");

    /// <summary>Whether a registration is over.</summary>
    public static bool Expired(ContextSourceRegistration registration, long now) =>
        registration.ExpiresAt != 0 && registration.ExpiresAt <= now;

    /// <summary>Adds a registration.</summary>
    /// <exception cref="NgsiLdException">AlreadyExists, or Conflict with another registration or with entities.</exception>
    public Task AddAsync(Tenant tenant, ContextSourceRegistration registration, long now, CancellationToken cancel) =>
        ChangeAsync(
            tenant,
            all =>
            {
                if (all.Find(r => r.Id == registration.Id) is { } same)
                {
                    if (!Expired(same, now))
                    {
                        throw new NgsiLdException(NgsiLdErrorType.AlreadyExists, $"There is a registration {registration.Id} already.");
                    }

                    all = all.Remove(same);
                }

                RegistrationConflicts.Refuse(registration, all, tenant, now);
                return (all.Add(registration), registration.Document);
            },
            """
            INSERT INTO registration (tenant, id, sequence, document)
            SELECT @tenant, @id, coalesce(max(sequence), 0) + 1, @document FROM registration WHERE tenant = @tenant
            ON CONFLICT (tenant, id) DO UPDATE SET sequence = excluded.sequence, document = excluded.document
            """,
            registration.Id,
            cancel);

    /// <summary>Changes a registration; the change sees its newest form, so that none of several at a time is lost.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound; Conflict with another registration or with entities.</exception>
    public Task ReplaceAsync(Tenant tenant, string id, Func<ContextSourceRegistration, ContextSourceRegistration> change, long now, CancellationToken cancel) =>
        ChangeAsync(
            tenant,
            all =>
            {
                ContextSourceRegistration current = Get(tenant, id, now);
                ContextSourceRegistration next = change(current);
                RegistrationConflicts.Refuse(next, all.Remove(current), tenant, now);
                return (all.Replace(current, next), next.Document);
            },
            "UPDATE registration SET document = @document WHERE tenant = @tenant AND id = @id",
            id,
            cancel);

    /// <summary>Removes a registration.</summary>
    public Task RemoveAsync(Tenant tenant, ContextSourceRegistration registration, CancellationToken cancel) =>
        ChangeAsync(
            tenant,
            all => (all.RemoveAll(r => r.Id == registration.Id), null),
            "DELETE FROM registration WHERE tenant = @tenant AND id = @id",
            registration.Id,
            cancel);

    /// <summary>Brings the registrations back from the store.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancel);
        IEnumerable<(long Tenant, string Document)> rows = await connection.QueryAsync<(long, string)>(
            new CommandDefinition("SELECT tenant, document FROM registration ORDER BY tenant, sequence", cancellationToken: cancel));
        _byTenant = rows
            .GroupBy(r => (int)r.Tenant, r => RegistrationParser.Read((JsonObject)JsonNode.Parse(r.Document)!, now: null))
            .ToImmutableDictionary(g => g.Key, g => g.ToImmutableList());
    }

    /// <inheritdoc />
    public void Dispose() => _changing.Dispose();

    private async Task ChangeAsync(
        Tenant tenant,
        Func<ImmutableList<ContextSourceRegistration>, (ImmutableList<ContextSourceRegistration> Next, JsonObject? Document)> change,
        string sql,
        string id,
        CancellationToken cancel)
    {
        await _changing.WaitAsync(cancel);
        try
        {
            (ImmutableList<ContextSourceRegistration> next, JsonObject? document) = change(Of(tenant));
            using (await database.TakeWriteTurnAsync(cancel))
            {
                await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancel);
                await connection.ExecuteAsync(new CommandDefinition(sql, new { tenant = tenant.Key, id, document = document?.ToJsonString() }, cancellationToken: cancel));
            }

            Volatile.Write(ref _byTenant, _byTenant.SetItem(tenant.Key, next));
        }
        finally
        {
            _changing.Release();
        }
    }
}
