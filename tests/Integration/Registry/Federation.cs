using System.Net;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Contexts;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>A node on an embedded store, and a source that the test scripts.</summary>
internal sealed class Federation(TestStore store, RegistryNode node, DocumentSite source) : IAsyncDisposable
{
    public RegistryNode Node => node;

    public DocumentSite Source => source;

    // A budget that no busy machine uses up, where a test sets no other: a source that answers is heard.
    public static async Task<Federation> StartAsync(TimeProvider? clock = null, params (string Key, string Value)[] settings)
    {
        TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        RegistryNode node = await RegistryNode.StartAsync(store, clock, null, [("Twin:Federation:BudgetMilliseconds", "30000"), .. settings]);
        return new Federation(store, node, await DocumentSite.StartAsync());
    }

    public async Task RegisterAsync(string id, string mode, string information = """[{"entities":[{"type":"Hall"}]}]""", string? endpoint = null, string more = "")
    {
        string registration =
            $$"""{"id":"{{id}}","type":"ContextSourceRegistration","mode":"{{mode}}","information":{{information}},"endpoint":"{{endpoint ?? source.Url}}"{{more}}}""";
        (await node.Client.PostAsync("/csourceRegistrations", registration)).Is(HttpStatusCode.Created);
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await source.DisposeAsync();
        store.Dispose();
    }
}
