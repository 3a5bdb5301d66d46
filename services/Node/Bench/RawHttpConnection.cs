using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Twin.Node.Bench;

/// <summary>
/// A keep-alive HTTP/1.1 connection that sends prepared bytes and reads one answer: what a load generator needs and no
/// more, so that it costs little beside the server that it measures. No TLS, no redirects, no informational answers.
/// </summary>
internal sealed class RawHttpConnection : IDisposable
{
    private readonly Socket socket;
    private byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;

    private RawHttpConnection(Socket socket) => this.socket = socket;

    /// <summary>Connects to the host and port of an address.</summary>
    public static async Task<RawHttpConnection> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        var opened = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await opened.ConnectAsync(new DnsEndPoint(address.Host, address.Port), cancellationToken);
            return new RawHttpConnection(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Sends a whole request and reads its answer.</summary>
    /// <returns>The status, and the body, which is valid until the next call.</returns>
    /// <exception cref="IOException">The peer closed the connection or does not speak HTTP/1.1.</exception>
    /// <exception cref="SocketException">The connection broke.</exception>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        while (request.Length > 0)
        {
            request = request[await socket.SendAsync(request, SocketFlags.None, cancellationToken)..];
        }

        int head;
        while ((head = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync(cancellationToken);
        }

        var answer = Head.Parse(buffer.AsSpan(start, head + 2));
        start += head + 4;
        return (answer.Status, answer.Chunked ? await ReadChunksAsync(cancellationToken) : await TakeAsync(answer.Length, cancellationToken));
    }

    /// <inheritdoc />
    public void Dispose() => socket.Dispose();

    private async ValueTask<ReadOnlyMemory<byte>> TakeAsync(int count, CancellationToken cancellationToken)
    {
        while (end - start < count)
        {
            await FillAsync(cancellationToken);
        }

        start += count;
        return buffer.AsMemory(start - count, count);
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadChunksAsync(CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        while (true)
        {
            int line;
            while ((line = buffer.AsSpan(start, end - start).IndexOf("\r\n"u8)) < 0)
            {
                await FillAsync(cancellationToken);
            }

            if (!Utf8Parser.TryParse(buffer.AsSpan(start, line), out int size, out _, 'x'))
            {
                throw new IOException("The answer is cut into chunks, and one has no size.");
            }

            start += line + 2;
            var chunk = await TakeAsync(size + 2, cancellationToken);
            if (size == 0)
            {
                return body.ToArray();
            }

            body.Write(chunk.Span[..size]);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = await socket.ReceiveAsync(buffer.AsMemory(end), SocketFlags.None, cancellationToken);
        end += read > 0 ? read : throw new IOException("The peer closed the connection.");
    }

    private readonly record struct Head(int Status, int Length, bool Chunked)
    {
        public static Head Parse(ReadOnlySpan<byte> head)
        {
            if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
            {
                throw new IOException("The answer is not HTTP/1.1.");
            }

            var (length, chunked) = (0, false);
            foreach (var range in head.Split("\r\n"u8))
            {
                var line = head[range];
                if (StartsWith(line, "content-length:"u8)
                    && !Utf8Parser.TryParse(line["content-length:".Length..].TrimStart((byte)' '), out length, out _))
                {
                    throw new IOException("The answer has a Content-Length that is no number.");
                }

                if (StartsWith(line, "transfer-encoding:"u8))
                {
                    chunked = true;
                }
            }

            return new Head(status, length, chunked);
        }

        private static bool StartsWith(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
            line.Length >= name.Length && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name);
    }
}
