using System.Runtime.CompilerServices;
using Grpc.Core;
using Twin.Contracts.Telemetry.V1;
using Twin.EntityRegistry.Entities;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;
using HistoryClient = Twin.Contracts.Telemetry.V1.History.HistoryClient;

namespace Twin.ScenarioEngine.State;

/// <summary>The twin as it was at a time, asked of the history.</summary>
internal sealed class PastTwin(HistoryClient history)
{
    /// <summary>Reads entities as they were.</summary>
    /// <param name="twin">A base in the past.</param>
    /// <param name="types">The types of which they have at least one; null for all.</param>
    /// <param name="ids">Only these; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="NgsiLdException">OperationNotSupported: this node keeps no history. NonexistentTenant.</exception>
    public async IAsyncEnumerable<EntityDocument> ReadAsync(ScenarioBase twin, IReadOnlyList<int>? types, IReadOnlyCollection<string>? ids, [EnumeratorCancellation] CancellationToken cancel)
    {
        var request = new EntitiesAtRequest { Tenant = twin.Tenant, At = twin.Time };
        request.Types_.AddRange((types ?? []).Select(Terms.Iri));
        request.Ids.AddRange(ids ?? []);
        using var call = history.EntitiesAt(request, cancellationToken: cancel);
        while (await HistoryCalls.NextAsync(call.ResponseStream, twin.Tenant, cancel))
        {
            yield return StoredForm.Read(call.ResponseStream.Current.Json.Memory);
        }
    }
}

/// <summary>What goes wrong in calls to the history, as its callers are told.</summary>
internal static class HistoryCalls
{
    /// <summary>Goes on in a stream.</summary>
    public static async Task<bool> NextAsync<T>(IAsyncStreamReader<T> stream, string tenant, CancellationToken cancel)
    {
        try
        {
            return await stream.MoveNext(cancel);
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.NotFound)
        {
            throw new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no history of the tenant {tenant}.", "NGSILD-Tenant");
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.Unimplemented)
        {
            throw new NgsiLdException(NgsiLdErrorType.OperationNotSupported, "This node keeps no history, so that a scenario begins on the present.", "/base");
        }
        catch (RpcException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
    }
}
