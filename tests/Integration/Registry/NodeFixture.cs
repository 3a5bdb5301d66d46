using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>One node for the tests of a class, started by the first that asks; without PostgreSQL each of its tests skips.</summary>
public abstract class NodeFixture(StoreKind kind) : IAsyncLifetime
{
    private readonly SemaphoreSlim starting = new(1, 1);
    private TestStore? store;
    private RegistryNode? node;

    public StoreKind Kind => kind;

    internal async Task<RegistryNode> NodeAsync()
    {
        await starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            store ??= await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
            return node ??= await RegistryNode.StartAsync(store);
        }
        finally
        {
            starting.Release();
        }
    }

    /// <summary>A client of a tenant that no other test uses.</summary>
    internal async Task<NgsiClient> FreshAsync() => (await NodeAsync()).Fresh();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (node is not null)
        {
            await node.DisposeAsync();
        }

        store?.Dispose();
        starting.Dispose();
    }
}

public sealed class SqliteNode() : NodeFixture(StoreKind.Sqlite);

public sealed class PostgresNode() : NodeFixture(StoreKind.PostgreSql);
