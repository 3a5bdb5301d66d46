using Twin.Hosting.Authentication;

namespace Twin.Hosting.Grpc;

/// <summary>Sends a call to where its service is now, and says that it comes from this node.</summary>
internal sealed class ServiceAddressHandler(string service, ServiceAddresses addresses, CallIdentity identity) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (address, appId) = addresses.Find(service);
        request.RequestUri = new Uri(address, request.RequestUri!.AbsolutePath);
        if (appId is not null)
        {
            request.Headers.Add("dapr-app-id", appId);
            if (identity.SidecarToken is { } token)
            {
                request.Headers.Add("dapr-api-token", token);
            }
        }

        if (identity.Current() is { } own)
        {
            request.Headers.Add(InternalIdentity.Header, own);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
