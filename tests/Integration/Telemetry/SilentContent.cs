using System.Net;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>A body that is sent, and then never ends.</summary>
internal sealed class SilentContent : HttpContent
{
    private readonly byte[] _start;

    public SilentContent(byte[] start, string type)
    {
        _start = start;
        Headers.TryAddWithoutValidation("Content-Type", type);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_start, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
