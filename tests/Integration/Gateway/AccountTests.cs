using System.Net;
using System.Text.Json;
using Twin.Hosting.Authentication;
using Twin.Hosting.Storage;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>What a node keeps of its accounts, on each store.</summary>
public abstract class AccountTests(StoreKind kind)
{
    [Fact]
    public async Task The_last_administrator_stays_and_a_restart_knows_the_accounts()
    {
        var host = await GatewayHost.StartAsync(kind: kind);
        var accounts = await host.AdministerAsync(HttpMethod.Get, "/operations/accounts");
        var id = accounts.GetProperty("items")[0].GetProperty("id").GetString();
        using var refused = await host.SendAsync(HttpMethod.Patch, "/operations/accounts/" + id, host.Token(TwinRoles.Administrator), """{"roles":["citizen"]}""");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        await host.AdministerAsync(HttpMethod.Post, "/operations/accounts", """{"name":"second","roles":["administrator"]}""");
        await host.AdministerAsync(HttpMethod.Patch, "/operations/accounts/" + id, """{"disabled":true}""");

        await using var again = await host.RestartAsync();
        var page = await again.AdministerAsync(HttpMethod.Get, "/operations/accounts?limit=1");
        Assert.Equal("administrator", page.GetProperty("items")[0].GetProperty("name").GetString());
        Assert.True(page.GetProperty("items")[0].GetProperty("disabled").GetBoolean());
        var next = await again.AdministerAsync(HttpMethod.Get, "/operations/accounts?limit=1&after=" + page.GetProperty("next").GetString());
        Assert.Equal("second", next.GetProperty("items")[0].GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, next.GetProperty("next").ValueKind);
    }
}

public sealed class AccountsOnSqliteTests() : AccountTests(StoreKind.Sqlite);

public sealed class AccountsOnPostgresTests() : AccountTests(StoreKind.PostgreSql);
