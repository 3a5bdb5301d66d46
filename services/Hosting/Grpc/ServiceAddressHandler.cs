using System.Globalization;
using Grpc.Core;
using Twin.Hosting.Authentication;

namespace Twin.Hosting.Grpc;

/// <summary>Sends a call to where its service is now, and says that it comes from this node.</summary>
internal sealed class ServiceAddressHandler(string service, ServiceAddresses addresses, CallIdentity identity) : DelegatingHandler
{
    private const string StatusHeader = "grpc-status";
    private static readonly string Unknown = Text(StatusCode.Unknown);
    private static readonly string Internal = Text(StatusCode.Internal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
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

        var response = await base.SendAsync(request, cancellationToken);
        if (appId is not null)
        {
            TellUnreachable(response);
        }

        return response;
    }

    /// <summary>
    /// A sidecar that does not find the service says UNKNOWN or INTERNAL, as if the service had failed at the call. It is
    /// UNAVAILABLE: the call may be made again, and the caller is told to come back. The service's own failures bear its mark.
    /// </summary>
    private static void TellUnreachable(HttpResponseMessage response)
    {
        var headers = response.Headers;
        if (headers.TryGetValues(StatusHeader, out var said) && said.Any(static status => status == Unknown || status == Internal)
            && !headers.Contains(ProblemInterceptor.OwnTrailer))
        {
            headers.Remove(StatusHeader);
            headers.Add(StatusHeader, Text(StatusCode.Unavailable));
        }
    }

    private static string Text(StatusCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);
}
