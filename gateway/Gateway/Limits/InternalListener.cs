using Microsoft.AspNetCore.Http;

namespace Twin.Gateway.Limits;

/// <summary>Tells the listener on which the node's own processes call each other from the public one.</summary>
internal static class InternalListener
{
    /// <summary>The public listener speaks HTTP/1.1, that of gRPC between services HTTP/2 alone.</summary>
    public static bool Is(HttpContext context) => HttpProtocol.IsHttp2(context.Request.Protocol) && !context.Request.IsHttps;
}
