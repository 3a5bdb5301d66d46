using System.Data.Common;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Authentication;
using Twin.Hosting.Storage;

namespace Twin.Gateway.Accounts;

/// <summary>The accounts of the node's people.</summary>
internal sealed class AccountStore([FromKeyedServices("gateway")] ServiceDatabase database)
{
    private const string Columns = "id, name, password_hash, roles, disabled, failures, locked_until, created";

    public Task<Account?> FindAsync(string id, CancellationToken cancellation) =>
        FindAsync($"select {Columns} from accounts where id = @value", id, cancellation);

    public Task<Account?> FindByNameAsync(string name, CancellationToken cancellation) =>
        FindAsync($"select {Columns} from accounts where name = @value", Account.NormalName(name), cancellation);

    /// <summary>At most <paramref name="limit"/> accounts after this name, by name.</summary>
    public async Task<List<Account>> ListAsync(string after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"select {Columns} from accounts where name > @after order by name limit @limit", new { after, limit }, cancellationToken: cancellation));
        return [.. rows.Select(static row => row.ToAccount())];
    }

    public async Task<bool> IsEmptyAsync(CancellationToken cancellation)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "select 1 from accounts limit 1";
        return await command.ExecuteScalarAsync(cancellation) is null;
    }

    /// <summary>False when the name is taken.</summary>
    public async Task<bool> TryAddAsync(Account account, CancellationToken cancellation) => await WriteAsync(
        """
        insert into accounts (id, name, password_hash, roles, disabled, failures, locked_until, created)
        values (@Id, @Name, @PasswordHash, @Roles, @Disabled, @Failures, @LockedUntil, @Created)
        on conflict do nothing
        """,
        new
        {
            account.Id,
            account.Name,
            account.PasswordHash,
            Roles = account.RoleList,
            Disabled = account.Disabled ? 1L : 0L,
            Failures = (long)account.Failures,
            LockedUntil = account.LockedUntil.ToUnixTimeMilliseconds(),
            Created = account.Created.ToUnixTimeMilliseconds(),
        },
        cancellation) == 1;

    /// <summary>
    /// Changes what is not null. False when that would leave the node without an enabled administrator, who alone could
    /// make another: decided in the statement itself, so that two administrators cannot shut each other out.
    /// </summary>
    public async Task<bool> TryChangeAsync(string id, string? roles, bool? disabled, CancellationToken cancellation) => await WriteAsync(
        """
        update accounts set roles = coalesce(@roles, roles), disabled = coalesce(@disabled, disabled)
        where id = @id and (
            (coalesce(@disabled, disabled) = 0 and ' ' || coalesce(@roles, roles) || ' ' like @administrator)
            or exists (select 1 from accounts other where other.id <> @id and other.disabled = 0 and ' ' || other.roles || ' ' like @administrator)
            or not (disabled = 0 and ' ' || roles || ' ' like @administrator))
        """,
        new { id, roles, disabled = disabled switch { true => 1L, false => 0L, null => (long?)null }, administrator = $"% {TwinRoles.Administrator} %" },
        cancellation) == 1;

    /// <summary>Sets the password and lifts a lock.</summary>
    public Task SetPasswordAsync(string id, string hash, CancellationToken cancellation) => WriteAsync(
        "update accounts set password_hash = @hash, failures = 0, locked_until = 0 where id = @id", new { id, hash }, cancellation);

    /// <summary>Counts a failed sign-in; the one that reaches the limit locks the account and begins to count anew.</summary>
    public Task CountFailureAsync(string id, int limit, DateTimeOffset lockUntil, CancellationToken cancellation) => WriteAsync(
        """
        update accounts set
            locked_until = case when failures + 1 >= @limit then @until else locked_until end,
            failures = case when failures + 1 >= @limit then 0 else failures + 1 end
        where id = @id
        """,
        new { id, limit = (long)limit, until = lockUntil.ToUnixTimeMilliseconds() },
        cancellation);

    public Task ForgetFailuresAsync(string id, CancellationToken cancellation) =>
        WriteAsync("update accounts set failures = 0 where id = @id and failures > 0", new { id }, cancellation);

    /// <summary>
    /// Marks a code or an assertion as used. False when it was before: what may be used once is used once, by whichever
    /// replica comes first.
    /// </summary>
    public async Task<bool> TryRedeemAsync(string id, DateTimeOffset expires, DateTimeOffset now, CancellationToken cancellation)
    {
        await WriteAsync("delete from redeemed where expires < @now", new { now = now.ToUnixTimeMilliseconds() }, cancellation);
        return await WriteAsync(
            "insert into redeemed (id, expires) values (@id, @expires) on conflict do nothing",
            new { id, expires = expires.ToUnixTimeMilliseconds() },
            cancellation) == 1;
    }

    private async Task<int> WriteAsync(string sql, object values, CancellationToken cancellation)
    {
        using var turn = await database.TakeWriteTurnAsync(cancellation);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: cancellation));
    }

    private async Task<Account?> FindAsync(string sql, string value, CancellationToken cancellation)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellation);
        return (await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(sql, new { value }, cancellationToken: cancellation)))?.ToAccount();
    }

    private sealed record Row(string id, string name, string password_hash, string roles, long disabled, long failures, long locked_until, long created)
    {
        public Account ToAccount() => new(
            id, name, password_hash, roles, disabled != 0, (int)failures, DateTimeOffset.FromUnixTimeMilliseconds(locked_until), DateTimeOffset.FromUnixTimeMilliseconds(created));
    }
}
