using Xunit;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;

namespace Twin.Tests.Contract.Grpc;

/// <summary>Processes of one node, signed in with one key, all in the process of the test.</summary>
internal sealed class Nodes : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("twin-grpc-").FullName;
    private readonly string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly List<RunningNode> running = [];
    private readonly Dictionary<string, string?> addresses = new(StringComparer.Ordinal);

    /// <summary>
    /// Starts a process with these services, which knows the processes that were started before; a setting that is null in
    /// <paramref name="more"/> is not made.
    /// </summary>
    public async Task<RunningNode> StartAsync(string services, Dictionary<string, string?>? more = null, TimeProvider? time = null)
    {
        var settings = new Dictionary<string, string?>(addresses, StringComparer.Ordinal)
        {
            ["Twin:Services"] = services,
            ["Twin:Port"] = "0",
            ["Twin:Address"] = "127.0.0.1",
            ["Twin:DataDirectory"] = Path.Combine(directory, services),
            ["Twin:Identity:Key"] = key,
        };
        foreach (var (name, value) in more ?? [])
        {
            settings[name] = value;
            if (value is null)
            {
                settings.Remove(name);
            }
        }

        var node = await TwinNode.Create(settings)
            .With<ProbeService>().With<RelayService>().With<EdgeService>()
            .Adjust(builder =>
            {
                if (time is not null)
                {
                    builder.Services.Replace(ServiceDescriptor.Singleton(time));
                }
            })
            .StartAsync(TestContext.Current.CancellationToken);
        running.Add(node);
        foreach (var service in node.Process.Services)
        {
            addresses[$"Twin:Grpc:Addresses:{service}"] = node.Grpc.ToString();
        }

        return node;
    }

    /// <summary>An HTTP client that comes through the front door of this node.</summary>
    public static HttpClient HttpOf(RunningNode node)
    {
        var client = new HttpClient { BaseAddress = node.Http };
        client.DefaultRequestHeaders.Add(InternalIdentity.Header, node.Services.GetRequiredService<InternalIdentity>().IssueForService("gateway"));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(running))
        {
            await node.DisposeAsync();
        }

        Directory.Delete(directory, recursive: true);
    }
}
