using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Twin.EntityRegistry.Http;

/// <summary>
/// A buffer that a request writes its whole answer into before the first byte leaves, so that the answer has a length
/// and a refusal an untouched response. Buffers are kept and lent again; very large ones are not kept.
/// </summary>
internal static class ResponseBuffer
{
    private const int MostKept = 1 << 20;
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? kept;

    /// <summary>Lends a buffer to this thread until <see cref="SendAsync"/> takes it.</summary>
    public static ArrayBufferWriter<byte> Rent()
    {
        ArrayBufferWriter<byte> buffer = kept ?? new ArrayBufferWriter<byte>(16 * 1024);
        kept = null;
        buffer.ResetWrittenCount();
        return buffer;
    }

    /// <summary>Sends what was written as the body.</summary>
    public static Task SendAsync(HttpContext http, ArrayBufferWriter<byte> buffer)
    {
        http.Response.ContentLength = buffer.WrittenCount;
        http.Response.BodyWriter.Write(buffer.WrittenSpan);
        if (buffer.Capacity <= MostKept)
        {
            kept = buffer;
        }

        // What is not flushed here the server flushes when the handler is done, with the headers, in one write.
        return Task.CompletedTask;
    }
}
