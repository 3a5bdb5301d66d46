using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Federation;

/// <summary>
/// Asks every source that may know more, all at once, and gathers what they said (GS CIM 009 4.3.6, 5.7). No source delays
/// the others, and none delays the answer beyond the request's budget.
/// </summary>
internal sealed class FederatedReader(
    RegistrationDirectory registrations,
    SourceClient client,
    SourceIdentity identity,
    IOptions<FederationOptions> options,
    TimeProvider clock)
{
    private const string WarningHeader = "NGSILD-Warning";
    private const int MostWarnings = 20;
    private const int MostWarningBytes = 4096;

    /// <summary>The sources that may hold what is asked for and may be asked, in the order of their registration.</summary>
    /// <param name="http">The request; one that has come through here before is not sent on (6.3.17).</param>
    /// <param name="tenant">Whose registrations.</param>
    /// <param name="operations">Names of <see cref="RegistrationOperations"/>, of which the source offers one.</param>
    /// <param name="asked">Makes what is asked for; not called where there are no registrations.</param>
    public IReadOnlyList<ContextSourceRegistration> Sources(HttpContext http, Tenant tenant, string[] operations, Func<WantedInformation> asked) =>
        Sources(http, tenant, operations, asked, static source => !source.IsTemporal);

    /// <summary>Whether a tenant has any source at all.</summary>
    public bool HasSources(Tenant tenant) => registrations.Of(tenant).Count > 0;

    /// <summary>
    /// The sources that may hold what is asked for of the past: those whose interval has a part in the time of the request's
    /// parameters, and those without one whose registration says that they offer the operation (5.2.9, 5.12).
    /// </summary>
    public IReadOnlyList<ContextSourceRegistration> TemporalSources(HttpContext http, Tenant tenant, string operation, Func<WantedInformation> asked)
    {
        RegistrationWindow? window = RegistrationWindow.Of(http);
        return Sources(http, tenant, [operation], asked, source => source.IsTemporal ? window?.Touches(source) != false : source.Document.ContainsKey("operations"));
    }

    private List<ContextSourceRegistration> Sources(
        HttpContext http, Tenant tenant, string[] operations, Func<WantedInformation> asked, Func<ContextSourceRegistration, bool> isOfTheTime)
    {
        var all = registrations.Of(tenant);
        if (all.Count == 0 || NgsiLdRequest.Flag(http, "local") || Via.Contains(http.Request, identity.Alias(tenant.Name)))
        {
            return [];
        }

        long now = Timestamps.FromInstant(clock.GetUtcNow());
        WantedInformation wanted = asked();
        var sources = new List<ContextSourceRegistration>();
        foreach (ContextSourceRegistration source in all)
        {
            if (operations.Any(source.Operations.Contains)
                && isOfTheTime(source)
                && !RegistrationDirectory.Expired(source, now)
                && !(source.Alias is { } alias && Via.Contains(http.Request, alias))
                && source.MayHold(wanted))
            {
                sources.Add(source);
            }
        }

        return sources;
    }

    /// <summary>Asks for one entity.</summary>
    public Task<SourceAnswer<EntityNode>[]> RetrieveAsync(HttpContext http, Tenant tenant, IReadOnlyList<ContextSourceRegistration> sources, string id, JsonLdContext context)
    {
        string path = $"/entities/{Uri.EscapeDataString(id).Replace("%3A", ":", StringComparison.Ordinal)}?options=sysAttrs";
        return AskAllAsync(
            http,
            tenant,
            sources,
            context,
            source => path + (source.LocalOnly ? "&local=true" : ""),
            body => EntityParser.ParseEntity(body, context, ParseOptions.Answer));
    }

    /// <summary>Begins a query of several sources.</summary>
    public FederatedQuery Open(HttpContext http, Tenant tenant, IReadOnlyList<ContextSourceRegistration> sources, EntityQuery query, JsonLdContext context, in EvaluationContext evaluation)
    {
        SourceHeaders headers = Headers(http, tenant, context);
        SourceBudget budget = client.NewBudget();
        CancellationToken cancel = http.RequestAborted;
        return new FederatedQuery(
            tenant.Index,
            query,
            context,
            evaluation,
            sources,
            (source, request) => client.AskAsync(source, request, headers, budget, body => FederatedQuery.Read(body, context), cancel),
            options.Value.MostUnordered,
            cancel);
    }

    /// <summary>Asks all sources the same and waits for all.</summary>
    /// <param name="http">The request.</param>
    /// <param name="tenant">Whose request.</param>
    /// <param name="sources">Who is asked.</param>
    /// <param name="context">What names in the answers are compacted with.</param>
    /// <param name="path">The path and query below a source's <c>/ngsi-ld/v1</c>.</param>
    /// <param name="read">Reads an answer's body.</param>
    public Task<SourceAnswer<T>[]> AskAllAsync<T>(
        HttpContext http,
        Tenant tenant,
        IReadOnlyList<ContextSourceRegistration> sources,
        JsonLdContext context,
        Func<ContextSourceRegistration, string> path,
        Func<ReadOnlyMemory<byte>, T> read)
        where T : class =>
        AskAllAsync(
            http, tenant, sources, ReferenceEquals(context, JsonLdContext.Core) ? null : context.LinkHeader, client.NewBudget(), source => new SourceRequest(path(source)), read);

    /// <summary>Asks all sources within a budget that may have begun before, with the @context as a Link header; null for the core one.</summary>
    public Task<SourceAnswer<T>[]> AskAllAsync<T>(
        HttpContext http,
        Tenant tenant,
        IReadOnlyList<ContextSourceRegistration> sources,
        string? link,
        SourceBudget budget,
        Func<ContextSourceRegistration, SourceRequest> request,
        Func<ReadOnlyMemory<byte>, T> read)
        where T : class
    {
        var headers = new SourceHeaders(Via.Append(http.Request, identity.Alias(tenant.Name)), link, http.Request);
        return Task.WhenAll(sources.Select(source => client.AskAsync(source, request(source), headers, budget, read, http.RequestAborted)));
    }

    /// <summary>What is left of the time that a request gives its sources.</summary>
    /// <param name="spent">What it has used up.</param>
    public SourceBudget Budget(TimeSpan spent) => client.NewBudget(spent);

    /// <summary>
    /// Names the sources whose answer is missing (NGSILD-Warning, 6.3.17). Of very many the first are named and the others
    /// counted: a client that reads at most so many headers, or bytes of them, would else lose the whole answer.
    /// </summary>
    public static void Warn(HttpContext http, IEnumerable<string?> warnings)
    {
        int named = 0;
        int length = 0;
        int others = 0;
        foreach (string? warning in warnings)
        {
            if (warning is null)
            {
                continue;
            }

            if (named < MostWarnings && length + warning.Length <= MostWarningBytes)
            {
                http.Response.Headers.Append(WarningHeader, warning);
                named++;
                length += warning.Length;
            }
            else
            {
                others++;
            }
        }

        if (others > 0)
        {
            http.Response.Headers.Append(WarningHeader, $"199 - \"the answers of {others} more sources are missing\"");
        }
    }

    private SourceHeaders Headers(HttpContext http, Tenant tenant, JsonLdContext context) => new(
        Via.Append(http.Request, identity.Alias(tenant.Name)),
        ReferenceEquals(context, JsonLdContext.Core) ? null : context.LinkHeader,
        http.Request);
}
