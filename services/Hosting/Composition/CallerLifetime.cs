using Microsoft.Extensions.Hosting;

namespace Twin.Hosting.Composition;

/// <summary>
/// The signals of a process belong to its command line, which cancels what it waits for; a node that listened too would
/// stop with the process that only hosts it, such as a test.
/// </summary>
internal sealed class CallerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
