using System.Buffers;
using Microsoft.AspNetCore.Http;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Http;

/// <summary>The body of a request in one rented piece; dispose it when nothing points into it any more.</summary>
internal readonly struct RequestBody : IDisposable
{
    private readonly byte[] _rented;
    private readonly int _length;

    private RequestBody(byte[] rented, int length)
    {
        _rented = rented;
        _length = length;
    }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory => _rented.AsMemory(0, _length);

    /// <summary>
    /// Reads the whole body. Its length was announced (6.3.4 asks for Content-Length, see <see cref="NgsiLdRequest"/>) and is within
    /// the server's limit, which the server enforces while it reads.
    /// </summary>
    /// <exception cref="NgsiLdException">InvalidRequest when it is empty.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext http)
    {
        int announced = (int)Math.Min(http.Request.ContentLength ?? 0, int.MaxValue);
        if (announced == 0)
        {
            throw NgsiLdException.Invalid("The request has no body.");
        }

        // The buffer grows with what arrives, not with what was announced.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(announced, 1 << 20));
        int length = 0;
        try
        {
            while (length < announced)
            {
                if (length == buffer.Length)
                {
                    byte[] grown = ArrayPool<byte>.Shared.Rent(Math.Min(announced, buffer.Length * 2));
                    buffer.AsSpan(0, length).CopyTo(grown);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = grown;
                }

                int read = await http.Request.Body.ReadAsync(buffer.AsMemory(length, Math.Min(buffer.Length, announced) - length), http.RequestAborted);
                if (read == 0)
                {
                    throw NgsiLdException.Invalid("The body ended before its announced length.");
                }

                length += read;
            }

            return new RequestBody(buffer, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Gives the bytes back.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_rented);
}
