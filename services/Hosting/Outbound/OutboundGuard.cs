using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Outbound;

/// <summary>Finds the addresses of a host name.</summary>
/// <param name="host">A name, not an address.</param>
/// <param name="cancellationToken">Cancels.</param>
public delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellationToken);

/// <summary>A call that the node does not make (see <see cref="OutboundOptions"/>). The message is fit for whoever gave the URL.</summary>
public sealed class OutboundRefusedException(string message) : HttpRequestException(message);

/// <summary>
/// Keeps a node from being talked into calling what only it can reach (server-side request forgery). The name is
/// resolved here and the connection made to an address that was checked, so that a name cannot change its mind in
/// between; a redirect is a new connection and is checked again.
/// </summary>
public sealed class OutboundGuard
{
    private readonly OutboundOptions _options;
    private readonly IPNetwork[] _networks;
    private readonly ResolveHost _resolve;

    /// <summary>A guard that asks the system's resolver.</summary>
    public OutboundGuard(IOptions<OutboundOptions> options)
        : this(options.Value, static (host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken))
    {
    }

    /// <summary>A guard with a resolver of its own.</summary>
    public OutboundGuard(OutboundOptions options, ResolveHost resolve)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _networks = [.. options.AllowedNetworks.Select(IPNetwork.Parse)];
        _resolve = resolve;
    }

    /// <summary>A handler whose every connection is guarded. It knows no proxy and keeps no cookies.</summary>
    /// <param name="followRedirects">False where a header must not go to anybody else: a redirect is then an answer like any other.</param>
    public HttpMessageHandler CreateHandler(bool followRedirects = true) => new Unwrapping(new SocketsHttpHandler
    {
        ConnectCallback = ConnectAsync,
        ConnectTimeout = _options.ConnectTimeout,
        AllowAutoRedirect = followRedirects && _options.MaximumRedirects > 0,
        MaxAutomaticRedirections = Math.Max(1, _options.MaximumRedirects),
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = 32,
    });

    /// <summary>Whether an address may be called.</summary>
    public bool Allows(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return AddressRanges.Of(address) switch
        {
            AddressRange.Public => true,
            AddressRange.Loopback => _options.AllowLoopback,
            AddressRange.Private => _options.AllowPrivateNetworks,
            _ => false,
        } || _networks.Any(network => network.Contains(plain));
    }

    /// <summary>
    /// Refuses a URL that could never be called: a scheme that is not allowed, or an address as host that is not. Says
    /// early what a connection would say late; a name is looked up only when the connection is made.
    /// </summary>
    /// <exception cref="OutboundRefusedException">Not http or https, or an address that may not be called.</exception>
    public void Check(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
        {
            throw new OutboundRefusedException($"'{url.Scheme}' URLs are not called.");
        }

        if (IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address))
        {
            CheckAddresses(url, [address]);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Uri url = context.InitialRequestMessage.RequestUri!;
        string host = context.DnsEndPoint.Host;
        IPAddress[] found = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : await _resolve(host, cancellationToken);
        IPAddress[] allowed = CheckAddresses(url, found);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private IPAddress[] CheckAddresses(Uri url, IPAddress[] found)
    {
        IPAddress[] allowed = [.. found.Where(Allows)];
        if (allowed.Length == 0)
        {
            throw new OutboundRefusedException($"'{url.Host}' is not on the public internet, and this node calls nothing else unless {OutboundOptions.Section} allows it.");
        }

        if (url.Scheme == Uri.UriSchemeHttp && !_options.AllowHttp)
        {
            allowed = _options.AllowLoopback ? [.. allowed.Where(a => AddressRanges.Of(a) == AddressRange.Loopback)] : [];
            if (allowed.Length == 0)
            {
                throw new OutboundRefusedException($"'{url.GetLeftPart(UriPartial.Authority)}' is called by https only, unless {OutboundOptions.Section}:AllowHttp is set.");
            }
        }

        return allowed;
    }

    /// <summary>The platform wraps what stops a connection; callers are to see a refusal as what it is.</summary>
    private sealed class Unwrapping(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e) when (e.InnerException is OutboundRefusedException refused)
            {
                throw new OutboundRefusedException(refused.Message);
            }
        }
    }
}
