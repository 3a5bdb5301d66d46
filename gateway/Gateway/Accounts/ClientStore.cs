using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Storage;

namespace Twin.Gateway.Accounts;

/// <summary>The programs that may ask the built-in issuer for tokens.</summary>
internal sealed class ClientStore([FromKeyedServices("gateway")] ServiceDatabase database)
{
    private const string Columns = "id, secret_hash, key_set, redirect_uris, roles, disabled, created";

    public async Task<Client?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellation);
        return (await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"select {Columns} from clients where id = @id", new { id }, cancellationToken: cancellation)))?.ToClient();
    }

    /// <summary>At most <paramref name="limit"/> clients after this identifier, by identifier.</summary>
    public async Task<List<Client>> ListAsync(string after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"select {Columns} from clients where id > @after order by id limit @limit", new { after, limit }, cancellationToken: cancellation));
        return [.. rows.Select(static row => row.ToClient())];
    }

    /// <summary>False when the identifier is taken.</summary>
    public async Task<bool> TryAddAsync(Client client, CancellationToken cancellation) => await WriteAsync(
        """
        insert into clients (id, secret_hash, key_set, redirect_uris, roles, disabled, created)
        values (@Id, @SecretHash, @KeySet, @RedirectUris, @Roles, @Disabled, @Created)
        on conflict do nothing
        """,
        client,
        cancellation) == 1;

    /// <summary>Replaces what is stored of the client but its identifier and birth.</summary>
    public Task ReplaceAsync(Client client, CancellationToken cancellation) => WriteAsync(
        """
        update clients set secret_hash = @SecretHash, key_set = @KeySet, redirect_uris = @RedirectUris, roles = @Roles, disabled = @Disabled
        where id = @Id
        """,
        client,
        cancellation);

    private async Task<int> WriteAsync(string sql, Client client, CancellationToken cancellation)
    {
        using var turn = await database.TakeWriteTurnAsync(cancellation);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            sql,
            new
            {
                client.Id,
                client.SecretHash,
                client.KeySet,
                RedirectUris = client.RedirectUriList,
                Roles = client.RoleList,
                Disabled = client.Disabled ? 1L : 0L,
                Created = client.Created.ToUnixTimeMilliseconds(),
            },
            cancellationToken: cancellation));
    }

    private sealed record Row(string id, string? secret_hash, string? key_set, string redirect_uris, string roles, long disabled, long created)
    {
        public Client ToClient() => new(id, secret_hash, key_set, redirect_uris, roles, disabled != 0, DateTimeOffset.FromUnixTimeMilliseconds(created));
    }
}
