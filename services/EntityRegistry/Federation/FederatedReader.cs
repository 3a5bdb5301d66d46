using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Federation;

/// <summary>
/// Asks every source that may know more, all at once, and gathers what they said (GS CIM 009 4.3.6, 5.7.1, 5.7.2). No
/// source delays the others, and none delays the answer beyond the query's budget.
/// </summary>
internal sealed class FederatedReader(RegistrationDirectory registrations, SourceClient client, SourceIdentity identity, TimeProvider clock)
{
    /// <summary>URL parameters that shape our answer and mean nothing to a source: it is asked for whole, normalized entities.</summary>
    private static readonly string[] Ours =
    [
        "limit", "offset", "count", "pageAfter", "options", "format", "lang", "local", "pick", "omit", "attrs", "geometryProperty",
        "orderBy", "collation", "orderFrom", "orderGeometry", "join", "joinLevel", "containedBy", "entityMap", "entityMapLifetime",
        "datasetId", "splitEntities", "csf",
    ];

    /// <summary>The sources that may hold what is asked for and may be asked, in the order of their registration.</summary>
    /// <param name="http">The request; one that has come through here before is not sent on (6.3.17).</param>
    /// <param name="tenant">Whose registrations.</param>
    /// <param name="operation">A name of <see cref="RegistrationOperations"/>.</param>
    /// <param name="ids">Entity ids that are asked for; empty for any.</param>
    /// <param name="types">Types that are asked for; empty for any.</param>
    /// <param name="attributes">Attributes that are asked for; empty for all.</param>
    public IReadOnlyList<ContextSourceRegistration> Sources(
        HttpContext http,
        Tenant tenant,
        string operation,
        IReadOnlyList<string> ids,
        int[] types,
        int[] attributes)
    {
        var all = registrations.Of(tenant);
        if (all.Count == 0 || NgsiLdRequest.Flag(http, "local") || Via.Contains(http.Request, identity.Alias(tenant.Name)))
        {
            return [];
        }

        long now = Timestamps.FromInstant(clock.GetUtcNow());
        return
        [
            .. all.Where(source =>
                source.Operations.Contains(operation)
                && !RegistrationDirectory.Expired(source, now)
                && !(source.Alias is { } alias && Via.Contains(http.Request, alias))
                && (ids.Count == 0 ? source.MayHold(null, types, attributes) : ids.Any(id => source.MayHold(id, types, attributes)))),
        ];
    }

    /// <summary>Asks for one entity.</summary>
    public Task<SourceAnswer[]> RetrieveAsync(HttpContext http, Tenant tenant, IReadOnlyList<ContextSourceRegistration> sources, string id, JsonLdContext context) =>
        AskAsync(http, tenant, sources, context, source => $"/entities/{Uri.EscapeDataString(id).Replace("%3A", ":", StringComparison.Ordinal)}?options=sysAttrs{Local(source)}", single: true);

    /// <summary>Asks for the entities of a query.</summary>
    /// <param name="http">The request, whose filters are sent on as they came.</param>
    /// <param name="tenant">Whose request.</param>
    /// <param name="sources">Who is asked.</param>
    /// <param name="context">The @context of the query.</param>
    /// <param name="limit">How many entities of each source are wanted at most.</param>
    /// <param name="count">Whether their totals are wanted.</param>
    public Task<SourceAnswer[]> QueryAsync(
        HttpContext http,
        Tenant tenant,
        IReadOnlyList<ContextSourceRegistration> sources,
        JsonLdContext context,
        int limit,
        bool count)
    {
        string filters = string.Concat(http.Request.Query
            .Where(p => !Ours.Contains(p.Key))
            .Select(p => $"&{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(string.Join(',', p.Value!))}"));
        return AskAsync(
            http,
            tenant,
            sources,
            context,
            source => $"/entities?limit={Math.Min(limit, Paging.MostLimit)}&options=sysAttrs{(count ? "&count=true" : "")}{filters}{Local(source)}",
            single: false);
    }

    /// <summary>Names the sources whose answer is missing (NGSILD-Warning, 6.3.17).</summary>
    public static void Warn(HttpContext http, IReadOnlyList<SourceAnswer> answers)
    {
        foreach (SourceAnswer answer in answers)
        {
            if (answer.Warning is { } warning)
            {
                http.Response.Headers.Append("NGSILD-Warning", warning);
            }
        }
    }

    private Task<SourceAnswer[]> AskAsync(
        HttpContext http,
        Tenant tenant,
        IReadOnlyList<ContextSourceRegistration> sources,
        JsonLdContext context,
        Func<ContextSourceRegistration, string> path,
        bool single)
    {
        var headers = new SourceHeaders(
            Via.Append(http.Request, identity.Alias(tenant.Name)),
            ReferenceEquals(context, JsonLdContext.Core) ? null : context.LinkHeader,
            http.Request);
        return Task.WhenAll(sources.Select(source =>
            client.AskAsync(source, path(source), headers, body => Read(body, context, single), http.RequestAborted)));
    }

    private static IReadOnlyList<EntityNode> Read(ReadOnlyMemory<byte> body, JsonLdContext context, bool single)
    {
        if (single)
        {
            return [EntityParser.ParseEntity(body, context, ParseOptions.Answer)];
        }

        // One entity that cannot be read does not spoil the others.
        return [.. EntityParser.ParseEntities(body, context, ParseOptions.Answer).Where(e => e.Entity is not null).Select(e => e.Entity!)];
    }

    private static string Local(ContextSourceRegistration source) => source.LocalOnly ? "&local=true" : "";
}
