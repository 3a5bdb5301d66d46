using System.Buffers;
using System.IO.Pipelines;

namespace Twin.Telemetry.Formats;

/// <summary>
/// The body of an answer as the stream that writers of binary formats want: it goes forward only and knows how far it is.
/// Small writes are brought together.
/// </summary>
internal sealed class BodyStream(PipeWriter to) : Stream
{
    private const int FlushAt = 64 * 1024;

    private long written;

    /// <inheritdoc />
    public override bool CanRead => false;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override long Length => written;

    /// <inheritdoc />
    public override long Position
    {
        get => written;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override void Flush()
    {
        // What is written goes out with the next flush that waits for the reader.
    }

    /// <inheritdoc />
    public override async Task FlushAsync(CancellationToken cancellationToken) => await to.FlushAsync(cancellationToken);

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        to.Write(buffer);
        written += buffer.Length;
    }

    /// <inheritdoc />
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        if (to.UnflushedBytes > FlushAt)
        {
            await to.FlushAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();
}
