using Microsoft.AspNetCore.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Queries;

/// <summary>The retrieval of one entity as a query: which types it may have and what of it is answered (5.7.1).</summary>
internal static class RetrieveQuery
{
    private static readonly EntityQuery Whole = new();

    /// <summary>Reads the URL parameters.</summary>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter.</exception>
    public static EntityQuery Of(HttpContext http, JsonLdContext context)
    {
        if (!http.Request.QueryString.HasValue)
        {
            return Whole;
        }

        string? type = Get("type");
        LinkedRetrieval join = LinkedRetrieval.Parse(Get("join"), Get("joinLevel"), Get("containedBy"));
        Projection projection = Projection.Parse(Get("pick"), Get("omit"), Get("attrs"), Get("datasetId"), context);
        join.Require(projection.Depth, "pick");
        return new EntityQuery
        {
            Selectors = type is null ? [] : [new EntitySelector(TypeExpression.Parse(type, context), null)],
            Projection = projection,
            Join = join,
            Language = LanguageFilter.Parse(Get("lang")),
            WantsEntityMap = Http.NgsiLdRequest.Flag(http, "entityMap"),
            EntityMapLifetime = EntityQueryParser.ParseLifetime(Get("entityMapLifetime")),
        };

        string? Get(string name) => http.Request.Query[name] is { Count: > 0 } value && value[0] is { Length: > 0 } text ? text : null;
    }
}
